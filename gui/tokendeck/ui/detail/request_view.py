"""The exact request that will be sent, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from tokendeck.core.preview import SpanKind
from tokendeck.ui.theme import SPACE_L, SPACE_M, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tokendeck.core.preview import Line
    from tokendeck.ui.theme import Theme


class RequestView(QPlainTextEdit):
    """Shows a preview's lines, monospaced and coloured, as tall as they are; can be selected, not edited."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """Start empty; `name` is what screen readers call it."""
        super().__init__(parent)
        self._theme = theme
        self._lines: list[Line] = []
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.document().setDocumentMargin(theme.px(SPACE_L - SPACE_M))
        set_kind(self, "code")
        theme.changed.connect(self._write)

    def show_lines(self, lines: list[Line]) -> None:
        """Show these lines; the same ones again change nothing."""
        if lines != self._lines:
            self._lines = lines
            self._write()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Be as tall as the text."""
        lines = self.document().size().height()
        spare = self.height() - self.viewport().height()
        height = lines * self.fontMetrics().lineSpacing() + 2 * self.document().documentMargin() + spare
        return QSize(super().sizeHint().width(), round(height))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Never hide a line."""
        return QSize(self.fontMetrics().averageCharWidth() * 20, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Wrap anew; the height follows."""
        super().resizeEvent(event)
        self.updateGeometry()

    def _write(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        for number, line in enumerate(self._lines):
            if number:
                cursor.insertBlock()
            for span in line:
                cursor.insertText(span.text, self._format(span.kind))
        self.updateGeometry()

    def _format(self, kind: SpanKind) -> QTextCharFormat:
        colors = self._theme.colors
        form = QTextCharFormat()
        form.setForeground({SpanKind.NAME: colors.quiet, SpanKind.MISSING: colors.caution}.get(kind, colors.text))
        if kind in {SpanKind.METHOD, SpanKind.PATH}:
            form.setFontWeight(QFont.Weight.Bold)
        return form
