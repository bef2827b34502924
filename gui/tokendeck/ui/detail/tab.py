"""A tab's page: cards below each other, scrolled where the window is low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from tokendeck.ui.theme import SPACE_L, SPACE_XL, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext


class TabPage(QScrollArea):
    """What is in it goes into `rows`."""

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__()
        theme = context.theme
        content = QWidget()
        self.rows = QVBoxLayout()
        self.rows.setSpacing(theme.px(SPACE_L))
        self._edge = theme.px(SPACE_XL)
        self._whole = QVBoxLayout(content)
        self._whole.setContentsMargins(self._edge, theme.px(SPACE_L), self._edge, self._edge)
        self._whole.addLayout(self.rows)
        self._whole.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        set_kind(self, "plain")
        self.verticalScrollBar().rangeChanged.connect(self._keep_width)

    def remove(self, widget: QWidget) -> None:
        """Take a card away, at once."""
        self.rows.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _keep_width(self, _first: int, last: int) -> None:
        """Take the scroll bar's room from the margin, so that the cards stay in line with what is above."""
        margins = self._whole.contentsMargins()
        margins.setRight(self._edge - (self.verticalScrollBar().sizeHint().width() if last else 0))
        self._whole.setContentsMargins(margins)
