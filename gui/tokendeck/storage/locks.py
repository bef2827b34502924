"""Locks between processes: the operating system's own, freed by the death of whoever holds them and never by time."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.core.errors import HeldByAnother, StoreUnwritable
from tokendeck.storage.faults import unwritable
from tokendeck.storage.lock_files import LockFile
from tokendeck.storage.modes import shut_others_out

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.1


class FileLocks:
    """
    One lock file per name in one folder, for `flock` on POSIX and `msvcrt.locking` on Windows.

    A file system without such locks is refused: a marker file in their place would outlive its process.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder with the first lock."""
        self._folder = folder

    def claim(self, connection_id: str) -> LockFile | None:
        """Take a connection's lock if it is free now; `release` it at the end. Raises `StoreUnwritable`."""
        return self.take(_name_of(connection_id))

    def hold(self, connection_id: str, patience: timedelta) -> AbstractAsyncContextManager[None]:
        """Hold a connection's lock inside the context. Raises as `hold_name` does."""
        return self.hold_name(_name_of(connection_id), patience)

    @asynccontextmanager
    async def hold_name(self, name: str, patience: timedelta) -> AsyncIterator[None]:
        """
        Hold a lock inside the context.

        It is tried again and again from the loop itself, each try taking microseconds, so that a cancelled waiter
        leaves no thread behind that gets the lock later.

        Raises:
            HeldByAnother: it was not free within `patience`.
            StoreUnwritable: the lock's file cannot be made.

        """
        clock = asyncio.get_running_loop().time
        end = clock() + patience.total_seconds()
        pause_s = FIRST_PAUSE_S
        while (lock := self.take(name)) is None:
            left_s = end - clock()
            if left_s <= 0:
                raise HeldByAnother
            await asyncio.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        try:
            yield
        finally:
            lock.release()

    def is_held(self, connection_id: str) -> bool:
        """Tell whether somebody is known to hold a connection's lock at this moment."""
        try:
            lock = self.claim(connection_id)
        except StoreUnwritable:
            return False  # nobody can be asked where nothing can be written
        if lock is None:
            return True
        lock.release()
        return False

    @contextmanager
    def hold_blocking(self, name: str, patience: timedelta) -> Iterator[None]:
        """Hold a lock on a thread that may block. Raises as `hold_name` does."""
        end_s = time.monotonic() + patience.total_seconds()
        while (lock := self.take(name)) is None:
            if time.monotonic() >= end_s:
                raise HeldByAnother
            time.sleep(FIRST_PAUSE_S)
        try:
            yield
        finally:
            lock.release()

    def take(self, name: str) -> LockFile | None:
        """Take a lock if it is free now; `release` it at the end. Raises `StoreUnwritable`."""
        try:
            self._prepare_folder()
        except OSError as error:
            raise unwritable(error, self._folder) from error
        lock = LockFile(f"{self._folder}{os.sep}{name}.lock")
        try:
            return lock if lock.take() else None
        except NotADirectoryError as error:  # it is the folder that is in the way
            raise unwritable(NotADirectoryError(error.errno, error.strerror, str(self._folder)), lock.path) from error
        except OSError as error:
            raise unwritable(error, lock.path) from error

    def erase(self, lock: LockFile) -> None:
        """
        Release a lock that nobody needs again, and remove its file.

        It is removed while held. On POSIX a waiter that had opened it sees that its file has no name any more and
        starts over; on Windows an open file cannot be removed, and stays.
        """
        with suppress(OSError):
            Path(lock.path).unlink()
        lock.release()

    def erase_connection(self, connection_id: str) -> None:
        """Remove the file of a connection that is gone, unless somebody holds its lock."""
        lock = self.claim(connection_id)
        if lock is not None:
            self.erase(lock)

    def _prepare_folder(self) -> None:
        """See to it that only this user reaches the folder: whoever can open a lock's file can hold it."""
        try:
            shut_others_out(self._folder)
        except FileNotFoundError:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shut_others_out(self._folder)


def _name_of(connection_id: str) -> str:
    return f"connection-{connection_id}"
