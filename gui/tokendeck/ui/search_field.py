"""The search field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_S, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QShowEvent

    from tokendeck.ui.context import UiContext

TO_LIST = {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}


class SearchField(QLineEdit):
    """Down and Enter leave for the list; Esc clears, and leaves where there is nothing to clear."""

    left = Signal()

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start empty, showing its shortcut."""
        super().__init__(parent)
        self.setPlaceholderText(translate("SearchField", "Search, or state: env: tag: provider:"))
        self.setAccessibleName(translate("SearchField", "Search connections"))
        set_kind(self, "search")
        keys = QKeySequence("Ctrl+F").toString(QKeySequence.SequenceFormat.NativeText)
        hint = label(keys.replace("+", " "), "keys")
        row = QHBoxLayout(self)
        row.setContentsMargins(context.theme.px(SPACE_S), 0, context.theme.px(SPACE_S), 0)
        row.addStretch(1)
        row.addWidget(hint, 0, Qt.AlignmentFlag.AlignVCenter)
        clear = self.addAction(context.icons.icon("x", "quiet"), QLineEdit.ActionPosition.TrailingPosition)
        clear.setText(translate("SearchField", "Clear search"))
        context.icons.dress(clear, "x", "quiet")
        clear.triggered.connect(self.clear)
        clear.setVisible(False)
        self._hint, self._clear = hint, clear
        self.textChanged.connect(self._show_clear)

    def _show_clear(self, text: str) -> None:
        self._hint.setVisible(not text)
        self._clear.setVisible(bool(text))
        self._keep_clear()

    def _keep_clear(self) -> None:
        """Let no text run below the keys."""
        room = self._hint.sizeHint().width() if not self._hint.isHidden() else 0
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        self.setTextMargins(room if mirrored else 0, 0, 0 if mirrored else room, 0)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's spelling
        """Measure the keys, now that they are dressed."""
        super().showEvent(event)
        self._keep_clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's spelling
        """Leave, clear, or type."""
        with_control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in TO_LIST and not with_control:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.clear() if self.text() else self.left.emit()
        else:
            super().keyPressEvent(event)
