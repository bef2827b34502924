"""
Ten thousand connections in the store: reading or changing one costs no more than among a hundred.

Time says nothing on a machine that does other work as well, so SQLite's own instructions are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crowd import fill
from tests.storage.samples import KEY, MOMENT, NOW, SOME_CALL, SOME_TROUBLE, make_connection, make_tokens
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tokendeck.storage.storage import Storage

FEW, MANY = 100, 10_000
COUNTED_BY = 10
ONE = make_connection("Desk")


async def change_of_one(storage: Storage) -> None:
    (mark,) = await storage._store.read(lambda store: store.execute("SELECT changes FROM tally").fetchone())
    await storage.ledger.set_paused(ONE.id, paused=False)
    assert len((await storage.ledger.changes(mark)).records) == 1


OPERATIONS: dict[str, Callable[[Storage], Awaitable[object]]] = {
    "put": lambda storage: storage.vault.put(ONE, {"clientSecret": Secret("s")}),
    "credentials": lambda storage: storage.vault.credentials(ONE.id),
    "save_tokens": lambda storage: storage.vault.save_tokens(ONE.id, make_tokens()),
    "tokens": lambda storage: storage.vault.tokens(ONE.id),
    "discard_tokens": lambda storage: storage.vault.discard_tokens(ONE.id, 1),
    "forget_tokens": lambda storage: storage.vault.forget_tokens(ONE.id, 1),
    "record": lambda storage: storage.ledger.record(ONE.id),
    "changes": change_of_one,
    "set_paused": lambda storage: storage.ledger.set_paused(ONE.id, paused=True),
    "note_trouble": lambda storage: storage.ledger.note_trouble(ONE.id, SOME_TROUBLE),
    "note_refusal": lambda storage: storage.ledger.note_refusal(ONE.id, SOME_TROUBLE, version=1, serial=1),
    "begin_refresh": lambda storage: storage.ledger.begin_refresh(ONE.id, NOW),
    "end_refresh": lambda storage: storage.ledger.end_refresh(ONE.id),
    "note_call": lambda storage: storage.ledger.note_call(ONE.id, SOME_CALL),
    "history": lambda storage: storage.ledger.history(ONE.id, 30),
    "hide": lambda storage: storage.ledger.hide(ONE.id),
    "unhide": lambda storage: storage.ledger.unhide(ONE.id),
}


async def test_no_statement_walks_through_all_connections(tmp_path: Path) -> None:
    work: dict[str, list[int]] = {name: [] for name in OPERATIONS}
    for count in (FEW, MANY):
        home = tmp_path / str(count)
        fill(home, count, asked_at=MOMENT, origin="https://api.example:443")
        storage = open_storage(home, guard=MemoryGuard(KEY))
        await storage.vault.open()
        for name, operation in OPERATIONS.items():
            work[name].append(await instructions(storage, operation))
        await storage.close()

    grown = {name: (few, many) for name, (few, many) in work.items() if many > few + 100}
    assert grown == {}


async def instructions(storage: Storage, operation: Callable[[Storage], Awaitable[object]]) -> int:
    """Give about how many instructions SQLite's machine runs for an operation."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += COUNTED_BY
        return 0

    def watch(connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(count, COUNTED_BY)

    await storage._store.read(watch)
    await operation(storage)
    return counted
