"""Connections by name, without regard to case, and the names that are like one that nobody has."""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING

from tokendeck.core.connection import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPARED = 100
"""Names on each side that are compared in full: 10,000 take a quarter of a second, these 10 ms."""

MOST_NEAR = 3


class Names:
    """Which connection has which name."""

    def __init__(self) -> None:
        """Start without any."""
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def put(self, connection_id: str, name: str) -> None:
        """Let a connection have a name, in place of the one it had."""
        if self._names.get(connection_id) != name:
            self.drop(connection_id)
            self._names[connection_id] = name
            self._ids[folded(name)] = connection_id

    def drop(self, connection_id: str) -> None:
        """Take a connection's name away."""
        name = self._names.pop(connection_id, None)
        if name is not None and self._ids.get(folded(name)) == connection_id:  # another may have taken it over
            del self._ids[folded(name)]

    def find(self, name: str) -> str | None:
        """Give the id of the connection of this name."""
        return self._ids.get(folded(name))

    def near(self, name: str) -> tuple[str, ...]:
        """Give at most three names like this one, the likest first, among those that begin or end as it does."""
        import difflib

        wanted = folded(name)
        candidates = {*_around(wanted, self._ids), *(one[::-1] for one in _around(wanted[::-1], _reversed(self._ids)))}
        found = difflib.get_close_matches(wanted, sorted(candidates), n=MOST_NEAR)
        return tuple(self._names[self._ids[one]] for one in found)


def _reversed(texts: Iterable[str]) -> list[str]:
    return [one[::-1] for one in texts]


def _around(text: str, texts: Iterable[str]) -> list[str]:
    """Give those that stand around a text in the order of the alphabet."""
    ordered = sorted(texts)
    place = bisect(ordered, text)
    return ordered[max(place - COMPARED, 0) : place + COMPARED]
