"""The connections as this process knows them, and whoever wants to hear of changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from tokendeck.core.errors import DescriptorError, NoSuchConnection
from tokendeck.core.frozen import replace
from tokendeck.engine.events import RecordAdded, RecordChanged, RecordRemoved
from tokendeck.engine.names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokendeck.core.connection import Connection, ConnectionRecord
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.engine.events import Event
    from tokendeck.engine.ports import Catalog, Ledger

log = logging.getLogger(__name__)


class _Unnoted(NamedTuple):
    """Why there is no token, where the store could not take it."""

    stored: ConnectionRecord
    shown: ConnectionRecord

    def laid_over(self, record: ConnectionRecord) -> ConnectionRecord | None:
        """Give a record of the store as it would be; None where the store says something else than it did."""
        was = self.stored
        if (record.connection, record.serial, record.trouble) != (was.connection, was.serial, was.trouble):
            return None
        return replace(record, trouble=self.shown.trouble, cut_off_at=self.shown.cut_off_at)


class Roster:
    """Keeps what the ledger last said, by id; every change is announced once."""

    def __init__(self, ledger: Ledger, catalog: Catalog) -> None:
        """Start empty; `load` fills it."""
        self._ledger = ledger
        self._catalog = catalog
        self._records: dict[str, ConnectionRecord] = {}
        self._unnoted: dict[str, _Unnoted] = {}
        self._names = Names()
        self._mark = 0
        self._listeners: list[Callable[[Event], None]] = []

    async def load(self) -> None:
        """Read what has changed in the store since the last time, and announce what differs."""
        changes = await self._ledger.changes(self._mark)
        for record in changes.records:
            self.keep(record)
        if changes.remaining is not None:
            for connection_id in self._records.keys() - changes.remaining:
                self.drop(connection_id)
        self._mark = changes.mark

    def clear(self) -> None:
        """Let go of everything: what `load` reads next is another store."""
        self._mark = 0
        for connection_id in tuple(self._records):
            self.drop(connection_id)

    async def reread(self, connection_id: str) -> ConnectionRecord:
        """Read one connection anew. Raises `NoSuchConnection`."""
        record = await self._ledger.record(connection_id)
        if record is None:
            self.drop(connection_id)
            raise NoSuchConnection(connection_id)
        return self.keep(record)

    def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all, in no particular order."""
        return tuple(self._records.values())

    def knows(self, connection_id: str) -> bool:
        """Tell whether there is such a connection."""
        return connection_id in self._records

    def record(self, connection_id: str) -> ConnectionRecord:
        """Give one. Raises `NoSuchConnection`."""
        try:
            return self._records[connection_id]
        except KeyError:
            raise NoSuchConnection(connection_id) from None

    def find(self, name: str) -> ConnectionRecord:
        """Give the connection of this name, without regard to case. Raises `NoSuchConnection` with names like it."""
        connection_id = self._names.find(name)
        if connection_id is None:
            raise NoSuchConnection(name, self._names.near(name))
        return self._records[connection_id]

    def keep(self, record: ConnectionRecord) -> ConnectionRecord:
        """Take in a record as the store now has it, announce it where it differs, and give it as it is known now."""
        connection_id = record.connection.id
        if connection_id in self._unnoted:
            laid_over = self._unnoted[connection_id].laid_over(record)
            if laid_over is None:
                self.believe_store(connection_id)
            record = laid_over or record
        known = self._records.get(connection_id)
        self._records[connection_id] = record
        self._names.put(connection_id, record.connection.name)
        if known is None:
            self.announce(RecordAdded(connection_id))
        elif known != record:
            self.announce(RecordChanged(connection_id))
        return self._records.get(connection_id, record)

    def amend(self, connection_id: str, change: Callable[[ConnectionRecord], ConnectionRecord]) -> None:
        """Take in what just changed in the store; a connection that has left the list meanwhile stays away."""
        known = self._records.get(connection_id)
        if known is not None:
            self.believe_store(connection_id)
            self.keep(change(known))

    def amend_unnoted(self, connection_id: str, change: Callable[[ConnectionRecord], ConnectionRecord]) -> None:
        """Take in what no disk took: it stands until the store says something else than it did."""
        known = self._records.get(connection_id)
        if known is not None:
            before = self._unnoted.get(connection_id)
            self.amend(connection_id, change)
            self._unnoted[connection_id] = _Unnoted(before.stored if before else known, self._records[connection_id])

    def believe_store(self, connection_id: str) -> None:
        """Forget what no disk took of a connection."""
        self._unnoted.pop(connection_id, None)

    def drop(self, connection_id: str) -> None:
        """Let go of a connection; announce it where it was known."""
        self.believe_store(connection_id)
        if self._records.pop(connection_id, None) is not None:
            self._names.drop(connection_id)
            self.announce(RecordRemoved(connection_id))

    def provider(self, connection: Connection) -> Provider:
        """Give the descriptor, overrides applied. Raises `UnknownProvider` or `DescriptorError`."""
        return self._catalog.provider_for(connection)

    def grant(self, connection: Connection) -> Grant:
        """Give the connection's grant, overrides applied. Raises as `provider` does."""
        provider = self.provider(connection)
        try:
            return provider.grant(connection.grant)
        except KeyError:
            raise DescriptorError(
                provider.id, f"grants.{connection.grant}", "the grant that a connection was added with"
            ) from None

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell `listener` every event from now on; give what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def announce(self, *events: Event) -> None:
        """Tell every listener; one that raises is logged and keeps nobody else from hearing."""
        listeners: Iterable[Callable[[Event], None]] = tuple(self._listeners)
        for event in events:
            for listener in listeners:
                try:
                    listener(event)
                except Exception:
                    log.exception("a listener of the engine raised")
