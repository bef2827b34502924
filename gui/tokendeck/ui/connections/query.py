"""What is typed into the search field, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

FILTERS = ("state", "env", "tag", "provider")


@dataclass(frozen=True, slots=True)
class Facets:
    """What filters ask of a connection, which many have in common; folded, since case does not matter."""

    environment: str
    tags: tuple[str, ...]
    provider: str


@dataclass(frozen=True, slots=True)
class Query:
    """Words that must all occur, and filters that must all hold."""

    words: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Pairs of a filter's name and the values of which one must match."""

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read `payt state:live,due env:prod`; what names no filter is a word, a filter without a value is ignored."""
        words: list[str] = []
        filters: list[tuple[str, tuple[str, ...]]] = []
        for piece in text.casefold().split():
            name, colon, value = piece.partition(":")
            if not colon or name not in FILTERS:
                words.append(piece)
            elif values := tuple(filter(None, value.split(","))):
                filters.append((name, values))
        return cls(tuple(words), tuple(filters))

    @property
    def is_empty(self) -> bool:
        """Whether everything matches."""
        return not self.words and not self.filters

    def matches(self, text: str, facets: Callable[[], Facets], state: Callable[[], str]) -> bool:
        """
        Tell whether a connection is wanted.

        Args:
            text: all that words are looked for in, folded: name, tags, provider, hosts and what was filled in.
            facets: gives what filters ask; asked for only where one does.
            state: gives its state's word, likewise.

        """
        return all(word in text for word in self.words) and all(
            _holds(name, values, facets, state) for name, values in self.filters
        )


def _holds(name: str, values: tuple[str, ...], facets: Callable[[], Facets], state: Callable[[], str]) -> bool:
    match name:
        case "state":
            word = state().replace("_", "")
            return any(word.startswith(value.replace("_", "").replace("-", "")) for value in values)
        case "env":
            return any(value in facets().environment for value in values)
        case "tag":
            return any(tag.startswith(value.removeprefix("#")) for value in values for tag in facets().tags)
        case _:
            return any(value in facets().provider for value in values)
