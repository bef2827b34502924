"""
A connection's settings and secrets: written together, and known to belong together when they are used.

The settings stand in clear, so that the list shows without unlocking. Whoever can write the file could change where a
secret goes; so one sealed row binds them, and what each secret's newest version is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokendeck.core.connection import folded
from tokendeck.core.errors import NoSuchConnection, VaultDamaged
from tokendeck.core.secret import Secret
from tokendeck.storage.dossier import find
from tokendeck.storage.ledger import check_name_free
from tokendeck.storage.records import settings_text, to_trouble, trouble_text
from tokendeck.storage.sealed_rows import (
    SECRET,
    SETTINGS,
    check_written,
    erase,
    keep,
)
from tokendeck.storage.sealing import Place

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection, Trouble
    from tokendeck.storage.sealing import Beside, Seal


IN_CLEAR = "name, folded_name, provider, environment, grant_id, created_at, settings"
"""What is written with the vault open, and stands in clear."""


def put_connection(
    store: sqlite3.Connection,
    seal: Seal,
    connection: Connection,
    secrets: Mapping[str, Secret],
    trouble: Trouble | None,
) -> None:
    """
    Add a connection or replace its settings, and what is remembered of `trouble`.

    Secrets not named are kept, empty ones erased. Raises `NameTaken`.
    """
    version = _next_version(store, connection.id)
    versions = _versions(store, seal, connection.id)
    # Not read back: a trigger that somebody else put into the file may have changed it already.
    in_clear = _write(store, connection, trouble)
    for key, secret in secrets.items():
        place = Place(connection.id, SECRET + key, version)
        if secret:
            keep(store, seal, place, secret, ())
            versions[place.field] = version
        else:
            erase(store, connection.id, place.field)
            versions.pop(place.field, None)
    _bind(store, seal, Place(connection.id, SETTINGS, version), versions, in_clear)


def trouble_of(store: sqlite3.Connection, connection_id: str) -> Trouble | None:
    """Give what is remembered of a connection that is in the list. Raises `NoSuchConnection`."""
    query = "SELECT trouble FROM connections WHERE id = ? AND hidden_by IS NULL"
    row = store.execute(query, (connection_id,)).fetchone()
    if row is None:
        raise NoSuchConnection(connection_id)
    return None if row[0] is None else to_trouble(row[0])


def bind_as_found(
    store: sqlite3.Connection, seal: Seal, connection_id: str, versions: Mapping[str, int], in_clear: Beside
) -> None:
    """Seal a connection's settings as they stand in clear, with the versions of its secrets by field."""
    _bind(store, seal, Place(connection_id, SETTINGS, _next_version(store, connection_id)), versions, in_clear)


def _bind(store: sqlite3.Connection, seal: Seal, place: Place, versions: Mapping[str, int], in_clear: Beside) -> None:
    keep(store, seal, place, Secret(json.dumps(versions)), in_clear)


def _versions(store: sqlite3.Connection, seal: Seal, connection_id: str) -> dict[str, int]:
    """Give the versions of the secrets that are kept: as they were put, or as they are found where nobody knows."""
    kept = find(store, connection_id)
    if kept is None:
        return {}
    try:
        return kept.versions_as_put(seal)
    except VaultDamaged:
        return kept.secret_versions()


def _write(store: sqlite3.Connection, connection: Connection, trouble: Trouble | None) -> Beside:
    """Write what stands in clear, and give it."""
    folded_name = folded(connection.name)
    check_name_free(store, connection.id, connection.name, folded_name)
    in_clear = (
        *(connection.name, folded_name, connection.provider, connection.environment, connection.grant),
        *(connection.created_at.isoformat(), settings_text(connection)),
    )
    written = store.execute(
        f"INSERT INTO connections (id, paused, trouble, {IN_CLEAR})"  # noqa: S608 - constant text
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded_name = excluded.folded_name,"
        " provider = excluded.provider, environment = excluded.environment, grant_id = excluded.grant_id,"
        " created_at = excluded.created_at, settings = excluded.settings, paused = excluded.paused,"
        " trouble = excluded.trouble",
        (connection.id, connection.paused, None if trouble is None else trouble_text(trouble), *in_clear),
    )
    check_written(written)
    return in_clear


def _next_version(store: sqlite3.Connection, connection_id: str) -> int:
    """Give a number that neither the settings nor a secret of this connection had; tokens are counted by themselves."""
    (version,) = store.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM sealed WHERE connection_id = ? AND field NOT GLOB 'token:*'",
        (connection_id,),
    ).fetchone()
    return int(version)
