"""Handing out tokens: single flight, the guarantee, saved before announced."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.connection import TroubleKind
from tokendeck.core.errors import (
    BudgetSpent,
    ConfigurationRefused,
    GrantDead,
    HeldByAnother,
    LifetimeTooShort,
    NetworkStep,
    NoSuchConnection,
    OriginNotConfirmed,
    PassingTrouble,
    Paused,
    ProviderBusy,
    SignInNeeded,
    StoreUnwritable,
    UnknownProvider,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
    VaultLocked,
)
from tokendeck.core.provider import GrantKind, RateBudget, RenewalPolicy
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.events import ClockWarning, RecordChanged, VaultChanged
from tokendeck.engine.flights import Flights

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tokendeck.engine.events import Event


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
async def test_two_engines_on_one_store_send_one_request(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    other = await rig.another_process()
    rig.endpoint.gate = asyncio.Event()

    first = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    second = asyncio.create_task(other.token(connection_id))
    rig.endpoint.gate.set()
    tokens = await asyncio.gather(first, second)

    assert rig.endpoint.mints == 1
    assert tokens[0].access_token == tokens[1].access_token


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


async def test_a_good_on_use_mint_clears_the_trouble_before_it(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    await rig.engine.refresh(connection_id)

    assert rig.engine.record(connection_id).trouble is None


@pytest.mark.promise(25)
async def test_a_refused_client_is_not_asked_again_until_an_edit(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client", "error_description": "Invalid client credentials"})]
    for _ in range(3):
        with pytest.raises(ConfigurationRefused) as refusal:
            await rig.engine.token(connection_id)
        assert refusal.value.words == "Invalid client credentials"
    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "needs_attention"

    await rig.engine.edit(rig.engine.record(connection_id).connection, {"client_secret": Secret("better")})
    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-2"


async def test_an_unusable_token_is_remembered_as_that(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [{"access_token": "x", "token_type": "mac"}]

    for _ in range(2):
        with pytest.raises(UnusableToken):
            await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 1


PASSING = [
    (Unreachable("api.example.test", NetworkStep.CONNECT), Unreachable),
    ((503, {"error": "temporarily_unavailable"}), ProviderBusy),
    ((200, {"nothing": True}), UnreadableAnswer),
]


@pytest.mark.promise(23)
@pytest.mark.parametrize(("reply", "expected"), PASSING)
async def test_passing_trouble_keeps_the_token_and_backs_off(
    rig: Rig, reply: object, expected: type[PassingTrouble]
) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.script = [reply]

    with pytest.raises(expected):
        await rig.engine.token(connection_id)
    with pytest.raises(expected) as again:
        await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 2
    assert again.value.retry_after is not None
    assert await rig.engine.kept_token(connection_id) == kept
    assert rig.engine.status(connection_id).word == "waiting"


async def test_a_person_goes_out_at_once_whatever_the_back_off_says(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(503, {})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    tokens = await rig.engine.refresh(connection_id)

    assert tokens.access_token.reveal() == "token-2"
    assert rig.engine.record(connection_id).trouble is None


@pytest.mark.promise(27)
async def test_even_a_person_waits_for_a_retry_after_that_still_runs(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.clock.advance(119)

    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)
    rig.clock.advance(2)
    await rig.engine.refresh(connection_id)

    assert rig.endpoint.mints == 2


async def test_a_wait_that_a_stepped_clock_made_absurd_binds_nobody(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.clock.step_wall(-86400)

    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-2"


async def test_a_rate_budget_is_never_exceeded(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(2, timedelta(seconds=60))))
    connection_id = await rig.add("Shop")
    await rig.engine.refresh(connection_id)
    await rig.engine.refresh(connection_id)

    with pytest.raises(BudgetSpent) as spent:
        await rig.engine.refresh(connection_id)

    assert spent.value.retry_after == timedelta(seconds=60)
    assert rig.engine.budget_left(rig.engine.record(connection_id).connection) == 0
    rig.clock.advance(61)
    await rig.engine.refresh(connection_id)
    assert rig.endpoint.mints == 3


async def test_an_answer_that_says_nothing_remains_shuts_the_origin(rig: Rig) -> None:
    rate = RateBudget(50, timedelta(seconds=60), "x-limit", "X-Left", "X-Reset")
    rig.use(provider(rate=rate))
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(200, {"access_token": "a"}, {"x-left": "0", "x-reset": "30"})]
    await rig.engine.refresh(connection_id)

    with pytest.raises(BudgetSpent) as spent:
        await rig.engine.refresh(connection_id)

    assert spent.value.retry_after == timedelta(seconds=30)


@pytest.mark.promise(29)
async def test_a_server_of_one_second_tokens_is_asked_six_times_a_minute_at_most(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = 1
    for _ in range(6):
        await rig.engine.token(connection_id)
        rig.clock.advance(2)

    with pytest.raises(BudgetSpent):
        await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 6


async def test_no_secret_goes_to_an_origin_that_was_not_confirmed(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=("https://elsewhere.example.test:443",))

    with pytest.raises(OriginNotConfirmed) as refusal:
        await rig.engine.token(connection_id)

    assert refusal.value.origin == "https://api.example.test:443"
    assert rig.endpoint.sent == []


async def test_a_paused_connection_sends_nothing_but_hands_out_what_it_has(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    await rig.engine.set_paused(connection_id, paused=True)

    assert await rig.engine.token(connection_id) == kept
    with pytest.raises(Paused):
        await rig.engine.refresh(connection_id)

    assert rig.engine.status(connection_id).word == "paused"
    assert rig.endpoint.mints == 1


async def test_a_paused_on_use_connection_sends_nothing(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    await rig.engine.set_paused(connection_id, paused=True)

    with pytest.raises(Paused):
        await rig.engine.token(connection_id)


async def test_a_grant_that_needs_a_person_says_so_before_anything_is_sent(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE))
    connection_id = await rig.add("Shop")

    with pytest.raises(SignInNeeded):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "sign_in"
    assert rig.endpoint.sent == []


async def test_a_refresh_token_is_spent_and_an_absent_new_one_keeps_the_old(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")

    tokens = await rig.engine.refresh(connection_id)

    assert rig.endpoint.sent[0].parameters["refresh_token"].reveal() == "family-0"  # type: ignore[attr-defined]  # a Text
    assert tokens.refresh_token == Secret("family-0")


@pytest.mark.promise(24)
async def test_a_dead_grant_is_asked_once_and_keeps_its_token(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.clock.advance(3601)
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    for _ in range(3):
        with pytest.raises(GrantDead):
            await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "sign_in"
    kept = await rig.engine.kept_token(connection_id)
    assert kept is not None
    assert kept.access_token.reveal() == "first"


async def test_a_dead_refresh_token_gives_way_to_a_mint_where_no_person_is_needed(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.CLIENT_CREDENTIALS, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    tokens = await rig.engine.refresh(connection_id)

    assert ["refresh_token" in request.parameters for request in rig.endpoint.sent] == [True, False]
    assert tokens.access_token
    assert rig.engine.status(connection_id).word == "live"


async def test_a_refused_mint_is_not_asked_again_without_a_refresh_token(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    with pytest.raises(ConfigurationRefused):
        await rig.engine.refresh(connection_id)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "needs_attention"


@pytest.mark.promise(1)
async def test_a_secret_that_the_provider_repeats_is_masked_before_it_is_kept(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    words = "no client with s3cret"
    rig.endpoint.script = [(401, {"error": "invalid_client", "error_description": words})]

    with pytest.raises(ConfigurationRefused):
        await rig.engine.refresh(connection_id)

    trouble = rig.engine.record(connection_id).trouble
    assert trouble is not None
    assert trouble.words.startswith("no client with ")
    assert "s3cret" not in trouble.words


@pytest.mark.promise(2)
async def test_a_refresh_whose_answer_never_came_is_known_as_cut_off(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [Unreachable("api.example.test", NetworkStep.ANSWER, timed_out=True)]

    with pytest.raises(Unreachable):
        await rig.engine.refresh(connection_id)

    assert rig.engine.record(connection_id).cut_off_at is not None
    await rig.engine.refresh(connection_id)
    assert rig.engine.record(connection_id).cut_off_at is None


async def test_passing_trouble_does_not_wake_a_stopped_connection(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"}), (503, {})]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)

    trouble = rig.engine.record(connection_id).trouble
    assert trouble is not None
    assert trouble.kind is TroubleKind.NEEDS_ATTENTION


async def test_a_clock_that_is_off_raises_a_warning(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(200, {"access_token": "a"}, {"date": "Fri, 20 Nov 2026 12:05:00 GMT"})]

    await rig.engine.token(connection_id)

    warnings = [event for event in rig.events if isinstance(event, ClockWarning)]
    assert [round(one.offset_s) for one in warnings] == [300]


async def test_a_locked_vault_hands_out_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)

    rig.engine.lock()

    assert rig.engine.status(connection_id).word == "locked"
    with pytest.raises(VaultLocked):
        await rig.engine.token(connection_id)


async def test_unknown_ids_and_names_are_told(rig: Rig) -> None:
    await rig.add("Web shop")

    with pytest.raises(NoSuchConnection):
        await rig.engine.token("nobody")
    with pytest.raises(NoSuchConnection):
        await rig.engine.set_paused("nobody", paused=True)
    with pytest.raises(NoSuchConnection) as near:
        rig.engine.find("web shp")

    assert near.value.near == ("Web shop",)
    assert rig.engine.find(" WEB SHOP ").connection.name == "Web shop"


async def test_a_connection_deleted_elsewhere_is_let_go_of(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.ledger.purge(connection_id)

    with pytest.raises(NoSuchConnection):
        await rig.engine.token(connection_id)

    assert rig.engine.records() == ()


async def test_renewing_is_announced_when_a_flight_takes_off_and_when_it_lands(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    words = []
    rig.engine.subscribe(
        lambda event: words.append(rig.engine.status(connection_id).word) if isinstance(event, RecordChanged) else None
    )

    await rig.engine.token(connection_id)

    assert words[0] == "renewing"
    assert words[-1] == "live"


async def test_a_listener_that_raises_keeps_nobody_else_from_hearing(
    rig: Rig, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.engine.roster", "a listener of the engine raised")
    connection_id = await rig.add("Shop")
    heard: list[Event] = []

    def raises(_: object) -> None:
        raise ZeroDivisionError

    unsubscribe = rig.engine.subscribe(raises)
    rig.engine.subscribe(heard.append)
    await rig.engine.set_paused(connection_id, paused=True)
    unsubscribe()

    assert heard


async def test_an_unknown_provider_is_told_by_name(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.use(provider(provider_id="other"))

    with pytest.raises(UnknownProvider):
        await rig.engine.token(connection_id)


async def test_the_engine_reads_the_clock_and_the_descriptors_for_whoever_shows_them(rig: Rig) -> None:
    connection = rig.engine.record(await rig.add("Shop")).connection

    assert rig.engine.now() == rig.clock.now()
    assert rig.engine.provider(connection).name == "Acme"
    assert rig.engine.grant(connection).id == "main"
    assert rig.engine.vault_state == rig.vault.state
    assert rig.engine.budget_left(connection) is None


async def test_a_passphrase_opens_the_vault_and_that_is_announced(rig: Rig) -> None:
    rig.engine.lock()

    state = await rig.engine.unlock_with_passphrase(Secret("correct horse"))

    assert isinstance(state, VaultOpen)
    assert rig.events[-1] == VaultChanged(state)


async def test_quitting_does_not_wait_for_ever(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()

    await rig.engine.drain(patience_s=0)

    assert not caller.done()
    record = await rig.ledger.record(connection_id)
    assert record.cut_off_at is not None
    rig.endpoint.gate.set()
    await caller


async def test_a_cancelled_flight_lands_without_a_word() -> None:
    landed: list[str] = []
    flights: Flights[None] = Flights(landed.append)
    started = asyncio.Event()

    async def fly() -> None:
        started.set()
        await asyncio.Event().wait()

    waiter = asyncio.create_task(flights.join("one", fly))
    await started.wait()
    next(task for task in asyncio.all_tasks() if task.get_name() == "refresh one").cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert landed == ["one", "one"]
    assert "one" not in flights
