"""The background and what changes under it: edits, locks, deletions, other processes, the end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import NameTaken, NoSuchConnection, ProviderBusy, StoreUnwritable, VaultLocked
from tokendeck.core.provider import GrantKind
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut
from tokendeck.engine.events import RecordAdded, RecordRemoved, VaultChanged

if TYPE_CHECKING:
    from tests.engine.rig import Rig


async def test_pausing_stops_renewal_and_resuming_starts_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    await rig.engine.set_paused(connection_id, paused=True)
    rig.engine.start()
    await rig.advance(3601, step=100)
    assert rig.endpoint.mints == 1

    await rig.engine.set_paused(connection_id, paused=False)
    await rig.advance(4)

    assert rig.endpoint.mints == 2


async def test_what_another_process_changed_is_noticed(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    other = await rig.another_process()
    rig.engine.start()
    await rig.settle()

    tokens = await other.refresh(connection_id)
    added = replace(rig.engine.record(connection_id).connection, id="f" * 32, name="New")
    await other.add(added, {})
    await rig.advance(4)

    record = rig.engine.record(connection_id)
    assert record.token == tokens.facts
    assert rig.engine.find("new").connection == added


async def test_a_store_that_does_not_answer_does_not_stop_the_schedule(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.ledger.error = StoreUnwritable("store", "gone")
    rig.engine.start()

    await rig.advance(3400, step=100)

    assert rig.endpoint.mints == 2


async def test_locking_stops_renewal_and_unlocking_starts_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.lock()
    rig.engine.start()
    await rig.advance(3601, step=100)
    assert rig.endpoint.mints == 1

    state = await rig.engine.unlock()
    await rig.advance(4)

    assert isinstance(state, VaultOpen)
    assert rig.endpoint.mints == 2
    states = [event.state for event in rig.events if isinstance(event, VaultChanged)]
    assert [type(one) for one in states[-3:]] == [VaultShut, VaultOpening, VaultOpen]


async def test_the_next_renewal_is_known(rig: Rig) -> None:
    assert rig.engine.next_renewal() is None
    connection_id = await rig.add("Shop")

    await rig.engine.token(connection_id)

    next_one = rig.engine.next_renewal()
    assert next_one is not None
    assert next_one[0] == connection_id
    assert next_one[1] == pytest.approx(3600 - 315)
    rig.engine.lock()
    assert rig.engine.next_renewal() is None


async def test_deleting_can_be_undone_for_ten_seconds(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    await rig.engine.delete(connection_id)
    assert rig.engine.records() == ()
    await rig.advance(9)

    await rig.engine.undo_delete(connection_id)
    await rig.advance(9)

    assert await rig.engine.token(connection_id) == kept
    kinds = [type(event) for event in rig.events]
    assert RecordRemoved in kinds
    assert kinds.index(RecordAdded) < kinds.index(RecordRemoved)


async def test_a_deletion_is_carried_out_after_ten_seconds(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)

    await rig.advance(11)

    with pytest.raises(NoSuchConnection):
        await rig.engine.undo_delete(connection_id)


async def test_an_undo_that_the_store_refuses_leaves_the_deletion_to_be_carried_out(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)
    namesake = await rig.add("Shop")
    with pytest.raises(NameTaken):
        await rig.engine.undo_delete(connection_id)

    await rig.advance(11)

    assert await rig.ledger.record(namesake) is not None
    with pytest.raises(NoSuchConnection):
        await rig.ledger.unhide(connection_id)


async def test_an_undo_that_is_heard_as_the_time_ends_brings_the_connection_back_for_good(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)
    await rig.settle()
    undoing = asyncio.create_task(rig.engine.undo_delete(connection_id))
    await asyncio.sleep(0)  # it has asked the store

    rig.clock.advance(11)
    await undoing
    await rig.settle()

    assert await rig.ledger.record(connection_id) is not None


async def test_an_undo_refused_of_what_another_process_hid_leaves_it_to_that_one(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.ledger.hide(connection_id)
    await rig.engine.load()
    await rig.add("Shop")

    with pytest.raises(NameTaken):
        await rig.engine.undo_delete(connection_id)
    await rig.advance(11)

    with pytest.raises(NameTaken):
        await rig.ledger.unhide(connection_id)


async def test_quitting_carries_deletions_out_at_once(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.delete(connection_id)

    await rig.engine.drain()

    with pytest.raises(NoSuchConnection):
        await rig.ledger.unhide(connection_id)


async def test_quitting_waits_for_an_answer_on_the_wire_and_saves_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    rig.engine.start()

    draining = asyncio.create_task(rig.engine.drain())
    await rig.settle()
    assert not draining.done()
    rig.endpoint.gate.set()
    await draining

    saved = await rig.vault.tokens(connection_id)
    assert saved is not None
    assert (await caller) == saved


async def test_the_status_of_a_waiting_connection_counts_down_to_its_retry(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(503, {}, {"retry-after": "40"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    trouble = rig.engine.record(connection_id).trouble

    assert trouble is not None
    assert trouble.retry_at is not None
    assert trouble.retry_at - rig.clock.wall >= timedelta(seconds=40)


async def test_a_vault_that_shuts_in_the_middle_is_tried_again_later(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3400)
    rig.vault.error = VaultLocked()
    rig.engine.start()
    await rig.advance(4)
    rig.vault.error = None

    await rig.advance(20, step=4)

    assert rig.endpoint.mints == 2
    assert rig.engine.record(connection_id).serial == 2


async def test_a_connection_of_an_unknown_provider_is_never_due(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.use(provider(provider_id="other"))
    rig.engine.start()

    await rig.advance(4000, step=100)

    assert rig.endpoint.mints == 1


async def test_undoing_in_another_process_brings_a_connection_back_too(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.ledger.hide(connection_id)
    await rig.engine.load()

    await rig.engine.undo_delete(connection_id)
    await rig.ledger.purge("unknown")

    assert rig.engine.record(connection_id).connection.name == "Shop"


@pytest.mark.parametrize(
    "edit",
    [
        {"values": {"client_id": "another"}},
        {"overrides": {"base_url": "https://sandbox.example.test"}},
        {"provider": "gone"},
    ],
    ids=["account", "place", "provider"],
)
async def test_a_token_of_other_settings_is_used_for_these_no_more(rig: Rig, edit: dict[str, Any]) -> None:
    rig.use(provider(refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "of the old account", refresh_token="of the old account, too")
    before = rig.engine.record(connection_id).connection

    await rig.engine.edit(replace(before, **edit), {})

    assert await rig.vault.tokens(connection_id) is None
    assert rig.engine.record(connection_id).token is None


async def test_a_new_name_a_pause_or_a_rotated_secret_keep_the_token(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "kept", refresh_token="family-0")
    before = rig.engine.record(connection_id).connection

    await rig.engine.edit(replace(before, name="Web shop", paused=True), {"client_secret": Secret("rotated")})

    kept = await rig.vault.tokens(connection_id)
    assert kept is not None
    assert kept.refresh_token == Secret("family-0")


async def test_a_connection_deleted_while_its_token_is_asked_for_stays_away(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    await rig.engine.delete(connection_id)

    rig.endpoint.gate.set()
    await caller

    assert rig.engine.records() == ()
    await rig.engine.undo_delete(connection_id)
    assert rig.engine.record(connection_id).serial == 1


@pytest.mark.parametrize("reply", [{"access_token": "late"}, (503, {})])
async def test_an_edit_made_while_a_token_is_asked_for_stays_known(rig: Rig, reply: object) -> None:
    connection_id = await rig.add("Shop")
    before = rig.engine.record(connection_id).connection
    rig.endpoint.gate = asyncio.Event()
    rig.endpoint.script = [reply]
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    await rig.engine.edit(replace(before, name="Web shop"), {})

    rig.endpoint.gate.set()
    with suppress(ProviderBusy):
        await caller

    assert rig.engine.record(connection_id).connection.name == "Web shop"
