"""Reads the store as a process of its own would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engine.machine.account import Typed
from tests.engine.machine.keyring import Keyring, KeyringEntry
from tests.engine.machine.stepped import ImmediateWorker, at_once
from tokendeck.core.connection import ConnectionRecord, TroubleKind
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.machine.account import Issued
    from tests.engine.machine.server import OnTheWire, Servers
    from tests.engine.machine.stepped import SteppedLoop
    from tokendeck.core.token import TokenSet


@dataclass(frozen=True)
class Stored:
    """What the store has of one connection."""

    record: ConnectionRecord
    tokens: TokenSet | None
    typed: Typed
    version: int

    @property
    def is_stopped(self) -> bool:
        """Whether nothing happens before a person acts."""
        return self.record.trouble is not None and self.record.trouble.kind is not TroubleKind.WAITING


class Auditor:
    """Looks at everything, changes nothing."""

    def __init__(self, home: Path, entries: dict[str, bytes], loop: SteppedLoop, servers: Servers) -> None:
        """Open the store in `home`, which a process has set up; `entries` are the keyring's."""
        self._loop = loop
        self._servers = servers
        always_open = Keyring()
        always_open.entries = entries
        self._storage = open_storage(home, guard=KeyringEntry(always_open))
        self._storage._store._worker = ImmediateWorker()  # type: ignore[assignment]  # the same shape
        loop.finish(self._open())
        self._jobs = 0
        self._stored: dict[str, Stored | None] = {}
        """What was read since anybody could have changed the store."""

    async def _open(self) -> None:
        await self._storage.vault.open()

    def close(self) -> None:
        self._loop.finish(self._storage.close())

    def stored(self, connection_id: str) -> Stored | None:
        """Give what the store has of a connection; None where it is not in the list."""
        if self._jobs != self._loop.jobs:
            self._jobs = self._loop.jobs
            self._stored.clear()
        if connection_id not in self._stored:
            self._stored[connection_id] = self._read(connection_id)
        return self._stored[connection_id]

    def record(self, connection_id: str) -> ConnectionRecord | None:
        stored = self.stored(connection_id)
        return None if stored is None else stored.record

    def kept(self, connection_id: str) -> TokenSet | None:
        stored = self.stored(connection_id)
        return None if stored is None else stored.tokens

    def kept_refresh_token(self, connection_id: str) -> str | None:
        kept = self.kept(connection_id)
        return kept.refresh_token.reveal() if kept is not None and kept.refresh_token is not None else None

    def kept_issue(self, connection_id: str) -> Issued | None:
        """Give the issue whose access token the store has."""
        kept = self.kept(connection_id)
        return self._servers.issues[kept.access_token.reveal()] if kept and kept.access_token else None

    def is_stopped(self, connection_id: str) -> bool:
        """Tell whether the store says that nothing happens before a person acts."""
        stored = self.stored(connection_id)
        return stored is not None and stored.is_stopped

    def is_held_against(self, wire: OnTheWire, code: str) -> bool:
        """Tell whether a connection that was refused is still the one that sent it: an edit may have overtaken it."""
        stored = self.stored(wire.arrival.connection_id)
        if stored is None:
            return True  # deleted; should that be undone, it is as it was
        if code == "invalid_grant" and wire.refresh_token is not None:
            return wire.refresh_token == self.kept_refresh_token(wire.arrival.connection_id)
        return wire.version == stored.version

    def is_still_sent(self, wire: OnTheWire) -> bool:
        """Tell whether the connection, as the store has it now, would send the same again."""
        stored = self.stored(wire.arrival.connection_id)
        if stored is None:
            return True  # deleted; should that be undone, it is as it was
        same_refresh = wire.refresh_token in {None, self.kept_refresh_token(wire.arrival.connection_id)}
        return (wire.client_id, wire.secret) == (stored.typed.client_id, stored.typed.secret) and same_refresh

    def _read(self, connection_id: str) -> Stored | None:
        record = at_once(self._storage.ledger.record(connection_id))
        if record is None:
            return None
        credentials = at_once(self._storage.vault.credentials(connection_id))
        connection, secret = credentials.connection, credentials.secrets["client_secret"].reveal()
        assert connection == record.connection
        typed = Typed(connection.name, connection.values["client_id"], secret)
        return Stored(record, at_once(self._storage.vault.tokens(connection_id)), typed, credentials.version)
