"""What a provider said while no disk took note of it is heeded all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import ConfigurationRefused, ProviderBusy, StoreUnwritable
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.engine.rig import Rig

REFUSED = (401, {"error": "invalid_client"})
BUSY: tuple[int, dict[str, object], dict[str, str]] = (429, {}, {"retry-after": "120"})
NOTES = ("note_refusal", "note_trouble", "end_refresh")


@pytest.fixture
async def shop(rig: Rig) -> str:
    """A connection whose disk has just become full."""
    connection_id = await rig.add("Shop")
    rig.ledger.methods, rig.ledger.error = NOTES, StoreUnwritable("store", "disk full")
    return connection_id


@pytest.mark.promise(25)
async def test_a_refusal_is_asked_for_once(rig: Rig, shop: str) -> None:
    rig.endpoint.script = [REFUSED]
    for _ in range(3):
        with pytest.raises(ConfigurationRefused):
            await rig.engine.token(shop)
    await rig.engine.load()
    rig.engine.start()
    await rig.advance(3600, step=60)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(shop).word == "needs_attention"


@pytest.mark.promise(27)
async def test_a_pause_that_was_asked_for_is_kept(rig: Rig, shop: str) -> None:
    rig.endpoint.script = [BUSY]
    for _ in range(3):
        with pytest.raises(ProviderBusy):
            await rig.engine.token(shop)
    rig.clock.advance(130)

    await rig.engine.token(shop)

    assert rig.endpoint.mints == 2


async def test_an_edit_ends_it(rig: Rig, shop: str) -> None:
    rig.endpoint.script = [REFUSED]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(shop)
    rig.ledger.methods = ()

    await rig.engine.edit(rig.engine.record(shop).connection, {"client_secret": Secret("better")})
    await rig.engine.token(shop)

    assert rig.endpoint.mints == 2


async def test_what_another_process_brought_meanwhile_counts_more(rig: Rig, shop: str) -> None:
    others = await rig.another_process()
    rig.endpoint.script = [REFUSED]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(shop)

    brought = await others.token(shop)
    await rig.engine.load()

    assert rig.engine.status(shop).word == "live"
    assert (await rig.engine.token(shop)).access_token == brought.access_token


async def test_a_second_word_takes_the_place_of_the_first(rig: Rig, shop: str) -> None:
    rig.endpoint.script = [BUSY, REFUSED]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(shop)
    rig.clock.advance(130)
    for _ in range(2):
        with pytest.raises(ConfigurationRefused):
            await rig.engine.token(shop)

    assert rig.endpoint.mints == 2


async def test_of_a_connection_that_was_deleted_meanwhile_nothing_is_kept(rig: Rig, shop: str) -> None:
    rig.endpoint.script = [REFUSED]
    rig.endpoint.gate = asyncio.Event()
    asking = asyncio.create_task(rig.engine.token(shop))
    await rig.endpoint.arrived.wait()

    await rig.engine.delete(shop)
    rig.endpoint.gate.set()

    with pytest.raises(ConfigurationRefused):
        await asking
    assert rig.engine.records() == ()
