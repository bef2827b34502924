"""Changing the store behind Tokendeck's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[Any, ...]


def tamper(home: Path, statement: str, *values: object) -> None:
    """Change at least one row."""
    with closing(sqlite3.connect(home / "store.db")) as store, store:
        assert store.execute(statement, values).rowcount > 0


def look(home: Path, query: str, *values: object) -> list[Row]:
    with closing(sqlite3.connect(home / "store.db")) as store:
        return store.execute(query, values).fetchall()


def put_back(home: Path, table: str, *rows: Row) -> None:
    """Write rows as they were read by `SELECT *`, over what is there now."""
    with closing(sqlite3.connect(home / "store.db")) as store, store:
        for row in rows:
            store.execute(f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
