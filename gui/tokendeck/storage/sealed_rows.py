"""The table of sealed rows: one for each secret, token and connection's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.storage.records import Unreadable

if TYPE_CHECKING:
    import sqlite3

    from tokendeck.core.secret import Secret
    from tokendeck.storage.sealing import Beside, Place, Seal

SETTINGS = "settings"
SECRET = "secret:"  # noqa: S105 - a prefix of field names
TOKEN = "token:"  # noqa: S105 - a prefix of field names
ACCESS_TOKEN, REFRESH_TOKEN = f"{TOKEN}access", f"{TOKEN}refresh"


def keep(store: sqlite3.Connection, seal: Seal, place: Place, text: Secret, beside: Beside) -> None:
    """Seal a text in place of what its field held."""
    written = store.execute(
        "INSERT INTO sealed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET version = excluded.version, nonce = excluded.nonce, ciphertext = excluded.ciphertext",
        (place.connection_id, place.field, place.version, *seal.close(place, text, beside)),
    )
    check_written(written)


def check_written(cursor: sqlite3.Cursor) -> None:
    """Raise `Unreadable` where a row that is to be there was not written, which nobody may take for saved."""
    if cursor.rowcount != 1:
        raise Unreadable(f"{cursor.rowcount} rows were written in place of one")


def erase(store: sqlite3.Connection, connection_id: str, field: str) -> None:
    """Erase a field; it is no error where it holds nothing."""
    store.execute("DELETE FROM sealed WHERE connection_id = ? AND field = ?", (connection_id, field))
