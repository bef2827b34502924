"""The store's file: opened with care, changed in short transactions, on one thread."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tokendeck.core.errors import HeldByAnother, Hindrance, StoreDamaged, StoreTooNew, StoreUnwritable
from tokendeck.storage.faults import FOREIGN, is_damage, unwritable
from tokendeck.storage.modes import shut_others_out
from tokendeck.storage.reading import DAMAGED, KEPT, open_to_read, set_aside_files, side_files
from tokendeck.storage.records import Unreadable
from tokendeck.storage.schema import STORE_NAME, VERSION
from tokendeck.storage.store_file import check, connect, create, set_aside
from tokendeck.storage.threads import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tokendeck.storage.locks import FileLocks

T = TypeVar("T")

READING, CHANGING = "BEGIN", "BEGIN IMMEDIATE"
OPENING_PATIENCE = timedelta(seconds=8)
MOST_TOGETHER = 32
"""Changes of one transaction: more would keep who only reads waiting."""


class Store:
    """
    One SQLite file, opened with the first job.

    A job gets the connection on the store's own thread and must be short. Raises `StoreUnwritable` for as long as the
    disk or the folder does not serve, `StoreTooNew` and `StoreDamaged` from then on: a store that was set aside is not
    replaced by an empty one while somebody may still believe in it; the next process starts anew.
    """

    def __init__(self, home: Path, locks: FileLocks, *, patience: timedelta = OPENING_PATIENCE) -> None:
        """Keep the file in `home`, made where it is not there; wait `patience` for another who opens it."""
        self.home = home
        self.path = home / STORE_NAME
        self._locks = locks
        self._patience = patience
        self._worker = Worker("tokendeck-store")
        self._changes: deque[_Change[Any]] = deque()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._refusal: StoreDamaged | StoreTooNew | None = None
        self._closed = False

    async def read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Give what `job` reads, all of it from one moment of the store."""
        return await self._run(job, READING)

    async def change(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """
        Give what `job` gives once its changes are durable; what it raises undoes them.

        Changes that wait at the same time become durable in one transaction, since the disk takes as long for all of
        them as for one. Where that fails, each is run once more by itself.
        """
        self._check_open()
        change = _Change(job)
        self._changes.append(change)
        return await self._worker.run(lambda: self._outcome_of(change))

    async def overwrite_erased(self) -> None:
        """Empty the write-ahead log, so that nothing of what was erased is left in it."""
        await self._run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall(), None)

    async def set_aside(self) -> Path:
        """Give the file and what belongs to it another name, and say which; the next job begins with an empty one."""
        await self.overwrite_erased()  # so that the file is whole by itself, whoever else has it open
        return await self._run(lambda _: self._rename(KEPT), None)

    def files(self) -> list[Path]:
        """Give the store's file and those that SQLite keeps beside it just now."""
        return [self.path, *side_files(self.path)]

    async def close(self) -> None:
        """Finish what is queued and let go of the file."""
        if self._closed:
            return
        self._closed = True
        await self._worker.run(self._let_go)
        self._worker.stop()

    async def _run(self, job: Callable[[sqlite3.Connection], T], begin: str | None) -> T:
        self._check_open()
        return await self._worker.run(lambda: self._attempt(job, begin))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnwritable(str(self.path), "closed")

    # On the worker's thread

    def _outcome_of(self, change: _Change[T]) -> T:
        if not change.is_taken:
            waiting = min(len(self._changes), MOST_TOGETHER)
            self._change_together([self._changes.popleft() for _ in range(waiting)])
        return change.result[0] if change.result else self._attempt(change.job, CHANGING)

    def _change_together(self, changes: list[_Change[Any]]) -> None:
        """Make several changes durable at once; where anything is in the way, none of them is made."""
        for one in changes:
            one.is_taken = True
        if len(changes) > 1 and self._connection is not None:
            with suppress(Exception):  # each is run by itself then, and whoever asked for it gets its own error
                with _transaction(self._connection, CHANGING):
                    results = [one.job(self._connection) for one in changes]
                for one, result in zip(changes, results, strict=True):
                    one.result = (result,)

    def _attempt(self, job: Callable[[sqlite3.Connection], T], begin: str | None) -> T:
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        try:
            if self._connection is None and (hindrance := self._open()) is not None:
                return self._look(job, begin, hindrance)
            assert self._connection is not None
            if begin is None:
                return job(self._connection)
            with _transaction(self._connection, begin):
                return job(self._connection)
        except FOREIGN as error:
            raise self._meaning_of(error) from error
        except StoreTooNew as error:
            self._refusal = error
            raise

    def _open(self) -> StoreUnwritable | None:
        """Open the file, made where it is not there; give what hinders, where nothing is wrong with the file itself."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            shut_others_out(self.home)
            with self._alone():
                self._find()
                for name in self.files():
                    shut_others_out(name)
                self._connection = connect(self.path)
        except StoreUnwritable as hindrance:
            return hindrance
        except FOREIGN as error:
            if is_damage(error):
                raise
            return unwritable(error, self.path)
        return None

    def _find(self) -> None:
        if not self.path.exists():
            if any(file.stat().st_size for file in side_files(self.path)):
                raise Unreadable("the file is gone, and its log is still there")
            create(self.path)
        file = os.open(self.path, os.O_RDWR)
        self._inode = os.fstat(file).st_ino
        os.close(file)
        check(self.path)

    def _look(self, job: Callable[[sqlite3.Connection], T], begin: str | None, hindrance: StoreUnwritable) -> T:
        """Let a job read what cannot be written; nothing is kept open, since that may change."""
        try:
            if begin != READING:
                raise hindrance
            with closing(open_to_read(self.path)) as connection:
                (found,) = connection.execute("PRAGMA user_version").fetchone()
                if found > VERSION:
                    raise StoreTooNew(found, VERSION)
                if found < VERSION:
                    raise hindrance  # it has to be brought up to date first
                with _transaction(connection, begin):
                    return job(connection)
        except FOREIGN:
            raise hindrance from None

    def _meaning_of(self, error: Exception) -> StoreDamaged | StoreUnwritable:
        if not is_damage(error):
            return unwritable(error, self.path)
        try:
            self._refusal = StoreDamaged(str(self._rename(DAMAGED)), str(error))
        except OSError as hindrance:
            return unwritable(hindrance, self.path)
        return self._refusal

    def _rename(self, word: str) -> Path:
        """Set the file and what belongs to it aside; give its new name, also where another process was first."""
        self._let_go()
        with self._alone():
            if self._is_found():
                return set_aside(self.path, word)
            return max(set_aside_files(self.home, word), default=self.path)

    def _is_found(self) -> bool:
        """Tell whether what was opened, or tried to, is still there."""
        try:
            return self.path.stat().st_ino == self._inode
        except FileNotFoundError:
            return self._inode == 0 and bool(side_files(self.path))

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from opening or setting aside meanwhile."""
        try:
            with self._locks.hold_blocking("store", self._patience):
                yield
        except HeldByAnother:
            hang = "another process is opening it and does not finish"
            raise StoreUnwritable(str(self.path), hang, Hindrance.BUSY) from None


class _Change(Generic[T]):
    """A job that changes the store, and what it gave once that is durable."""

    def __init__(self, job: Callable[[sqlite3.Connection], T]) -> None:
        self.job = job
        self.is_taken = False
        self.result: tuple[T] | None = None


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise
