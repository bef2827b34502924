"""What sqlite3 and the file system complain about, as Tokendeck's own errors."""

from __future__ import annotations

import errno
import re
import sqlite3
from typing import TYPE_CHECKING

from tokendeck.core.errors import Hindrance, StoreUnwritable
from tokendeck.storage.records import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

FOREIGN = (sqlite3.Error, sqlite3.Warning, OSError, UnicodeDecodeError, Unreadable)
"""What may come out of a job on the store; everything else is a bug or already one of ours."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
FOREIGN_TABLES = re.compile(r"no such (table|column)|has no column named")
"""What SQLite says where tables are not what this program made: its statements are constant, and fit those."""

BY_CODE = {
    sqlite3.SQLITE_FULL: Hindrance.FULL,
    sqlite3.SQLITE_READONLY: Hindrance.READ_ONLY,
    sqlite3.SQLITE_PERM: Hindrance.READ_ONLY,
    sqlite3.SQLITE_BUSY: Hindrance.BUSY,
    sqlite3.SQLITE_LOCKED: Hindrance.BUSY,
}
BY_ERRNO = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), Hindrance.FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), Hindrance.READ_ONLY),
    **dict.fromkeys((errno.EISDIR, errno.ENOTDIR, errno.EEXIST), Hindrance.IN_THE_WAY),
}


def is_damage(error: Exception) -> bool:
    """Tell whether the file itself is broken, rather than the disk full or the folder closed."""
    if isinstance(error, UnicodeDecodeError | Unreadable):  # also where sqlite3 would quote a damaged schema
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Python's own complaint about a text that is no UTF-8 comes without a code.
        return isinstance(error, sqlite3.OperationalError) and "decode" in str(error)
    return (code & 0xFF) in DAMAGED or (code == sqlite3.SQLITE_ERROR and bool(FOREIGN_TABLES.search(str(error))))


def unwritable(error: Exception, path: Path | str) -> StoreUnwritable:
    """Say in the system's own words why the store cannot be used now."""
    if isinstance(error, OSError):
        hindrance = BY_ERRNO.get(error.errno or 0, Hindrance.OTHER)
        return StoreUnwritable(str(error.filename or path), error.strerror or type(error).__name__, hindrance)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return StoreUnwritable(str(path), str(error), BY_CODE.get(code & 0xFF, Hindrance.OTHER))
