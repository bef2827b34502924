"""A store that an earlier version wrote is brought up to date with the first use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import NOW, make_connection, start
from tokendeck.storage.records import settings_text
from tokendeck.storage.schema import MIGRATIONS, VERSION

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("version", range(1, VERSION))
async def test_an_older_store_keeps_its_connections_and_counts_their_changes(store_home: Path, version: int) -> None:
    connection = make_connection()
    store_home.mkdir()
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.executescript(f"{''.join(MIGRATIONS[:version])} PRAGMA user_version = {version};")
        store.execute(
            "INSERT INTO connections"
            " (id, name, folded_name, provider, environment, grant_id, created_at, settings, paused)"
            " VALUES (?, 'Shop', 'shop', 'payos', 'production', 'client_credentials', ?, ?, 0)",
            (connection.id, NOW.isoformat(), settings_text(connection)),
        )

    storage = await start(store_home)
    found = await storage.ledger.changes(0)
    await storage.ledger.set_paused(connection.id, paused=True)
    changed = await storage.ledger.changes(found.mark)
    await storage.close()

    assert [record.connection for record in found.records] == [connection]
    assert [record.connection.paused for record in changed.records] == [True]
