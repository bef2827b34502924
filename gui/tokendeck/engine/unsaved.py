"""Tokens that a provider has given and no disk has taken yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.ports import Claim


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What waits in memory."""

    tokens: TokenSet
    serial: int
    """Of the issue in whose place they are to come."""

    lock: Claim | None
    """On the connection, so that no other process spends what these came for; None for those of a sign-in."""

    def let_go(self) -> None:
        """Let go of the lock."""
        if self.lock is not None:
            self.lock.release()


class Waiting:
    """At most one issue for each connection, in memory until a disk takes it."""

    def __init__(self) -> None:
        """Start with none."""
        self._by_id: dict[str, Unsaved] = {}

    def __contains__(self, connection_id: str) -> bool:
        """Tell whether an issue of this connection waits."""
        return connection_id in self._by_id

    def all(self) -> tuple[tuple[str, Unsaved], ...]:
        """Give what waits, with the id of its connection."""
        return tuple(self._by_id.items())

    def of(self, connection_id: str) -> Unsaved | None:
        """Give what waits for a connection; None where nothing does."""
        return self._by_id.get(connection_id)

    def claim(self, connection_id: str) -> Claim | None:
        """Give what is held of a connection for what waits; None where nothing is."""
        unsaved = self._by_id.get(connection_id)
        return None if unsaved is None else unsaved.lock

    def is_wanted(self, record: ConnectionRecord) -> bool:
        """Tell whether an issue waits that no edit has overtaken."""
        unsaved = self._by_id.get(record.connection.id)
        return unsaved is not None and unsaved.serial == record.serial

    def keep(self, connection_id: str, unsaved: Unsaved) -> None:
        """Have an issue wait."""
        self._by_id[connection_id] = unsaved

    def drop(self, connection_id: str) -> None:
        """Let go of an issue that is saved, or of no use; whoever holds its lock lets go of that."""
        self._by_id.pop(connection_id, None)

    def forget(self, connection_id: str) -> None:
        """Let go of an issue and its lock."""
        unsaved = self._by_id.pop(connection_id, None)
        if unsaved is not None:
            unsaved.let_go()
