"""What has become of the connections since somebody last looked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the store as it was at an earlier mark, whoever changed it."""

    mark: int
    """How the store stands now: the mark to ask by next time."""

    records: tuple[ConnectionRecord, ...] = ()
    """Connections that were added or changed."""

    remaining: frozenset[str] | None = None
    """The ids of all that are left, where a connection has left the list; None where none has."""
