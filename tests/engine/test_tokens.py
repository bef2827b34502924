"""Handing out tokens: single flight, the guarantee, saved before announced."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import ConfigurationRefused, HeldByAnother, LifetimeTooShort, ProviderBusy, StoreUnwritable
from tokendeck.core.provider import GrantKind, RenewalPolicy

if TYPE_CHECKING:
    from tests.engine.rig import Rig


async def test_a_first_token_is_minted_saved_and_handed_out(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-1"
    assert tokens.facts.serial == 1
    saved = await rig.vault.tokens(connection_id)
    assert saved == tokens
    assert rig.engine.status(connection_id).word == "live"


async def test_a_good_token_is_handed_out_again_without_a_request(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    first = await rig.engine.token(connection_id)

    second = await rig.engine.token(connection_id)

    assert second == first
    assert rig.endpoint.mints == 1


async def test_fresh_asks_for_a_new_token_in_any_case(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)

    fresh = await rig.engine.token(connection_id, fresh=True)

    assert fresh.access_token.reveal() == "token-2"


@pytest.mark.promise(6)
async def test_fresh_is_no_token_that_another_process_had_fetched_before(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    other = await rig.another_process()
    await other.token(connection_id)
    rig.clock.advance(1)

    tokens = await rig.engine.token(connection_id, fresh=True)

    assert tokens.access_token.reveal() == "token-2"


async def test_a_hundred_callers_at_expiry_share_one_request(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.gate = asyncio.Event()
    rig.endpoint.arrived.clear()

    callers = [asyncio.create_task(rig.engine.token(connection_id)) for _ in range(100)]
    await rig.endpoint.arrived.wait()
    rig.endpoint.gate.set()
    tokens = await asyncio.gather(*callers)

    assert rig.endpoint.mints == 2
    assert {one.access_token.reveal() for one in tokens} == {"token-2"}


@pytest.mark.promise(6)
@pytest.mark.parametrize("fresh", [False, True])
async def test_two_engines_on_one_store_send_one_request(rig: Rig, fresh: bool) -> None:  # noqa: FBT001 - a parameter
    connection_id = await rig.add("Shop")
    other = await rig.another_process()
    rig.endpoint.gate = asyncio.Event()

    first = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    rig.clock.advance(1)
    second = asyncio.create_task(other.token(connection_id, fresh=fresh))
    await rig.settle()
    rig.endpoint.gate.set()
    tokens = await asyncio.gather(first, second)

    assert rig.endpoint.mints == 1
    assert tokens[0].access_token == tokens[1].access_token


async def test_whoever_wants_more_than_another_process_fetched_gets_a_request_of_their_own(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    other = await rig.another_process()
    rig.endpoint.gate = asyncio.Event()
    rig.endpoint.arrived.clear()
    elsewhere = asyncio.create_task(other.token(connection_id))
    await rig.endpoint.arrived.wait()

    modest = asyncio.create_task(rig.engine.token(connection_id))
    await rig.settle()
    demanding = asyncio.create_task(rig.engine.token(connection_id, min_valid=timedelta(seconds=3590)))
    await rig.settle()
    rig.clock.advance(60)
    rig.endpoint.gate.set()

    assert (await modest).access_token == (await elsewhere).access_token
    assert (await demanding).access_token.reveal() == "token-3"
    assert rig.endpoint.mints == 3


async def test_a_lock_that_another_process_keeps_means_try_later(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.locks.taken.add(connection_id)

    with pytest.raises(HeldByAnother):
        await rig.engine.token(connection_id)

    assert rig.endpoint.sent == []


@pytest.mark.promise(7)
async def test_cancelling_every_waiter_cancels_no_refresh(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    waiters = [asyncio.create_task(rig.engine.token(connection_id)) for _ in range(3)]
    await rig.endpoint.arrived.wait()

    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    rig.endpoint.gate.set()
    await rig.engine.drain()

    saved = await rig.vault.tokens(connection_id)
    assert saved is not None
    assert saved.access_token.reveal() == "token-1"


@pytest.mark.promise(7)
async def test_random_cancellations_lose_no_token(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    chance = random.Random(7)  # noqa: S311 - repeatable, guards nothing
    for _ in range(60):
        caller = asyncio.create_task(rig.engine.token(connection_id, fresh=True))
        for _ in range(chance.randrange(12)):
            await rig.ledger.records()
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await rig.settle()

    await rig.engine.drain()

    assert rig.endpoint.mints > 10
    saved = await rig.vault.tokens(connection_id)
    assert saved is not None
    assert saved.facts.serial == rig.endpoint.mints
    assert saved.access_token.reveal() == f"token-{rig.endpoint.mints}"


@pytest.mark.promise(2)
async def test_nobody_sees_a_token_before_it_is_durable(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.vault.error = StoreUnwritable("store", "no space left")

    with pytest.raises(StoreUnwritable):
        await rig.engine.token(connection_id)

    assert rig.engine.record(connection_id).token is None


async def test_a_token_that_a_full_disk_refused_is_saved_when_the_disk_takes_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.vault.error = StoreUnwritable("store", "no space left")
    with pytest.raises(StoreUnwritable):
        await rig.engine.token(connection_id)
    rig.vault.error = None

    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-1"
    assert rig.endpoint.mints == 1


@pytest.mark.promise(2)
async def test_what_waited_for_the_disk_until_it_had_expired_is_renewed_by_its_own_refresh_token(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    rig.endpoint.refresh_token = "family"
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.vault.error = StoreUnwritable("store", "no space left")
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(connection_id)
    rig.vault.error = None
    rig.clock.advance(3601)

    tokens = await rig.engine.token(connection_id)

    spent = [one.parameters["refresh_token"].reveal() for one in rig.endpoint.sent]  # type: ignore[attr-defined]  # a Text
    assert spent == ["family-0", "family-1"]
    assert await rig.vault.tokens(connection_id) == tokens


async def test_a_token_is_good_for_as_long_as_was_asked(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3000)

    tokens = await rig.engine.token(connection_id, min_valid=timedelta(seconds=700))

    assert tokens.access_token.reveal() == "token-2"


async def test_asking_for_more_than_a_lifetime_mints_once_and_is_refused(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    with pytest.raises(LifetimeTooShort) as refusal:
        await rig.engine.token(connection_id, min_valid=timedelta(hours=2))

    assert refusal.value.asked == timedelta(hours=2)
    assert refusal.value.given == timedelta(hours=1)
    assert rig.endpoint.mints == 1
    assert rig.engine.record(connection_id).serial == 1


async def test_a_token_dead_on_arrival_is_not_handed_out(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = 0

    with pytest.raises(LifetimeTooShort):
        await rig.engine.token(connection_id)


async def test_on_use_connections_mint_for_every_use_and_keep_nothing(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")

    first, second = await rig.engine.token(connection_id), await rig.engine.token(connection_id)

    assert first.access_token != second.access_token
    assert await rig.engine.kept_token(connection_id) is None
    assert rig.engine.status(connection_id).word == "on_demand"
    assert rig.engine.record(connection_id).cut_off_at is None


@pytest.mark.promise(27)
async def test_what_waits_for_its_turn_heeds_a_pause_that_was_asked_for_meanwhile(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Shop")
    rig.endpoint.weather = lambda: (429, {}, {"retry-after": "120"})

    ended = await asyncio.gather(*(rig.engine.token(connection_id) for _ in range(4)), return_exceptions=True)

    assert [type(one) for one in ended] == [ProviderBusy] * 4
    assert rig.endpoint.mints == 2


async def test_a_good_on_use_mint_clears_the_trouble_before_it(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    await rig.engine.refresh(connection_id)

    assert rig.engine.record(connection_id).trouble is None


async def test_what_is_asked_for_one_use_is_under_way_and_not_cut_off(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    rig.endpoint.gate = asyncio.Event()

    asking = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    await rig.engine.load()
    word = rig.engine.status(connection_id).word
    rig.endpoint.gate.set()
    await asking

    assert word == "renewing"
    assert rig.engine.status(connection_id).word == "on_demand"
    assert rig.engine.record(connection_id).cut_off_at is None
