"""One connection as the store has it at one moment: what stands in clear, and what is sealed beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokendeck.core.credentials import Credentials
from tokendeck.core.errors import NoSuchConnection, VaultDamaged
from tokendeck.core.holding import Holding
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenSet
from tokendeck.storage.records import RECORD_COLUMNS, to_facts, to_record
from tokendeck.storage.sealed_rows import ACCESS_TOKEN, REFRESH_TOKEN, SECRET, SETTINGS, TOKEN
from tokendeck.storage.sealing import Place

if TYPE_CHECKING:
    import sqlite3

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.storage.records import Row
    from tokendeck.storage.sealing import Beside, Seal

QUERY = f"SELECT {RECORD_COLUMNS}, folded_name, token_type, hidden_by FROM connections WHERE id = ?"  # noqa: S608 - constant text
SEALED = "SELECT field, version, nonce, ciphertext FROM sealed WHERE connection_id = ?"
COLUMNS = RECORD_COLUMNS.replace(",", " ").split()
DISCARDED, FACTS_FROM = COLUMNS.index("discarded"), COLUMNS.index("asked_at")
HAS_REFRESH_TOKEN, SERIAL = COLUMNS.index("has_refresh_token"), COLUMNS.index("serial")


class Dossier:
    """
    All rows of one connection.

    They are read in two statements and opened afterwards: each statement lets go of Python's lock and has to get it
    back, which is dear while a window is drawn on another thread.
    """

    __slots__ = ("_connection_id", "_record", "_row", "_token_type", "_versions", "in_clear", "is_hidden", "sealed")

    def __init__(self, row: Row, sealed: list[tuple[str, int, bytes, bytes]]) -> None:
        """Take what the two statements gave."""
        *record, folded_name, self._token_type, hidden_by = row
        self._row: Row = tuple(record)
        self._connection_id: str = self._row[0]
        self.in_clear: Beside = (self._row[1], folded_name, *self._row[2:7])
        """What settings are bound to; in the order of `settings.IN_CLEAR`."""

        self.is_hidden = hidden_by is not None
        self._record: ConnectionRecord | None = None
        self._versions: dict[str, int] | None = None
        self.sealed = {field: (version, nonce, ciphertext) for field, version, nonce, ciphertext in sealed}

    @property
    def facts(self) -> Beside:
        """What tokens are bound to."""
        return (self._token_type, *self._row[FACTS_FROM:])

    def record(self) -> ConnectionRecord:
        """Give what the list shows of it. Raises `Unreadable`."""
        if self._record is None:
            self._record = to_record(self._row)
        return self._record

    def secret_versions(self) -> dict[str, int]:
        """Give the version of each secret that is there, by field."""
        return {field: found[0] for field, found in self.sealed.items() if field.startswith(SECRET)}

    def secrets(self, seal: Seal) -> dict[str, Secret]:
        """Give the secrets by field key, whatever the settings are. Raises `VaultDamaged`."""
        fields = [field for field in self.sealed if field.startswith(SECRET)]
        return {field.removeprefix(SECRET): self._open(seal, field) for field in fields}

    def versions_as_put(self, seal: Seal) -> dict[str, int]:
        """Give the versions of the secrets that were put. Raises `VaultDamaged` where the settings are not as put."""
        if self._versions is None:
            if SETTINGS not in self.sealed:
                raise VaultDamaged(self._connection_id, SETTINGS)
            versions: dict[str, int] = json.loads(self._open(seal, SETTINGS, self.in_clear).reveal())
            self._versions = versions
        return self._versions

    def credentials(self, seal: Seal) -> Credentials:
        """Give settings and secrets as they were put. Raises `VaultDamaged`."""
        put_as, found = self.versions_as_put(seal), self.secret_versions()
        secrets = self.secrets(seal)
        for field in sorted(put_as.keys() | found.keys()):
            if put_as.get(field) != found.get(field):
                raise VaultDamaged(self._connection_id, field)
        return Credentials(self.record().connection, secrets, self.sealed[SETTINGS][0])

    def tokens(self, seal: Seal) -> TokenSet | None:
        """Give the newest saved tokens; None where there are none. Raises `VaultDamaged`."""
        row = self._row
        fields = set[str]()
        if row[FACTS_FROM] is not None:
            fields |= set() if row[DISCARDED] else {ACCESS_TOKEN}
            fields |= {REFRESH_TOKEN} if row[HAS_REFRESH_TOKEN] else set()
        for field in sorted(fields ^ {field for field in self.sealed if field.startswith(TOKEN)}):
            raise VaultDamaged(self._connection_id, field)
        # The version is not read from the row itself: an older issue put back in its place does not open.
        opened = {field: self._open(seal, field, self.facts, version=row[SERIAL]) for field in sorted(fields)}
        facts = to_facts(row[FACTS_FROM:]) if opened else None
        if facts is None:
            return None
        self.versions_as_put(seal)  # else nobody knows whose they are
        return TokenSet(
            access_token=opened.get(ACCESS_TOKEN, Secret("")),
            refresh_token=opened.get(REFRESH_TOKEN),
            facts=facts,
            token_type=self._token_type,
        )

    def holding(self, seal: Seal) -> Holding:
        """Give all of it; where something does not open, that takes the place of what it holds."""
        tokens: TokenSet | VaultDamaged | None
        try:
            tokens = self.tokens(seal)
        except VaultDamaged as damage:
            tokens = damage
        credentials: Credentials | VaultDamaged
        try:
            credentials = self.credentials(seal)
        except VaultDamaged as damage:
            credentials = damage
        return Holding(self.record(), tokens, credentials)

    def _open(self, seal: Seal, field: str, beside: Beside = (), *, version: int | None = None) -> Secret:
        sealed_as, nonce, ciphertext = self.sealed[field]
        place = Place(self._connection_id, field, sealed_as if version is None else version)
        return seal.open(place, nonce, ciphertext, beside)


def find(store: sqlite3.Connection, connection_id: str) -> Dossier | None:
    """Read everything of a connection, hidden or not; None where it is gone."""
    row = store.execute(QUERY, (connection_id,)).fetchone()
    return None if row is None else Dossier(row, store.execute(SEALED, (connection_id,)).fetchall())


def find_listed(store: sqlite3.Connection, connection_id: str, *, hidden_too: bool = False) -> Dossier:
    """Read everything of a connection that is in the list, or at least in the store. Raises `NoSuchConnection`."""
    found = find(store, connection_id)
    if found is None or (found.is_hidden and not hidden_too):
        raise NoSuchConnection(connection_id)
    return found
