"""
What may be known of a home without a chance to change it.

Imports sqlite3 and nothing else of weight: this module is on the way to the first paint.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from tokendeck.storage.schema import STORE_NAME

if TYPE_CHECKING:
    from pathlib import Path

SIDE_FILES = ("-wal", "-shm")
DAMAGED, KEPT = "damaged", "kept"
"""Why a store was set aside: it is no sound database, or somebody began with an empty one in its place."""


def side_files(path: Path) -> list[Path]:
    """Give the files that SQLite keeps beside a store just now."""
    names = (path.with_name(path.name + suffix) for suffix in SIDE_FILES)
    return [name for name in names if name.exists()]


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a store that is there, also where nothing can be written. Raises `sqlite3.Error`."""
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("PRAGMA user_version").fetchone()  # with the first look it makes what others share with it
    except sqlite3.OperationalError:
        connection.close()
        if side_files(path):
            raise
        # It cannot be made here. Without a log nobody is writing, so the file alone is all there is.
        connection = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
    return connection


def set_aside_files(home: Path, word: str = DAMAGED) -> tuple[Path, ...]:
    """Give the stores that were set aside in `home` and are still there, the oldest first; `word` says why."""
    try:
        found = {file.name for file in home.iterdir() if file.name.startswith(f"{STORE_NAME}.{word}-")}
    except OSError:  # whoever opens the store says what is wrong
        return ()
    beside = {name + suffix for name in found for suffix in SIDE_FILES}
    return tuple(home / name for name in sorted(found - beside))
