"""What the engine tells its listeners: always after the store has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.core.errors import TokendeckError
    from tokendeck.core.vault import VaultState


@dataclass(frozen=True, slots=True)
class RecordAdded:
    """A connection came to be, or came back by undo."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """A connection's settings, token, trouble or verdict changed."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A request for a connection, or signing in to it, has begun or ended; its record is what it was."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class RecordRemoved:
    """A connection left the list."""

    connection_id: str


@dataclass(frozen=True, slots=True)
class VaultChanged:
    """The vault opened, shut, or is being asked."""

    state: VaultState


@dataclass(frozen=True, slots=True)
class ClockWarning:
    """A provider's `Date` header is more than a minute off our wall clock."""

    connection_id: str
    offset_s: float
    """Positive where the provider's clock is ahead."""


@dataclass(frozen=True, slots=True)
class NotRevoked:
    """A connection was deleted, and its provider goes on taking its tokens."""

    connection: Connection
    error: TokendeckError
    """Why they could not be revoked."""


Event = RecordAdded | RecordChanged | StatusChanged | RecordRemoved | VaultChanged | ClockWarning | NotRevoked
