"""The list itself: mouse and keyboard on painted rows, and real buttons on the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from tokendeck.ui.connections.action_icon import action_name
from tokendeck.ui.connections.delegate import ExpiryDelegate, row_index
from tokendeck.ui.connections.geometry import RowAction
from tokendeck.ui.connections.look import look_at
from tokendeck.ui.connections.model import ID_ROLE, RECORD_ROLE, ConnectionsModel
from tokendeck.ui.connections.row_buttons import RowButtons
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtCore import QItemSelection
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from tokendeck.ui.connections.model import AnyIndex
    from tokendeck.ui.context import UiContext

OTHER_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class ConnectionsView(QTableView):
    """
    Shows a `ConnectionsModel`.

    Needs a parent of its own, which it fills: the selected row's buttons are laid over it there.

    A table of one column: a QListView asks the model for every row at every reset, which takes 15 ms at 10,000 rows; a
    table asks for none.
    """

    acted = Signal(str, RowAction)
    """An icon or button of a row was pressed: the connection's id, and what is wanted."""

    current_changed = Signal(str)
    """Another row is selected: its connection's id, empty for none."""

    current_altered = Signal()
    """The selected row looks different."""

    opened = Signal()
    """Enter or a double click: the detail is wanted."""

    typed = Signal(str)
    """Text was typed that belongs into the search field."""

    escaped = Signal()
    """Esc was pressed."""

    def __init__(self, context: UiContext, model: ConnectionsModel, parent: QWidget | None = None) -> None:
        """Show `model`."""
        super().__init__(parent)
        self._model = model
        self._context = context
        self._current_id = ""
        self._wanted_id = ""
        """What was selected last, which a search may hide for a while."""

        self._delegate = ExpiryDelegate(context, self)
        self._buttons: RowButtons | None = None
        self._give_viewport()
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self._size_rows()
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(translate("ConnectionsView", "Connections"))
        self.doubleClicked.connect(self._open_unless_action)
        model.dataChanged.connect(self._follow_row)
        model.modelReset.connect(self._restore_current)
        for moved in (model.rowsInserted, model.rowsRemoved, model.rowsMoved, model.layoutChanged):
            moved.connect(self._place_buttons)

    # What the window asks

    @property
    def current_id(self) -> str:
        """The selected connection's id; empty for none."""
        return self._current_id

    def select(self, connection_id: str) -> bool:
        """Select a connection and bring it into view; tell whether it is shown."""
        index = row_index(self._model, connection_id)
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def tab_stops(self) -> list[QWidget]:
        """Give where Tab stops: the list, and the buttons of its selected row."""
        buttons = [] if self._buttons is None or self._buttons.isHidden() else self._buttons.stops
        return [self, *buttons]

    def tick(self) -> None:
        """Repaint what time changes, in the rows that are visible and nowhere else."""
        for row in self._visible_rows():
            index = self._model.index(row)
            if look_at(self._context, self._model, index.data(RECORD_ROLE)).counts:
                rect = self.visualRect(index)
                counting = self._delegate.geometry(rect, self.layoutDirection()).counting()
                self.viewport().update(counting.translated(QPointF(rect.topLeft())).toAlignedRect())

    def dress_again(self) -> None:
        """Measure and paint anew: the theme is another one."""
        self._delegate.measure_anew()
        self._size_rows()
        self.viewport().update()
        self._place_buttons()

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's spelling
        """Send typing to the search field; Enter opens, Esc clears."""
        text = event.text()
        is_text = bool(text) and text.isprintable() and not event.modifiers() & OTHER_MODIFIERS
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & OTHER_MODIFIERS:
            if self._current_id:
                self.opened.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif is_text and not (text == " " or (text == "/" and not event.modifiers())):
            self.typed.emit(text)
        elif text == "/":
            self.typed.emit("")
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's spelling
        """Do nothing: typing goes to the search field."""

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's spelling
        """Press an icon, or select a row."""
        hit = self._hit(event.position()) if event.button() is Qt.MouseButton.LeftButton else None
        if hit is not None and hit[1] is not None:
            self._delegate.pressed = (hit[0], hit[1])
            self._update_row(hit[0])
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's spelling
        """Act, where the mouse is still on the icon that it pressed."""
        pressed, self._delegate.pressed = self._delegate.pressed, None
        if pressed is None:
            super().mouseReleaseEvent(event)
            return
        self._update_row(pressed[0])
        if self._hit(event.position()) == pressed:
            self.acted.emit(self._model.id_at(pressed[0]), pressed[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's spelling
        """Show what is under the mouse."""
        self._hover(self._hit(event.position()))
        if self._delegate.pressed is None:
            super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's spelling
        """Forget what was under the mouse."""
        self._hover(None)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802 - Qt's spelling
        """Name the icon under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            hit = self._hit(QPointF(event.pos()))
            if hit is None or hit[1] is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), action_name(hit[1]), self)
            return True
        return super().viewportEvent(event)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: N802 - Qt's spelling
        """Remember and announce which connection is selected."""
        super().currentChanged(current, previous)
        self._set_current(current.data(ID_ROLE) or "" if current.isValid() else "")

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:  # noqa: N802 - Qt's spelling
        """Make current what a screen reader selects, as keyboard and mouse do anyway; move the buttons along."""
        super().selectionChanged(selected, deselected)
        rows = self.selectionModel().selectedRows()
        if rows and rows[0] != self.currentIndex():
            self.selectionModel().setCurrentIndex(rows[0], QItemSelectionModel.SelectionFlag.NoUpdate)
        self._place_buttons()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's spelling
        """Move the buttons along."""
        super().resizeEvent(event)
        self._place_buttons()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's spelling
        """Say what of it is to be painted: rows leave out the rest."""
        self._delegate.exposed = event.rect()
        super().paintEvent(event)

    def updateGeometries(self) -> None:  # noqa: N802 - Qt's spelling
        """Move the buttons along: a scroll bar came or went."""
        super().updateGeometries()
        self._place_buttons()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's spelling
        """Move the buttons along."""
        super().scrollContentsBy(dx, dy)
        self._place_buttons()

    # Inside

    def _give_viewport(self) -> None:
        """Use a viewport made here: to learn the class of Qt's own, PySide loads those of all widgets there are."""
        viewport = QWidget(autoFillBackground=True)
        viewport.setBackgroundRole(QPalette.ColorRole.Base)
        self.setViewport(viewport)

    def _set_current(self, connection_id: str) -> None:
        self._wanted_id = connection_id or self._wanted_id
        if connection_id != self._current_id:
            self._current_id = connection_id
            self.current_changed.emit(connection_id)
        self._place_buttons()

    def _restore_current(self) -> None:
        """Select after a new filter or order what was selected before, where it is shown or shown again."""
        if not self._wanted_id or not self.select(self._wanted_id):
            self._delegate.hovered = None
            self._set_current("")

    def _follow_row(self, first: QModelIndex, last: QModelIndex) -> None:
        if not first.row() <= self.currentIndex().row() <= last.row():
            return
        if self._buttons is not None:
            self._buttons.serve(self._current_id)
        self.current_altered.emit()

    def _place_buttons(self) -> None:
        index = self.currentIndex()
        buttons = self._buttons
        if not index.isValid() or not self.isVisible():
            self._delegate.buttons_row = None
            if buttons is not None:
                buttons.hide()
            return
        if buttons is None:
            over = self.parentWidget() or self.viewport()
            buttons = self._buttons = RowButtons(self._context, self._model, self, over)
            buttons.acted.connect(lambda action: self.acted.emit(self._current_id, action))
        rect = self.visualRect(index)
        geometry = self._delegate.geometry(rect, self.layoutDirection())
        buttons.serve(self._current_id)
        buttons.place([one.translated(QPointF(rect.topLeft())) for one in geometry.actions.values()])
        self._delegate.buttons_row = index.row()

    def _hit(self, position: QPointF) -> tuple[int, RowAction | None] | None:
        index = self.indexAt(position.toPoint())
        if not index.isValid():
            return None
        rect = self.visualRect(index)
        geometry = self._delegate.geometry(rect, self.layoutDirection())
        return index.row(), geometry.action_at(position - QPointF(rect.topLeft()))

    def _hover(self, hit: tuple[int, RowAction | None] | None) -> None:
        before, self._delegate.hovered = self._delegate.hovered, hit
        if before == hit:
            return
        for one in (before, hit):
            if one is not None:
                self._update_row(one[0])

    def _update_row(self, row: int) -> None:
        if row < self._model.rowCount():
            self.update(self._model.index(row))

    def _size_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._delegate.row_height)
        self.verticalScrollBar().setSingleStep(self._delegate.row_height // 3)
        self.setMinimumWidth(self._delegate.ruler.narrowest)

    def _visible_rows(self) -> range:
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        if first < 0:
            return range(0)
        return range(first, self._model.rowCount() if last < 0 else last + 1)

    def _open_unless_action(self, index: QModelIndex) -> None:
        rect: QRect = self.visualRect(index)
        at: QPoint = self.viewport().mapFromGlobal(self.cursor().pos())
        if self._delegate.geometry(rect, self.layoutDirection()).action_at(QPointF(at - rect.topLeft())) is None:
            self.opened.emit()
