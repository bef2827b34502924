"""List and detail, side by side where there is room, one at a time where there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from tokendeck.ui.tab_order import tab_stops, takes_tab

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail_side import DetailSide
    from tokendeck.ui.list_panel import ListPanel

EVEN = 10_000
"""Any size, the same for both sides: Qt keeps the ratio alone."""

WIDE_PX = 720
"""Below this width, or where both do not fit, the detail is a page of its own."""


class Workspace(QWidget):
    """Arranges the two sides and moves the keyboard between them."""

    narrowed = Signal(bool)
    """Whether only one side fits, which has changed."""

    resized = Signal()

    def __init__(self, context: UiContext, left: ListPanel, right: DetailSide, parent: QWidget | None = None) -> None:
        """Hold both sides."""
        super().__init__(parent)
        self._context = context
        self._list = left
        self._detail = right
        self._is_narrow = False
        self._on_detail = False
        self._alone: QWidget | None = None
        self._splitter = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        self._splitter.setHandleWidth(1)
        for place, side in enumerate((left, right)):
            self._splitter.addWidget(side)
            self._splitter.setStretchFactor(place, 1)
        left.lower()  # a splitter puts the last one first, and screen readers read in that order
        self._splitter.setSizes([EVEN, EVEN])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._splitter)
        right.back_wanted.connect(self.go_back)

    @property
    def is_narrow(self) -> bool:
        """Whether only one side fits."""
        return self._is_narrow

    def show_detail(self) -> None:
        """Turn to the detail, where it is a page of its own."""
        self._turn(to_detail=True)

    def open_detail(self) -> None:
        """Turn to the detail, and put the keyboard there."""
        self._turn(to_detail=True)
        self._detail.focus()

    def go_back(self) -> None:
        """Turn to the list, and put the keyboard there."""
        self._turn(to_detail=False)
        self._list.focus_list()

    def next_pane(self) -> None:
        """Move the keyboard on: search, list, detail, and round."""
        holder = self.window().focusWidget()
        if holder is self._list.search:
            self._list.focus_list()
        elif not self._detail.isAncestorOf(holder):
            self.open_detail()
        else:
            self._turn(to_detail=False)
            self._list.focus_search()

    def tab_stops(self) -> list[QWidget]:
        """Give where Tab stops, in its order: search, list, detail, what lies over them, Add."""
        sides = (self._list, self._detail)
        over = [one for one in tab_stops(self) if not any(side.isAncestorOf(one) for side in sides)]
        listed = [self._list.search, *self._list.view.tab_stops(), *tab_stops(self._list.page)]
        return [one for one in (*listed, *tab_stops(self._detail), *over, self._list.add) if takes_tab(one)]

    def leave_alone(self, side: ListPanel | DetailSide | None) -> None:
        """Show one side alone, where the other has nothing to say; None shows both again."""
        if side is not self._alone:
            self._alone = side
            self._show_sides()

    def save_state(self) -> QByteArray:
        """Give where the splitter stands."""
        return self._splitter.saveState()

    def restore_state(self, state: QByteArray) -> None:
        """Put the splitter where it stood."""
        if not state.isEmpty():
            self._splitter.restoreState(state)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's spelling
        """Turn the detail into a page of its own, or back."""
        super().resizeEvent(event)
        both = self._list.minimumWidth() + self._detail.minimumWidth() + self._splitter.handleWidth()
        narrow = event.size().width() < max(self._context.theme.px(WIDE_PX), both)
        if narrow != self._is_narrow:
            self._is_narrow = narrow
            self._turn(to_detail=False)
            self.narrowed.emit(narrow)
        self.resized.emit()

    def _turn(self, *, to_detail: bool) -> None:
        self._on_detail = to_detail
        self._show_sides()

    def _show_sides(self) -> None:
        one_only = self._is_narrow or self._alone is not None
        shown = self._alone or (self._detail if self._on_detail else self._list)
        self._list.setVisible(not one_only or shown is self._list)
        self._detail.setVisible(not one_only or shown is self._detail)
        self._detail.show_back(wanted=self._is_narrow and self._alone is None)
