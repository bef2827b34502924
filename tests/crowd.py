"""Stores with more connections than one would add by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.connection import Connection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.token import TokenFacts
from tokendeck.storage.records import FACTS, facts_row, settings_text
from tokendeck.storage.schema import MIGRATIONS, STORE_NAME, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokendeck.core.moment import Moment


def fill(home: Path, count: int, *, asked_at: Moment, origin: str) -> list[str]:
    """
    Make a store of `count` connections to Acme, in one transaction; give their ids.

    Each has had a token for an hour since `asked_at`, sealed by nobody: what is listed is there, what is used is not.
    """
    home.mkdir()
    ids = [f"{number:032x}" for number in range(count)]
    token = facts_row(TokenFacts(asked_at, At(asked_at.wall + timedelta(hours=1), ExpirySource.EXPIRES_IN), serial=1))

    def rows() -> Iterator[tuple[object, ...]]:
        for number, connection_id in enumerate(ids):
            settings = settings_text(
                Connection(
                    id=connection_id,
                    name="",
                    provider="acme",
                    environment="production",
                    grant="main",
                    created_at=asked_at.wall,
                    values={"client_id": f"client {number}"},
                    confirmed_origins=(origin,),
                )
            )
            yield (connection_id, f"Shop {number}", f"shop {number}", asked_at.wall.isoformat(), settings, *token)

    with closing(sqlite3.connect(home / STORE_NAME)) as store, store:
        store.executescript(f"{''.join(MIGRATIONS)} PRAGMA user_version = {VERSION};")
        store.executemany(
            "INSERT INTO connections (provider, environment, grant_id, paused, id, name, folded_name, created_at,"
            f" settings, {FACTS}) VALUES ('acme', 'production', 'main', 0, {', '.join('?' * (5 + len(token)))})",
            rows(),
        )
    return ids
