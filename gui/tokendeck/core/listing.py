"""The list as it is first seen: all names at once, and what else is known of a connection once somebody looks."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tokendeck.core.connection import ConnectionRecord

    Row = tuple[Any, ...]


class Listing(MutableMapping[str, "ConnectionRecord"]):
    """
    Records by connection id, in the order of their rows.

    A record is made of its row when it is first asked for: to make 10,000 takes 0.1 s, and a window shows ten of them.
    """

    def __init__(self, rows: Iterable[Row], read: Callable[[Row], ConnectionRecord]) -> None:
        """Hold rows that begin with id and name; `read` makes a record of one, and raises nothing."""
        self._held: dict[str, Row | ConnectionRecord] = {row[0]: row for row in rows}
        self._read = read

    def __getitem__(self, connection_id: str) -> ConnectionRecord:
        """Give a record. Raises `KeyError`."""
        held = self._held[connection_id]
        if isinstance(held, tuple):
            held = self._held[connection_id] = self._read(held)
        return held

    def __setitem__(self, connection_id: str, record: ConnectionRecord) -> None:
        """Hold another record."""
        self._held[connection_id] = record

    def __delitem__(self, connection_id: str) -> None:
        """Hold it no more. Raises `KeyError`."""
        del self._held[connection_id]

    def __iter__(self) -> Iterator[str]:
        """Give the ids."""
        return iter(self._held)

    def __len__(self) -> int:
        """Count connections."""
        return len(self._held)

    def names(self) -> Iterator[tuple[str, str]]:
        """Give id and name of each, making no record."""
        for connection_id, held in self._held.items():
            yield connection_id, held[1] if isinstance(held, tuple) else held.connection.name
