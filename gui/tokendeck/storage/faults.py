"""What sqlite3 and the file system complain about, as Tokendeck's own errors."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tokendeck.core.errors import StoreUnwritable
from tokendeck.storage.records import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

FOREIGN = (sqlite3.Error, sqlite3.Warning, OSError, Unreadable)
"""What may come out of a job on the store; everything else is a bug or already one of ours."""

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: Exception) -> bool:
    """Tell whether the file itself is broken, rather than the disk full or the folder closed."""
    if isinstance(error, Unreadable):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Python's own complaint about a text that is no UTF-8 comes without a code.
        return isinstance(error, sqlite3.OperationalError) and "decode" in str(error)
    return (code & 0xFF) in DAMAGED


def unwritable(error: Exception, path: Path) -> StoreUnwritable:
    """Say in the system's own words why the store cannot be used now."""
    if isinstance(error, OSError):
        return StoreUnwritable(str(error.filename or path), error.strerror or type(error).__name__)
    return StoreUnwritable(str(path), str(error))
