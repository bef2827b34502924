"""Diagnostics: what would be copied is shown first, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from tokendeck.ui.adding.confirm_box import ConfirmBox
from tokendeck.ui.announce import announce
from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_M, SPACE_S, SPACE_XL, set_kind

if TYPE_CHECKING:
    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.ui.context import UiContext

SIZE_PX = (760, 560)


class DiagnosticsDialog(QDialog):
    """
    Shows a diagnosis once it is there, and copies what it shows.

    Opened with `open()`; deletes itself when closed.
    """

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start without a diagnosis."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._diagnosis: Diagnosis | None = None
        self._text = QPlainTextEdit(translate("Diagnostics", "Looking…"))
        self._text.setReadOnly(True)
        self._text.setTabChangesFocus(True)
        self._text.setFrameShape(QFrame.Shape.NoFrame)
        self._text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._text.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._text.setAccessibleName(translate("Diagnostics", "What will be copied"))
        set_kind(self._text, "code")
        self._names = ConfirmBox(context, translate("Diagnostics", "With the names of connections"))
        self._names.toggled.connect(self._write)
        self._outcome = label(wraps=True)
        self._copy = QPushButton(translate("Diagnostics", "Copy"))
        self._copy.setEnabled(False)
        self._copy.clicked.connect(self._put_on_clipboard)
        self._lay_out()

    def show_diagnosis(self, diagnosis: Diagnosis) -> None:
        """Show what was found."""
        self._diagnosis = diagnosis
        self._copy.setEnabled(True)
        self._write()

    def _write(self) -> None:
        self._outcome.clear()
        if self._diagnosis is not None:
            told = self._diagnosis.told(names=self._names.isChecked())
            self._text.setPlainText(self._context.wording.report(told))

    def _put_on_clipboard(self) -> None:
        taken = self._context.clipboard.copy_plain(self._text.toPlainText())
        words = translate("Diagnostics", "Copied. Paste it wherever help is asked for.")
        if not taken:
            words = translate("Diagnostics", "The clipboard did not take it. Nothing was copied.")
        set_kind(self._outcome, "", tone="good" if taken else "bad")
        self._outcome.setText(words)
        announce(self, words)

    def _lay_out(self) -> None:
        theme = self._context.theme
        self.setWindowTitle(translate("Diagnostics", "Copy diagnostics"))
        explanation = translate(
            "Diagnostics",
            "This is all that is copied: no secret, and nothing that you typed but for what you choose below.",
        )
        set_kind(self._copy, "primary")
        self._copy.setDefault(True)
        close = QPushButton(translate("Diagnostics", "Close"))
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(SPACE_S))
        buttons.addWidget(self._outcome, 1)
        buttons.addWidget(close)
        buttons.addWidget(self._copy)
        rows = QVBoxLayout(self)
        edge = theme.px(SPACE_XL)
        rows.setContentsMargins(edge, edge, edge, edge)
        rows.setSpacing(theme.px(SPACE_M))
        rows.addWidget(label(explanation, "quiet", wraps=True))
        rows.addWidget(self._text, 1)
        rows.addWidget(self._names)
        rows.addLayout(buttons)
        self.resize(*map(theme.px, SIZE_PX))
        self._copy.setFocus()
