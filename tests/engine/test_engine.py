"""What the engine tells those around it, and how it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import (
    KeyLost,
    NoSuchConnection,
    StoreUnwritable,
    UnknownProvider,
    VaultLocked,
    WrongPassphrase,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut
from tokendeck.engine.events import ClockWarning, RecordRemoved, StatusChanged, VaultChanged
from tokendeck.engine.flights import Flights
from tokendeck.storage.records import read_listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tokendeck.engine.events import Event


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
    await rig.ledger.hide(connection_id)

    with pytest.raises(NoSuchConnection):
        await rig.engine.token(connection_id)

    assert rig.engine.records() == ()


async def test_renewing_is_announced_when_a_flight_takes_off_and_when_it_lands(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    words = []
    rig.engine.subscribe(
        lambda event: words.append(rig.engine.status(connection_id).word) if isinstance(event, StatusChanged) else None
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


async def test_nothing_is_called_locked_while_the_vault_is_being_opened(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.engine.lock()
    seen: list[tuple[object, object, str]] = []
    rig.engine.subscribe(
        lambda event: seen.append((event, rig.engine.vault_state, rig.engine.status(connection_id).word))
    )

    opening = rig.engine.unlock()
    asked = rig.engine.vault_state
    state = await opening

    assert asked == VaultOpening()
    assert seen == [
        (VaultChanged(VaultOpening()), VaultOpening(), "no_token"),
        (VaultChanged(state), state, "no_token"),
    ]


async def test_a_wrong_passphrase_is_announced_as_a_vault_that_stays_shut(rig: Rig) -> None:
    rig.engine.lock()
    rig.events.clear()
    rig.vault.methods, rig.vault.error = ("open_with_passphrase",), WrongPassphrase()

    with pytest.raises(WrongPassphrase):
        await rig.engine.unlock_with_passphrase(Secret("incorrect"))

    assert rig.events == [VaultChanged(rig.engine.vault_state)]
    assert isinstance(rig.engine.vault_state, VaultShut)


@pytest.mark.parametrize("refresh_token", ["family-0", None])
async def test_quitting_does_not_wait_for_ever(rig: Rig, refresh_token: str | None) -> None:
    rig.use(provider(refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token=refresh_token)
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id, fresh=True))
    await rig.endpoint.arrived.wait()

    await rig.engine.drain(patience_s=0)

    assert not caller.done()
    record = await rig.ledger.record(connection_id)
    assert (record.cut_off_at is not None) == (refresh_token is not None), "only a refresh token can be spent unseen"
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


async def test_a_vault_whose_key_is_another_one_stays_shut(rig: Rig) -> None:
    await rig.add("Shop")

    other = await rig.another_process(key=b"x" * 32)

    assert isinstance(other.vault_state, VaultShut)
    assert isinstance(other.vault_state.why, KeyLost)
    assert [record.connection.name for record in other.records()] == ["Shop"]


async def test_a_vault_whose_key_is_lost_makes_way_for_an_empty_one(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    other = await rig.another_process(key=b"x" * 32)
    events: list[Event] = []
    other.subscribe(events.append)

    kept_as = await other.door.start_anew()
    state = other.vault_state
    again = await other.door.start_anew()

    assert kept_as is not None
    assert [one.connection.name for one in read_listing(Path(kept_as)).values()] == ["Shop"]
    assert isinstance(state, VaultOpen)
    assert other.records() == ()
    assert events == [RecordRemoved(connection_id), VaultChanged(VaultOpening()), VaultChanged(state)]
    assert again is None


async def test_a_store_that_cannot_be_read_keeps_the_vault_shut_until_it_can(rig: Rig) -> None:
    unreadable = StoreUnwritable("store", "gone")
    rig.ledger.error = unreadable

    shut = await rig.engine.unlock()
    rig.ledger.error = None
    opened = await rig.engine.unlock()

    assert shut == VaultShut(unreadable)
    assert isinstance(opened, VaultOpen)
