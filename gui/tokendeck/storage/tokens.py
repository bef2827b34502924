"""The newest issue of a connection's tokens; what is known of it stands in clear, and is bound to the tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import NoSuchConnection
from tokendeck.core.frozen import replace
from tokendeck.storage.records import facts_row
from tokendeck.storage.sealed_rows import ACCESS_TOKEN, REFRESH_TOKEN, check_written, erase, keep
from tokendeck.storage.sealing import Place

if TYPE_CHECKING:
    import sqlite3

    from tokendeck.core.token import TokenSet
    from tokendeck.storage.sealing import Seal


def save_tokens(store: sqlite3.Connection, seal: Seal, connection_id: str, tokens: TokenSet) -> TokenSet:
    """Save an issue; give it with its serial. Raises `NoSuchConnection`."""
    return _put(store, seal, connection_id, tokens, _newest(store, connection_id) + 1)


def renew_tokens(
    store: sqlite3.Connection, seal: Seal, connection_id: str, tokens: TokenSet, serial: int
) -> TokenSet | None:
    """Save what takes the place of the issue of this serial; None where that is the newest no more. Raises likewise."""
    is_newest = _newest(store, connection_id) == serial
    return _put(store, seal, connection_id, tokens, serial + 1) if is_newest else None


def _newest(store: sqlite3.Connection, connection_id: str) -> int:
    row = store.execute("SELECT serial FROM connections WHERE id = ?", (connection_id,)).fetchone()
    if row is None:
        raise NoSuchConnection(connection_id)
    return int(row[0])


def _put(store: sqlite3.Connection, seal: Seal, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet:
    facts = replace(tokens.facts, serial=serial, has_refresh_token=tokens.refresh_token is not None)
    row = facts_row(facts)
    beside = (tokens.token_type, *row)  # not read back: see put_connection
    written = store.execute(
        "UPDATE connections SET asked_at = ?, asked_elapsed_s = ?, asked_boot = ?, expiry = ?, expires_at = ?,"
        " declared_by = ?, scope = ?, has_refresh_token = ?, serial = ?, token_type = ?, discarded = 0,"
        " trouble = NULL, cut_off_at = NULL WHERE id = ?",
        (*row, tokens.token_type, connection_id),
    )
    check_written(written)
    keep(store, seal, Place(connection_id, ACCESS_TOKEN, serial), tokens.access_token, beside)
    if tokens.refresh_token is None:
        erase(store, connection_id, REFRESH_TOKEN)
    else:
        keep(store, seal, Place(connection_id, REFRESH_TOKEN, serial), tokens.refresh_token, beside)
    return replace(tokens, facts=facts)


def discard_access_token(store: sqlite3.Connection, connection_id: str, serial: int) -> None:
    """Erase the access token of this serial; a newer one and the refresh token stay."""
    # Without a refresh token nothing is left of the issue but its number.
    discarded = store.execute(
        "UPDATE connections SET discarded = 1, asked_at = CASE WHEN has_refresh_token THEN asked_at END"
        " WHERE id = ? AND serial = ?",
        (connection_id, serial),
    )
    if discarded.rowcount:
        erase(store, connection_id, ACCESS_TOKEN)


def forget_tokens(store: sqlite3.Connection, connection_id: str, serial: int) -> None:
    """Erase the tokens of this serial, and the trouble with them; newer ones stay."""
    forgotten = store.execute(
        "UPDATE connections SET trouble = NULL WHERE id = ? AND serial = ?", (connection_id, serial)
    )
    if forgotten.rowcount:
        erase_tokens(store, connection_id)


def erase_tokens(store: sqlite3.Connection, connection_id: str) -> None:
    """Erase all tokens of a connection; what is on its way to take their place is not saved any more."""
    store.execute(
        "UPDATE connections SET discarded = 1, asked_at = NULL, has_refresh_token = 0, cut_off_at = NULL,"
        " serial = serial + 1 WHERE id = ?",
        (connection_id,),
    )
    for field in (ACCESS_TOKEN, REFRESH_TOKEN):
        erase(store, connection_id, field)
