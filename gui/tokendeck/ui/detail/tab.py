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
        whole = QVBoxLayout(content)
        whole.setContentsMargins(theme.px(SPACE_XL), theme.px(SPACE_L), theme.px(SPACE_XL), theme.px(SPACE_XL))
        whole.addLayout(self.rows)
        whole.addStretch(1)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        set_kind(self, "plain")

    def remove(self, widget: QWidget) -> None:
        """Take a card away, at once."""
        self.rows.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
