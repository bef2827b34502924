"""The right side: the detail of the selected connection, or the page that stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from tokendeck.core.vault import VaultShut, VaultState
from tokendeck.ui.page import Page
from tokendeck.ui.tab_order import tab_stops
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_S, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.pane import DetailPane
    from tokendeck.ui.vault_guide import VaultGuide

NARROWEST_PX = 340


class DetailSide(QWidget):
    """Holds the detail pane, which comes with the engine, and covers it while the vault is shut."""

    back_wanted = Signal()

    def __init__(self, context: UiContext, guide: VaultGuide, parent: QWidget | None = None) -> None:
        """Start with the page that says that nothing is selected."""
        super().__init__(parent)
        self._context = context
        self._guide = guide
        self._state: VaultState | None = None
        self._connection_id = ""
        self.pane: DetailPane | None = None
        self.page = Page(context)
        self.page.pressed.connect(guide.press)
        self._back = QPushButton(translate("DetailSide", "Back"))
        set_kind(self._back, "quiet")
        context.icons.dress(self._back, "arrow-left", "quiet")
        self._back.clicked.connect(self.back_wanted)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        edge = context.theme.px(SPACE_S)
        head.setContentsMargins(edge, edge, edge, 0)
        head.addWidget(self._back)
        head.addStretch(1)
        self._head.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(context.theme.px(NARROWEST_PX))
        self._choose()

    def bring_pane(self, pane: DetailPane) -> None:
        """Take in the pane."""
        self.pane = pane
        self._stack.addWidget(pane)
        self._choose()

    def show_connection(self, connection_id: str) -> None:
        """Show another connection; empty for none."""
        self._connection_id = connection_id
        if self.pane is not None:
            self.pane.show_record(connection_id or None)
        self._choose()

    def show_vault(self, state: VaultState) -> None:
        """Cover the detail while the vault is shut, and say why."""
        self._state = state
        if self.pane is not None:
            self.pane.vault_changed()
        self._choose()

    def show_calls(self) -> None:
        """Turn to the test calls, where the verdict is."""
        if self.pane is not None:
            self.pane.show_calls()

    def show_sign_in(self) -> None:
        """Put the keyboard into the attempt to sign in."""
        if self.pane is not None:
            self.pane.show_sign_in()

    def toggle_token(self) -> None:
        """Show the token for a while, or mask it; nothing happens while the detail is covered."""
        if self.pane is not None and self._stack.currentWidget() is self.pane:
            self.pane.toggle_token()

    def hide_secrets(self) -> None:
        """Mask what was revealed."""
        if self.pane is not None:
            self.pane.hide_secrets()

    @property
    def is_covered(self) -> bool:
        """Whether the vault is shut, so that its page stands here."""
        return isinstance(self._state, VaultShut)

    def show_back(self, *, wanted: bool) -> None:
        """Show the way back to the list, where both do not fit side by side."""
        self._head.setVisible(wanted)

    def focus(self) -> None:
        """Put the keyboard into what is shown."""
        shown = self.page if self.pane is None or self._stack.currentWidget() is self.page else self.pane
        stops = tab_stops(shown)
        (stops[0] if stops else shown).setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's spelling
        """Lead back to the list by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def tick(self) -> None:
        """Let the pane count."""
        if self.pane is not None and self.pane.isVisible():
            self.pane.tick()

    def _choose(self) -> None:
        if self.is_covered and self._state is not None:
            self._guide.describe(self._state, self.page)
        elif self.pane is not None and self._connection_id:
            self._stack.setCurrentWidget(self.pane)
            return
        else:
            self.page.say(
                "key",
                "neutral",
                translate("DetailSide", "Nothing is selected"),
                translate("DetailSide", "Select a connection to see its token, and to test it."),
            )
        self._stack.setCurrentWidget(self.page)
