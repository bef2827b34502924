"""Changes that wait at the same time become durable together, and each is answered for itself."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import NOW, SOME_CALL, make_connection, make_tokens, start
from tokendeck.core.errors import NameTaken, NoSuchConnection
from tokendeck.core.secret import Secret
from tokendeck.storage.store import MOST_TOGETHER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Coroutine
    from pathlib import Path

    from tokendeck.storage.storage import Storage

STATEMENTS = {"BEGIN IMMEDIATE": "begun", "COMMIT": "kept", "ROLLBACK": "undone"}


class Held:
    """A store whose thread is kept busy until everything is queued; notes what becomes of its transactions."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.seen: list[str] = []

    async def all_at_once(self, *work: Coroutine[object, object, object]) -> list[object]:
        may_go_on = threading.Event()

        def hold(connection: sqlite3.Connection) -> None:
            may_go_on.wait()
            connection.set_trace_callback(self._note)

        held = asyncio.create_task(self._storage._store._run(hold, None))
        queued = [asyncio.create_task(one) for one in work]
        await asyncio.sleep(0)
        may_go_on.set()
        await held
        return await asyncio.gather(*queued, return_exceptions=True)

    def _note(self, statement: str) -> None:
        if statement in STATEMENTS:
            self.seen.append(STATEMENTS[statement])


async def test_what_waits_at_the_same_time_is_one_transaction(storage: Storage) -> None:
    connections = [make_connection(f"Shop {number}") for number in range(4)]
    for connection in connections:
        await storage.vault.put(connection, {"a": Secret("1")})
    held = Held(storage)

    saved = await held.all_at_once(
        *(storage.vault.save_tokens(one.id, make_tokens(f"of {one.name}")) for one in connections)
    )

    assert held.seen == ["begun", "kept"]
    assert saved == [await storage.vault.tokens(one.id) for one in connections]


async def test_one_that_fails_costs_the_others_nothing(storage: Storage) -> None:
    shop, office = make_connection("Shop"), make_connection("Office")
    for connection in (shop, office):
        await storage.vault.put(connection, {})
    held = Held(storage)

    came = await held.all_at_once(
        storage.vault.save_tokens(shop.id, make_tokens("of the shop")),
        storage.vault.save_tokens("nobody", make_tokens()),
        storage.vault.put(make_connection("SHOP"), {}),
        storage.ledger.note_call(office.id, SOME_CALL),
    )

    assert held.seen == ["begun", "undone", "begun", "kept", "begun", "undone", "begun", "undone", "begun", "kept"]
    assert [type(one) for one in came[1:3]] == [NoSuchConnection, NameTaken]
    assert came[0] == await storage.vault.tokens(shop.id)
    assert await storage.ledger.history(office.id, 9) == (SOME_CALL,)


async def test_a_crowd_is_parted_so_that_readers_need_not_wait_for_all_of_it(storage: Storage) -> None:
    connection = make_connection()
    await storage.vault.put(connection, {})
    held = Held(storage)

    await held.all_at_once(
        *(storage.ledger.begin_refresh(connection.id, NOW) for _ in range(2 * MOST_TOGETHER)),
        storage.ledger.end_refresh(connection.id),
    )

    assert held.seen == ["begun", "kept"] * 3
    record = await storage.ledger.record(connection.id)
    assert record is not None
    assert record.cut_off_at is None


@pytest.mark.promise(2)
async def test_nothing_is_said_to_be_saved_before_all_of_it_is_durable(storage: Storage, store_home: Path) -> None:
    connections = [make_connection(f"Shop {number}") for number in range(3)]
    for connection in connections:
        await storage.vault.put(connection, {})
    seen_by_others: list[object] = []
    another = await start(store_home)

    async def save(connection_id: str) -> None:
        await storage.vault.save_tokens(connection_id, make_tokens())
        seen_by_others.append(await another.vault.tokens(connection_id))

    await Held(storage).all_at_once(*(save(one.id) for one in connections))

    assert all(seen_by_others)
    assert len(seen_by_others) == 3
    await another.close()
