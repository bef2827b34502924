"""
One lock file: taken at once or not at all, and freed by the death of whoever holds it.

On POSIX by `flock` itself: the library that does it on Windows takes ten times as long (122 µs against 12), a tenth of
all that a refresh costs, and 2 MB.
"""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import filelock

    class LockFile:
        """By `msvcrt.locking`."""

        def __init__(self, path: str) -> None:
            """Open nothing yet."""
            self.path = path
            self._lock = filelock.FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)

        def take(self) -> bool:
            """Take it if it is free now, and tell whether it was. Raises `OSError`."""
            try:
                self._lock.acquire(blocking=False)
            except filelock.Timeout:
                return False
            return True

        def release(self) -> None:
            """Let go of it; once more does nothing."""
            self._lock.release()

else:
    import fcntl

    class LockFile:
        """By `flock`, which belongs to an open file: whoever else opens it, in this process too, finds it held."""

        __slots__ = ("_file", "path")

        def __init__(self, path: str) -> None:
            """Open nothing yet."""
            self.path = path
            self._file = -1

        def __del__(self) -> None:
            """Let go of it with the last who knows it."""
            self.release()

        def take(self) -> bool:
            """Take it if it is free now, and tell whether it was. Raises `OSError`."""
            while not self._is_of_this_name():
                self.release()
                self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    self.release()
                    return False
            return True

        def release(self) -> None:
            """Let go of it; once more does nothing."""
            file, self._file = self._file, -1
            if file >= 0:
                os.close(file)

        def _is_of_this_name(self) -> bool:
            """Tell whether what is held has the file's name still: whoever had it before may have removed the file."""
            if self._file < 0:
                return False
            try:
                named = os.stat(self.path)  # noqa: PTH116 - on the way of every refresh
            except FileNotFoundError:
                return False
            return os.path.samestat(os.fstat(self._file), named)
