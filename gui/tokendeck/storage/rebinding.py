"""Binding the rows that an earlier Tokendeck sealed as those of today are bound; once in the life of a vault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import VaultDamaged
from tokendeck.storage.dossier import find_listed
from tokendeck.storage.sealed_rows import SECRET, keep
from tokendeck.storage.sealing import Place
from tokendeck.storage.settings import bind_as_found

if TYPE_CHECKING:
    import sqlite3

    from tokendeck.storage.sealing import Seal


def rebind(store: sqlite3.Connection, seal: Seal) -> None:
    """
    Seal every row anew with what stands beside it, and every connection's settings as they are found.

    A row that does not open is left as it is, and is damage from then on as it was before.
    """
    for (connection_id,) in store.execute("SELECT id FROM connections").fetchall():
        _rebind_connection(store, seal, connection_id)


def _rebind_connection(store: sqlite3.Connection, seal: Seal, connection_id: str) -> None:
    at_first, secrets = seal.at_first(), dict[str, int]()
    kept = find_listed(store, connection_id, hidden_too=True)
    for field, (version, *sealed) in kept.sealed.items():
        place, is_secret = Place(connection_id, field, version), field.startswith(SECRET)
        try:
            text = at_first.open(place, *sealed)
        except VaultDamaged:
            continue
        keep(store, seal, place, text, () if is_secret else kept.facts)
        if is_secret:
            secrets[field] = version
    bind_as_found(store, seal, connection_id, secrets, kept.in_clear)
