"""The store's file: opened with care, changed in short transactions, on one thread."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from tokendeck.core.errors import HeldByAnother, StoreDamaged, StoreTooNew, StoreUnwritable
from tokendeck.storage.faults import FOREIGN, is_damage, unwritable
from tokendeck.storage.records import Unreadable
from tokendeck.storage.schema import MIGRATIONS, STORE_NAME, VERSION
from tokendeck.storage.threads import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tokendeck.storage.locks import FileLocks

T = TypeVar("T")

BUSY_TIMEOUT = timedelta(seconds=5)
OPENING_PATIENCE = timedelta(seconds=8)
MAGIC = b"SQLite format 3\0"
VERSION_AT, HEADER_BYTES = 60, 64
SETTINGS = (
    *("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"),
    *("fullfsync = ON", "checkpoint_fullfsync = ON"),  # macOS: an fsync alone stops at the drive's cache
)
SIDE_FILES = ("-wal", "-shm")


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
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._refusal: StoreDamaged | StoreTooNew | None = None
        self._closed = False

    async def read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Give what `job` reads, all of it from one moment of the store."""
        return await self._run(job, "BEGIN")

    async def change(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Give what `job` gives once its changes are durable; what it raises undoes them."""
        return await self._run(job, "BEGIN IMMEDIATE")

    async def overwrite_erased(self) -> None:
        """Empty the write-ahead log, so that nothing of what was erased is left in it."""
        await self._run(lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall(), None)

    async def set_aside(self) -> Path:
        """Give the file and what belongs to it another name, and say which; the next job begins with an empty one."""
        await self.overwrite_erased()  # so that the file is whole by itself, whoever else has it open
        return await self._run(lambda _: self._rename("kept"), None)

    def side_files(self) -> list[Path]:
        """Give the files that SQLite keeps beside the store just now."""
        names = (self.path.with_name(STORE_NAME + suffix) for suffix in SIDE_FILES)
        return [name for name in names if name.exists()]

    async def close(self) -> None:
        """Finish what is queued and let go of the file."""
        if self._closed:
            return
        self._closed = True
        await self._worker.run(self._let_go)
        self._worker.stop()

    async def _run(self, job: Callable[[sqlite3.Connection], T], begin: str | None) -> T:
        if self._closed:
            raise StoreUnwritable(str(self.path), "closed")
        return await self._worker.run(lambda: self._attempt(job, begin))

    # On the worker's thread

    def _attempt(self, job: Callable[[sqlite3.Connection], T], begin: str | None) -> T:
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        try:
            connection = self._connection or self._open()
            if begin is None:
                return job(connection)
            with _transaction(connection, begin):
                return job(connection)
        except FOREIGN as error:
            raise self._meaning_of(error) from error
        except StoreTooNew as error:
            self._refusal = error
            raise

    def _open(self) -> sqlite3.Connection:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _shut_others_out(self.home)
        with self._alone():
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            self._inode = os.fstat(file).st_ino
            os.close(file)
            self._check_version()
            for name in (self.path, *self.side_files()):
                _shut_others_out(name)
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_TIMEOUT.total_seconds())
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
        self._connection = connection
        return connection

    def _check_version(self) -> None:
        """
        Look at an existing store without a chance to change it: closing one that was opened for writing may.

        The version stands in the file's header (https://sqlite.org/fileformat.html, 1.3), and in a log that was left
        behind perhaps a later one.
        """
        with self.path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        if not header:
            return
        if not header.startswith(MAGIC):
            raise Unreadable("file is not a database")  # SQLite would write over one that is short enough
        found = int.from_bytes(header[VERSION_AT:], "big")
        if self.side_files():
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
                (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > VERSION:
            raise StoreTooNew(found, VERSION)

    def _meaning_of(self, error: Exception) -> StoreDamaged | StoreUnwritable:
        if not is_damage(error):
            return unwritable(error, self.path)
        try:
            self._refusal = StoreDamaged(str(self._rename("damaged")), str(error))
        except OSError as hindrance:
            return unwritable(hindrance, self.path)
        return self._refusal

    def _rename(self, word: str) -> Path:
        """Set the file and what belongs to it aside; give its new name, also where another process was first."""
        self._let_go()
        with self._alone():
            if not self.path.exists() or self.path.stat().st_ino != self._inode:
                return max(self.home.glob(f"{STORE_NAME}.{word}-*Z"), default=self.path)
            stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
            kept_as = self.path.with_name(f"{STORE_NAME}.{word}-{stamp}")
            for file in self.side_files():
                file.rename(self.path.with_name(file.name.replace(STORE_NAME, kept_as.name)))
            self.path.rename(kept_as)
            return kept_as

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
            raise StoreUnwritable(str(self.path), "another process is opening it and does not finish") from None


def _prepare(connection: sqlite3.Connection) -> None:
    for setting in SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    for version, script in enumerate(MIGRATIONS[found:], found + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {version}; COMMIT;")


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


def _shut_others_out(path: Path) -> None:
    """Take others' rights away. A folder that is shared on purpose, as /tmp is, stays as it is."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not mode & stat.S_ISVTX:
        path.chmod(mode & stat.S_IRWXU)
