"""The connections as rows: filtered and sorted by an index list of its own, judged by the clock only when looked at."""

from __future__ import annotations

from bisect import bisect_left, insort
from enum import Enum
from typing import TYPE_CHECKING, Any, assert_never

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from tokendeck.core.errors import TokendeckError
from tokendeck.core.expiry import At, Never, NotStated
from tokendeck.core.listing import Listing
from tokendeck.core.status import Status, status_of
from tokendeck.ui.connections.look import complaint
from tokendeck.ui.connections.query import Query
from tokendeck.ui.connections.search_index import SearchIndex
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from PySide6.QtCore import QObject

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.ui.context import UiContext

AnyIndex = QModelIndex | QPersistentModelIndex

ID_ROLE = int(Qt.ItemDataRole.UserRole)
"""The connection's id."""

RECORD_ROLE = ID_ROLE + 1
"""The `ConnectionRecord`."""

WARMED_AT_ONCE = 200
"""Takes about 2 ms."""

ROOT = QModelIndex()
NOBODY_KNOWS, FAR_FUTURE = 1e18, float("inf")


class Order(Enum):
    """What the list is sorted by; names break ties."""

    NAME = "name"
    EXPIRY = "expiry"
    PROVIDER = "provider"


class ConnectionsModel(QAbstractListModel):
    """
    The list's model.

    It is filled with plain records before there is an engine, and asks the context's engine for states once that has
    come. What is under way (`testing`) and what was just copied are kept here, since every view shows them.
    """

    counted = Signal()
    """How many connections there are, or how many of them are shown, has changed."""

    def __init__(
        self,
        context: UiContext,
        records: Listing | Iterable[ConnectionRecord] = (),
        parent: QObject | None = None,
    ) -> None:
        """Show `records`."""
        super().__init__(parent)
        self._context = context
        self._records: MutableMapping[str, ConnectionRecord] = {}
        self._providers: dict[str, Provider | None] = {}
        self._index = SearchIndex(self.provider)
        self._sorted: list[tuple[Any, ...]] = []
        self._keys: list[tuple[Any, ...]] = []
        self._shown: list[str] = []
        self._query = Query()
        self._order = Order.NAME
        self.testing: set[str] = set()
        self.copied: str | None = None
        self._warming = QTimer(self, interval=0)
        self._warming.timeout.connect(self._warm)
        self.set_records(records)

    # What Qt asks

    def rowCount(self, parent: AnyIndex = ROOT) -> int:  # noqa: N802 - Qt's spelling
        """Give how many connections are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's signature
        """Give a row's name, its spoken sentence, its id or its record."""
        if not index.isValid():
            return None
        connection_id = self._shown[index.row()]
        record = self._records[connection_id]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return record.connection.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self.spoken(connection_id)
            case _ if role == ID_ROLE:
                return connection_id
            case _ if role == RECORD_ROLE:
                return record
            case _:
                return None

    # What the window asks

    @property
    def total(self) -> int:
        """How many connections there are, shown or not."""
        return len(self._records)

    @property
    def query(self) -> Query:
        """What the list is filtered by."""
        return self._query

    @property
    def order(self) -> Order:
        """What the list is sorted by."""
        return self._order

    def record(self, connection_id: str) -> ConnectionRecord | None:
        """Give a record; None where it is gone."""
        return self._records.get(connection_id)

    def ids(self) -> tuple[str, ...]:
        """Give the ids of all connections, shown or not, in the list's order."""
        return tuple(key[-1] for key in self._sorted)

    def id_at(self, row: int) -> str:
        """Give the id of a row that is shown."""
        return self._shown[row]

    def row_of(self, connection_id: str) -> int | None:
        """Give the row of a connection; None where it is not shown."""
        record = self._records.get(connection_id)
        if record is None:
            return None
        row = bisect_left(self._keys, self._key(record))
        return row if row < len(self._shown) and self._shown[row] == connection_id else None

    def provider(self, record: ConnectionRecord) -> Provider | None:
        """Give the descriptor, overrides applied; None where it is missing or wrong."""
        connection_id = record.connection.id
        if connection_id not in self._providers:
            try:
                self._providers[connection_id] = self._context.catalog.provider_for(record.connection)
            except TokendeckError:
                self._providers[connection_id] = None
        return self._providers[connection_id]

    def grant(self, record: ConnectionRecord) -> Grant | None:
        """Give the connection's grant; None where the descriptor or the grant is missing."""
        provider = self.provider(record)
        try:
            return None if provider is None else provider.grant(record.connection.grant)
        except KeyError:
            return None

    def status(self, record: ConnectionRecord, now: Moment) -> Status | None:
        """Judge a connection; None where its descriptor does not serve."""
        grant = self.grant(record)
        if grant is None:
            return None
        if self._context.has_engine:
            try:
                return self._context.engine.status(record.connection.id)
            except TokendeckError:
                return None
        return status_of(record, grant, now)

    def spoken(self, connection_id: str) -> str:
        """Give what a screen reader says of a row."""
        record = self._records[connection_id]
        now = self._context.now()
        provider, grant, status = self.provider(record), self.grant(record), self.status(record, now)
        if provider is None or grant is None or status is None:
            connection, why = record.connection, complaint(self._context.catalog, record.connection)
            lost = translate("ConnectionsList", "{name}, {provider}, needs attention, {why}")
            return lost.format(name=connection.name, provider=connection.provider, why=why)
        return self._context.wording.spoken(record, status, provider, grant, now)

    def warm(self) -> None:
        """Make everything searchable little by little while nothing else happens: the first keystroke is quick then."""
        self._warming.start()

    # What changes

    def set_records(self, records: Listing | Iterable[ConnectionRecord]) -> None:
        """Replace everything; records that nobody looks at are left unread in a `Listing`."""
        self.beginResetModel()
        self._records = records if isinstance(records, Listing) else {one.connection.id: one for one in records}
        self._providers.clear()
        self._index.clear()
        self._sort()
        self._arrange()
        self.endResetModel()
        self.counted.emit()

    def set_query(self, query: Query) -> None:
        """Filter anew."""
        if query != self._query:
            self._query = query
            self._reset()

    def set_order(self, order: Order) -> None:
        """Sort anew."""
        if order is not self._order:
            self._order = order
            self._sort()
            self._reset()

    def put(self, record: ConnectionRecord) -> None:
        """Take in a new or changed record, touching its row alone."""
        connection_id = record.connection.id
        known = self._records.get(connection_id)
        if known is record and not self._query.filters:  # it is in another state, which only a filter could ask about
            self.touch(connection_id)
            return
        old = self.row_of(connection_id)
        if known is None or known.connection is not record.connection:
            self._providers.pop(connection_id, None)
            self._index.forget(connection_id)
        wanted = self._is_wanted(record)
        key = self._key(record)
        if known is None or (before := self._key(known)) != key:
            if known is not None:
                del self._sorted[bisect_left(self._sorted, before)]
            insort(self._sorted, key)
        if old is not None and wanted and self._keys[old] == key:
            self._records[connection_id] = record
            self._say_changed(old)
            return
        if old is not None and wanted:
            self._move(old, key, record)
            return
        if old is not None:
            self._take_out(old)
        self._records[connection_id] = record
        if wanted:
            self._insert(key, connection_id)
        self.counted.emit()

    def remove(self, connection_id: str) -> None:
        """Take a connection away; one that is gone already is no error."""
        row = self.row_of(connection_id)
        if row is not None:
            self._take_out(row)
        record = self._records.pop(connection_id, None)
        if record is not None:
            del self._sorted[bisect_left(self._sorted, self._key(record))]
            self._providers.pop(connection_id, None)
            self._index.forget(connection_id)
            self.counted.emit()

    def touch(self, connection_id: str) -> None:
        """Say that a row looks different, though its record does not."""
        row = self.row_of(connection_id)
        if row is not None:
            self._say_changed(row)

    def mark_testing(self, connection_id: str, *, under_way: bool) -> None:
        """Keep whether a test is under way."""
        (self.testing.add if under_way else self.testing.discard)(connection_id)
        self.touch(connection_id)

    def mark_copied(self, connection_id: str | None) -> None:
        """Keep which row shows the tick of a fresh copy; None for none."""
        before, self.copied = self.copied, connection_id
        for one in {before, connection_id} - {None}:
            self.touch(str(one))

    # Inside

    def _warm(self) -> None:
        if self._index.take_in(self._records, WARMED_AT_ONCE) < WARMED_AT_ONCE:
            self._warming.stop()

    def _reset(self) -> None:
        self.beginResetModel()
        self._arrange()
        self.endResetModel()
        self.counted.emit()

    def _sort(self) -> None:
        if self._order is Order.NAME and isinstance(self._records, Listing):
            self._sorted = sorted((name.casefold(), connection_id) for connection_id, name in self._records.names())
        else:
            self._sorted = sorted(map(self._key, self._records.values()))

    def _arrange(self) -> None:
        self._keys = list(self._sorted) if self._query.is_empty else self._narrowed()
        self._shown = [key[-1] for key in self._keys]

    def _narrowed(self) -> list[tuple[Any, ...]]:
        """Give what the query leaves: words first and in plain loops, since this runs at every keystroke."""
        self._index.take_in(self._records)
        keys, texts = self._sorted, self._index.texts
        for word in self._query.words:
            keys = [key for key in keys if word in texts[key[-1]]]
        if self._query.filters:
            keys = [key for key in keys if self._is_wanted(self._records[key[-1]])]
        return keys

    def _move(self, old: int, key: tuple[Any, ...], record: ConnectionRecord) -> None:
        place = bisect_left(self._keys, key)
        stays = place in {old, old + 1}
        if not stays:
            self.beginMoveRows(ROOT, old, old, ROOT, place)
        del self._keys[old], self._shown[old]
        row = bisect_left(self._keys, key)
        self._keys.insert(row, key)
        self._shown.insert(row, record.connection.id)
        self._records[record.connection.id] = record
        if not stays:
            self.endMoveRows()
        self._say_changed(row)

    def _say_changed(self, row: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index)

    def _insert(self, key: tuple[Any, ...], connection_id: str) -> None:
        row = bisect_left(self._keys, key)
        self.beginInsertRows(ROOT, row, row)
        self._keys.insert(row, key)
        self._shown.insert(row, connection_id)
        self.endInsertRows()

    def _take_out(self, row: int) -> None:
        self.beginRemoveRows(ROOT, row, row)
        del self._keys[row], self._shown[row]
        self.endRemoveRows()

    def _key(self, record: ConnectionRecord) -> tuple[Any, ...]:
        """Give what a record is sorted by: its id comes last, so that no two are equal."""
        connection = record.connection
        name = connection.name.casefold()
        match self._order:
            case Order.NAME:
                return (name, connection.id)
            case Order.PROVIDER:
                return (connection.provider, name, connection.id)
            case Order.EXPIRY:
                return (_end(record), name, connection.id)
            case _:
                assert_never(self._order)

    def _is_wanted(self, record: ConnectionRecord) -> bool:
        if self._query.is_empty:
            return True
        index = self._index
        return self._query.matches(index.text(record), lambda: index.facets(record), lambda: self._state_word(record))

    def _state_word(self, record: ConnectionRecord) -> str:
        status = self.status(record, self._context.now())
        return "needs_attention" if status is None else status.word


def _end(record: ConnectionRecord) -> float:
    """Give when a token ends, as a number to sort by: none at all first, unknown and endless last."""
    if record.token is None:
        return 0.0
    match record.token.expiry:
        case At(when=when):
            return when.timestamp()
        case NotStated():
            return NOBODY_KNOWS
        case Never():
            return FAR_FUTURE
        case _:
            assert_never(record.token.expiry)
