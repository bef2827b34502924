"""The store's file before it is used: made, looked at without a chance to change it, brought up to date, set aside."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import StoreTooNew
from tokendeck.storage.reading import open_to_read, side_files
from tokendeck.storage.records import Unreadable
from tokendeck.storage.schema import MIGRATIONS, STORE_NAME, VERSION

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

BUSY_TIMEOUT = timedelta(seconds=5)
MAGIC = b"SQLite format 3\0"
VERSION_AT, HEADER_BYTES = 60, 64
SETTINGS = (
    *("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "foreign_keys = ON"),
    *("fullfsync = ON", "checkpoint_fullfsync = ON"),  # macOS: an fsync alone stops at the drive's cache
    *("trusted_schema = OFF", "cell_size_check = ON"),  # the file may be damaged, or somebody else's
)
PARTS = frozenset(re.findall(r"CREATE (?:UNIQUE )?(?:TABLE|INDEX|TRIGGER) (\w+)", "".join(MIGRATIONS)))
"""Names of what a store is made of."""


def create(path: Path) -> None:
    """
    Make an empty store: complete, or not at all.

    An empty file in its place is therefore never a store that was begun. That the new name lasts, SQLite sees to: with
    the first commit it syncs the folder of the log that it makes.
    """
    new = path.with_name(f"{path.name}.new")
    for file in (new, *side_files(new)):
        file.unlink(missing_ok=True)
    os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connect(new).close()  # the last one to close leaves no log
    new.rename(path)


def check(path: Path) -> None:
    """
    Look at an existing store without a chance to change it: closing one that was opened for writing may.

    The version stands in the file's header (https://sqlite.org/fileformat.html, 1.3), and in a log that was left behind
    perhaps a later one.

    Raises:
        StoreTooNew: a newer version wrote it.
        Unreadable: it is no store.

    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    if not header:
        raise Unreadable("the file is empty")
    if not header.startswith(MAGIC):
        raise Unreadable("file is not a database")  # SQLite would write over one that is short enough
    found = int.from_bytes(header[VERSION_AT:], "big")
    if side_files(path):
        with closing(open_to_read(path)) as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        raise StoreTooNew(found, VERSION)


def connect(path: Path) -> sqlite3.Connection:
    """
    Open a store for reading and writing, bring it up to date and look at all of it.

    Raises `sqlite3.Error`, or `Unreadable`.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT.total_seconds())
    try:
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        _bring_up_to_date(connection)
        _look_over(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def set_aside(path: Path, word: str) -> Path:
    """
    Rename a store and what belongs to it; give the new name of the file, or of its log where it is gone.

    Args:
        path: the store.
        word: goes into the new name, and says why.

    """
    kept_as = path.with_name(f"{STORE_NAME}.{word}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    moved = [file.rename(path.with_name(file.name.replace(STORE_NAME, kept_as.name))) for file in side_files(path)]
    return path.rename(kept_as) if path.exists() else moved[0]


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if not found and _parts(connection):
        raise Unreadable("it has tables, but no version")
    for version, script in enumerate(MIGRATIONS[found:], found + 1):
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {version}; COMMIT;")
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:  # it is not what its version says
                raise Unreadable(str(error)) from error
            raise
    if missing := PARTS - _parts(connection):
        raise Unreadable(f"it lacks {', '.join(sorted(missing))}")


def _parts(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def _look_over(connection: sqlite3.Connection) -> None:
    """
    See that what is written next neither goes astray nor covers what is there. Raises `Unreadable`.

    Takes 0.1 ms for an ordinary store and 40 ms for one of 10,000 connections. An index that does not fit its table is
    made anew: the table has all of it.
    """
    if not _complaint(connection, "integrity_check"):
        return
    # It leaves out only how indexes fit: https://sqlite.org/pragma.html#pragma_quick_check
    if complaint := _complaint(connection, "quick_check"):
        raise Unreadable(complaint)
    try:
        connection.execute("REINDEX")
    except sqlite3.IntegrityError as error:  # two rows where there may be one
        raise Unreadable(str(error)) from error
    log.info("an index of the store did not fit its table and was made anew")


def _complaint(connection: sqlite3.Connection, check: str) -> str:
    """Give the first thing that SQLite finds wrong; empty where it finds nothing."""
    (found,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
    return "" if found == "ok" else str(found).splitlines()[-1]  # the others say which database this is
