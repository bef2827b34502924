"""What may be known of connections while the vault is locked."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from tokendeck.core.changes import Changes
from tokendeck.core.errors import NameTaken, NoSuchConnection
from tokendeck.storage.records import RECORD, call_row, no_collection, to_call, to_record, to_records, trouble_text
from tokendeck.storage.sealed_rows import SETTINGS

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from tokendeck.core.connection import CallFacts, ConnectionRecord, Trouble
    from tokendeck.storage.lock_files import LockFile
    from tokendeck.storage.locks import FileLocks
    from tokendeck.storage.store import Store

LONGEST_HISTORY = 200
WORKS = "works"
"""`VerdictKind.WORKS`, whose module is slow to import."""


class FileLedger:
    """
    The engine's `Ledger` in the store's file.

    Notes about a connection that is gone are dropped in silence: they come from work that was on its way when it went.
    """

    def __init__(self, store: Store, locks: FileLocks) -> None:
        """Read and write `store`; `locks` tell whether the process that hid a connection still lives."""
        self._store = store
        self._locks = locks
        self._process = uuid.uuid4().hex
        self._presence: LockFile | None = None

    async def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all connections that are not deleted, in order of their names without regard to case."""
        return await self._store.read(lambda connection: tuple(to_records(connection)))

    async def record(self, connection_id: str) -> ConnectionRecord | None:
        """Give one, read anew; None where it is gone."""

        def read(connection: sqlite3.Connection) -> ConnectionRecord | None:
            query = f"{RECORD} AND id = ?"
            row = connection.execute(query, (connection_id,)).fetchone()
            return None if row is None else to_record(row)

        return await self._store.read(read)

    async def changes(self, since: int) -> Changes:
        """Give what has changed since a mark that this gave before; everything since 0. Own changes count as well."""

        def read(connection: sqlite3.Connection) -> Changes:
            mark, departed = connection.execute("SELECT changes, departed FROM tally").fetchone()
            if mark == since:
                return Changes(mark)
            changed = connection.execute(f"{RECORD} AND change > ?", (since,))
            with no_collection():
                records = tuple(map(to_record, changed))
            if departed <= since:
                return Changes(mark, records)
            remaining = connection.execute("SELECT id FROM connections WHERE hidden_by IS NULL")
            return Changes(mark, records, frozenset(found for (found,) in remaining))

        return await self._store.read(read)

    async def set_paused(self, connection_id: str, *, paused: bool) -> None:
        """Pause or resume."""
        await self._update("paused = ?", paused, connection_id)

    async def note_trouble(self, connection_id: str, trouble: Trouble | None) -> None:
        """Keep why there is no new token; None clears it."""
        await self._update("trouble = ?", None if trouble is None else trouble_text(trouble), connection_id)

    async def note_refusal(self, connection_id: str, trouble: Trouble, *, version: int | None, serial: int) -> bool:
        """Keep why a person must act, unless credentials or tokens are others by now; tell whether it is kept."""
        statement = (
            "UPDATE connections SET trouble = ?1 WHERE id = ?2 AND serial = ?3 AND (?4 IS NULL OR EXISTS"
            " (SELECT 1 FROM sealed WHERE connection_id = id AND field = ?5 AND version = ?4))"
        )
        given = (trouble_text(trouble), connection_id, serial, version, SETTINGS)
        return await self._store.change(lambda connection: connection.execute(statement, given).rowcount == 1)

    async def begin_refresh(self, connection_id: str, at: datetime) -> None:
        """Keep that a request is about to be sent whose end somebody must see."""
        await self._update("cut_off_at = ?", at.isoformat(), connection_id)

    async def end_refresh(self, connection_id: str) -> None:
        """Note that the end was seen and brought no tokens."""
        await self._update("cut_off_at = ?", None, connection_id)

    async def note_call(self, connection_id: str, call: CallFacts) -> None:
        """Add a test to the history; one that works also moves `last_good_at`. The oldest beyond 200 are dropped."""

        def note(connection: sqlite3.Connection) -> None:
            row = call_row(call)
            found = connection.execute(
                "UPDATE connections SET last_call = ?, last_good_at = CASE WHEN ? THEN ? ELSE last_good_at END"
                " WHERE id = ?",
                (json.dumps(row), call.outcome == WORKS, row[0], connection_id),
            )
            if not found.rowcount:
                return
            connection.execute(
                "INSERT INTO history (connection_id, at, call, outcome, status, latency_ms, retried)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (connection_id, *row),
            )
            connection.execute(
                "DELETE FROM history WHERE connection_id = ?1 AND number NOT IN"
                " (SELECT number FROM history WHERE connection_id = ?1 ORDER BY number DESC LIMIT ?2)",
                (connection_id, LONGEST_HISTORY),
            )

        await self._store.change(note)

    async def history(self, connection_id: str, limit: int) -> tuple[CallFacts, ...]:
        """Give the newest `limit` tests, oldest first."""

        def read(connection: sqlite3.Connection) -> tuple[CallFacts, ...]:
            rows = connection.execute(
                "SELECT at, call, outcome, status, latency_ms, retried FROM history"
                " WHERE connection_id = ? ORDER BY number DESC LIMIT ?",
                (connection_id, limit),
            )
            return tuple(map(to_call, rows))[::-1]

        return await self._store.read(read)

    async def hide(self, connection_id: str) -> None:
        """Delete so that it can be undone: the connection is in no list, its name is free."""

        def hide(connection: sqlite3.Connection) -> None:
            if self._presence is None:
                self._presence = self._locks.take(_presence_of(self._process))
            connection.execute("UPDATE connections SET hidden_by = ? WHERE id = ?", (self._process, connection_id))

        await self._store.change(hide)

    async def unhide(self, connection_id: str) -> None:
        """Undo `hide`; raises NameTaken where the name was used meanwhile, NoSuchConnection where it was purged."""

        def unhide(connection: sqlite3.Connection) -> None:
            query = "SELECT name, folded_name FROM connections WHERE id = ?"
            found = connection.execute(query, (connection_id,)).fetchone()
            if found is None:
                raise NoSuchConnection(connection_id)
            name, folded_name = found
            check_name_free(connection, connection_id, name, folded_name)
            connection.execute("UPDATE connections SET hidden_by = NULL WHERE id = ?", (connection_id,))

        await self._store.change(unhide)

    async def purge(self, connection_id: str) -> None:
        """Erase every row of a connection that this process hid, overwriting the space; one brought back stays."""

        def erase(connection: sqlite3.Connection) -> int:
            statement = "DELETE FROM connections WHERE id = ? AND hidden_by = ?"
            return connection.execute(statement, (connection_id, self._process)).rowcount

        if await self._store.change(erase):
            await self._store.overwrite_erased()
            self._locks.erase_connection(connection_id)

    async def purge_hidden(self) -> None:
        """Erase what an earlier process hid and did not live to purge; a living one may still bring its own back."""

        def erase(connection: sqlite3.Connection) -> list[str]:
            hiders = connection.execute(
                "SELECT DISTINCT hidden_by FROM connections WHERE hidden_by IS NOT NULL AND hidden_by != ?",
                (self._process,),
            ).fetchall()
            gone: list[str] = []
            for (process,) in hiders:
                presence = self._locks.take(_presence_of(process))
                if presence is None:
                    continue
                erased = connection.execute("DELETE FROM connections WHERE hidden_by = ? RETURNING id", (process,))
                gone += [connection_id for (connection_id,) in erased.fetchall()]
                self._locks.erase(presence)
            return gone

        gone = await self._store.change(erase)
        if gone:
            await self._store.overwrite_erased()
        for connection_id in gone:
            self._locks.erase_connection(connection_id)

    async def close(self) -> None:
        """Finish what is queued and let go of the file."""
        await self._store.close()
        if self._presence is not None:
            self._locks.erase(self._presence)
            self._presence = None

    async def _update(self, assignment: str, value: object, connection_id: str) -> None:
        statement = f"UPDATE connections SET {assignment} WHERE id = ?"  # noqa: S608 - constant text
        await self._store.change(lambda connection: connection.execute(statement, (value, connection_id)))


def check_name_free(connection: sqlite3.Connection, connection_id: str, name: str, folded_name: str) -> None:
    """Raise `NameTaken` where another connection that is not hidden has this name."""
    taken = connection.execute(
        "SELECT 1 FROM connections WHERE folded_name = ? AND id != ? AND hidden_by IS NULL",
        (folded_name, connection_id),
    ).fetchone()
    if taken:
        raise NameTaken(name)


def _presence_of(process: str) -> str:
    return f"process-{process}"
