"""What each connection is found by: made when it is first wanted, and little by little before that."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tokendeck.core.origin import host_of
from tokendeck.ui.connections.query import Facets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.provider import Provider


class SearchIndex:
    """Texts for words and facets for filters, folded, of the connections that it has taken in."""

    def __init__(self, provider: Callable[[ConnectionRecord], Provider | None]) -> None:
        """Start empty; `provider` gives a connection's descriptor."""
        self._provider = provider
        self.texts: dict[str, str] = {}
        """By connection id: name, tags, provider, hosts and what was filled in, secrets never."""

        self._facets: dict[tuple[str, str, tuple[str, ...]], Facets] = {}
        """By provider, environment and tags, of connections without overrides: many have them in common."""

    def clear(self) -> None:
        """Forget everything."""
        self.texts.clear()
        self._facets.clear()

    def forget(self, connection_id: str) -> None:
        """Forget a connection that has changed, or gone; its provider's descriptor may be another by now."""
        self.texts.pop(connection_id, None)
        self._facets.clear()

    def take_in(self, records: Mapping[str, ConnectionRecord], most: int | None = None) -> int:
        """Make the missing texts of `records`, `most` of them; tell how many."""
        if len(self.texts) >= len(records):
            return 0
        missing = (record for connection_id, record in records.items() if connection_id not in self.texts)
        batch = list(islice(missing, most))
        for record in batch:
            self.text(record)
        return len(batch)

    def text(self, record: ConnectionRecord) -> str:
        """Give what words are looked for in."""
        connection = record.connection
        if connection.id not in self.texts:
            hosts = [host_of(origin) for origin in connection.confirmed_origins]
            words = [connection.name, *connection.tags, self._provider_words(record), *hosts]
            self.texts[connection.id] = "\n".join([*words, *connection.values.values()]).casefold()
        return self.texts[connection.id]

    def facets(self, record: ConnectionRecord) -> Facets:
        """Give what filters ask."""
        connection = record.connection
        if connection.overrides:
            return self._new_facets(record)
        shared = connection.provider, connection.environment, connection.tags
        if shared not in self._facets:
            self._facets[shared] = self._new_facets(record)
        return self._facets[shared]

    def _new_facets(self, record: ConnectionRecord) -> Facets:
        connection, provider = record.connection, self._provider(record)
        place = None if provider is None else provider.environment(connection.environment)
        kind = "production" if place and place.production else ""
        return Facets(
            environment=f"{connection.environment} {place.name if place else ''} {kind}".casefold(),
            tags=tuple(tag.casefold() for tag in connection.tags),
            provider=self._provider_words(record).casefold(),
        )

    def _provider_words(self, record: ConnectionRecord) -> str:
        provider = self._provider(record)
        return f"{record.connection.provider} {provider.name if provider else ''}"
