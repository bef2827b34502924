"""What a provider has given, and nothing has taken yet: a locked vault, a full disk."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tests.engine.signing_in import answer, begin, ended, signed_in
from tokendeck.core.errors import ProviderBusy, StoreUnwritable, VaultLocked
from tokendeck.core.provider import GrantKind
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.engine.rig import Rig

FULL = StoreUnwritable("store", "no space left")


@pytest.fixture
async def shop(rig: Rig) -> str:
    """Give a connection whose refresh token is good for one use."""
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    rig.endpoint.refresh_token = "family"
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    return connection_id


def spent(rig: Rig) -> list[str]:
    return [one.parameters["refresh_token"].reveal() for one in rig.endpoint.sent]  # type: ignore[attr-defined]  # a Text


@pytest.mark.promise(2)
async def test_locking_loses_nothing_that_is_on_the_wire_and_hands_out_nothing(rig: Rig, shop: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(shop, fresh=True))
    await rig.endpoint.arrived.wait()

    rig.engine.lock()
    rig.endpoint.gate.set()
    with pytest.raises(VaultLocked):
        await caller

    assert rig.engine.record(shop).serial == 2
    await rig.engine.unlock()
    kept = await rig.vault.tokens(shop)
    assert kept.refresh_token == Secret("family-1")


@pytest.mark.promise(6)
async def test_nobody_else_may_spend_a_refresh_token_while_the_next_waits_for_the_disk(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    held_while_it_waits = rig.locks.is_held(shop)
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    rig.vault.error = None

    await rig.engine.refresh(shop)

    assert held_while_it_waits
    assert not rig.locks.is_held(shop)
    assert spent(rig) == ["family-0"]


async def test_what_waits_for_the_disk_is_not_called_renewing(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    await rig.engine.load()

    assert rig.engine.record(shop).cut_off_at is not None
    assert not rig.engine.is_renewing(shop)


@pytest.mark.promise(2)
async def test_quitting_saves_what_waited_for_the_disk(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    rig.vault.error = None

    await rig.engine.drain()

    kept = await rig.vault.tokens(shop)
    assert kept.refresh_token == Secret("family-1")
    assert not rig.locks.is_held(shop), "another process may go on"


async def test_quitting_takes_no_lock_from_whoever_is_late_in_saving(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    rig.vault.error = None
    disk_answers = asyncio.Event()
    rig.vault.meanwhile["renew_tokens"] = disk_answers.wait
    late = asyncio.create_task(rig.engine.token(shop, fresh=True))
    await rig.settle()

    await rig.engine.drain(patience_s=0.0)
    held_meanwhile = rig.locks.is_held(shop)
    disk_answers.set()
    await late

    assert held_meanwhile
    assert not rig.locks.is_held(shop)


async def test_quitting_with_a_full_disk_ends_all_the_same(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)

    await rig.engine.drain()

    assert (await rig.ledger.record(shop)).cut_off_at is not None


async def test_what_waits_for_the_disk_goes_with_its_connection(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    rig.vault.error = None

    await rig.engine.delete(shop)
    await rig.advance(11)

    assert not rig.locks.is_held(shop)


async def test_the_background_asks_for_nothing_in_place_of_what_an_edit_has_overtaken(rig: Rig, shop: str) -> None:
    rig.vault.error = FULL
    with pytest.raises(StoreUnwritable):
        await rig.engine.refresh(shop)
    rig.vault.error = None
    await rig.give(shop, "signed in again", refresh_token="another-0")
    rig.engine.start()

    await rig.advance(60, step=4)

    assert spent(rig) == ["family-0"]


@pytest.mark.promise(2)
async def test_a_sign_in_that_is_saved_in_the_middle_is_what_is_refreshed(rig: Rig, shop: str) -> None:
    rig.vault.meanwhile["holding"] = lambda: rig.give(
        shop, "signed in again", refresh_token="another-0", lifetime=timedelta(seconds=30)
    )

    await rig.engine.refresh(shop)

    assert spent(rig) == ["another-0"]


@pytest.mark.promise(23)
async def test_a_refresh_token_whose_access_token_was_discarded_is_tried_until_it_brings_the_next(
    rig: Rig, shop: str
) -> None:
    kept = await rig.vault.tokens(shop)
    await rig.vault.discard_tokens(shop, kept.facts.serial)
    await rig.engine.load()
    without_token = rig.engine.status(shop).word
    rig.endpoint.script = [(503, {})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(shop)
    rig.engine.start()

    await rig.advance(30, step=2)

    assert without_token == "no_token"
    assert rig.engine.status(shop).word == "live"
    assert spent(rig) == ["family-0", "family-0"]


@pytest.mark.promise(6)
async def test_a_lock_is_not_left_behind_where_a_sign_in_waits_for_the_disk_longer(rig: Rig) -> None:
    rig.use(signed_in())
    connection_id = await rig.add("Shop")
    rig.vault.error = FULL
    sign_in = await begin(rig, connection_id)
    rig.listener.come_back(answer(sign_in, code="c"))
    await ended(sign_in)
    with pytest.raises(StoreUnwritable):
        await rig.engine.token(connection_id)

    rig.vault.error = None

    assert (await rig.engine.token(connection_id)).access_token.reveal() == "token-1"
    assert not rig.locks.is_held(connection_id)
