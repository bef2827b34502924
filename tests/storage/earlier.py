"""A store as the first Tokendeck wrote it: rows bound to their names alone, settings to nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.storage.samples import KEY
from tokendeck.core.secret import Secret
from tokendeck.storage.records import facts_row, settings_text
from tokendeck.storage.schema import MIGRATIONS
from tokendeck.storage.sealing import FIRST, Place, Seal, check_value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokendeck.core.connection import Connection
    from tokendeck.core.token import TokenSet
    from tokendeck.storage.passphrase import WrappedKey

VAULT_ID = "an-earlier-vault"


def write_earlier_store(
    home: Path, connections: Iterable[tuple[Connection, TokenSet | None]], *, wrapped: WrappedKey | None = None
) -> None:
    """Write a store with these connections and their tokens, each with the secret `a`; `wrapped` is of `KEY`."""
    home.mkdir(mode=0o700)
    seal = Seal(VAULT_ID, KEY, binding=FIRST)
    with closing(sqlite3.connect(home / "store.db")) as store, store:
        store.executescript(f"PRAGMA journal_mode = WAL; {MIGRATIONS[0]} PRAGMA user_version = 1;")
        check = check_value(KEY, VAULT_ID, FIRST)
        guard, cost = ("memory", None) if wrapped is None else ("passphrase", wrapped.cost)
        store.execute(
            "INSERT INTO vault VALUES (1, ?, ?, '', ?, ?, ?, ?, ?, ?, ?)",
            (
                *(VAULT_ID, guard, check, wrapped and wrapped.salt),
                *(cost and cost.passes, cost and cost.lanes, cost and cost.memory_kib),
                *(wrapped and wrapped.nonce, wrapped and wrapped.wrapped),
            ),
        )
        for connection, tokens in connections:
            _write(store, seal, connection, tokens)


def _write(store: sqlite3.Connection, seal: Seal, connection: Connection, tokens: TokenSet | None) -> None:
    store.execute(
        "INSERT INTO connections (id, name, folded_name, provider, environment, grant_id, created_at, settings, paused)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(connection.id, connection.name, connection.name.casefold(), connection.provider, connection.environment),
            *(connection.grant, connection.created_at.isoformat(), settings_text(connection), connection.paused),
        ),
    )
    rows = {"secret:a": Secret(f"a of {connection.name}")}
    if tokens is not None:
        rows["token:access"] = tokens.access_token
        if tokens.refresh_token is not None:
            rows["token:refresh"] = tokens.refresh_token
        store.execute(
            "UPDATE connections SET (asked_at, asked_elapsed_s, asked_boot, expiry, expires_at, declared_by, scope,"
            " has_refresh_token, serial, token_type) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?",
            (*facts_row(tokens.facts), tokens.token_type, connection.id),
        )
    for field, text in rows.items():
        version = tokens.facts.serial if tokens is not None and field.startswith("token:") else 1
        sealed = seal.close(Place(connection.id, field, version), text)
        store.execute("INSERT INTO sealed VALUES (?, ?, ?, ?, ?)", (connection.id, field, version, *sealed))
