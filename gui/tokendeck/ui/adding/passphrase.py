"""Asking for the vault's passphrase: to unlock it, or to choose one."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokendeck.core.secret import Secret
from tokendeck.ui.adding.confirm_box import ConfirmBox
from tokendeck.ui.adding.edits import SecretEdit
from tokendeck.ui.adding.rows import TextRow
from tokendeck.ui.adding.strength import Strength, judge
from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, Tone, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from tokendeck.ui.context import UiContext

WIDTH_PX = 440


class PassphraseMode(Enum):
    """What the passphrase is for."""

    UNLOCK = "unlock"
    CHOOSE = "choose"


class PassphraseDialog(QDialog):
    """
    Gives a passphrase; whoever asked tries it, then closes the dialog or calls `show_error`.

    Opened with `open()`; deletes itself when closed.
    """

    passphrase_given = Signal(Secret)

    def __init__(self, context: UiContext, mode: PassphraseMode, parent: QWidget | None = None) -> None:
        """Ask for the passphrase that there is, or for a new one, twice."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._mode = mode
        chooses = mode is PassphraseMode.CHOOSE
        self._first = self._row(translate("PassphraseDialog", "Passphrase"))
        self._again = self._row(translate("PassphraseDialog", "Once more"))
        self._again.setVisible(chooses)
        self._knows = ConfirmBox(context, translate("PassphraseDialog", "I know that nobody can recover it"))
        self._knows.setVisible(chooses)
        self._knows.toggled.connect(self._show_readiness)
        self._accept = QPushButton(
            translate("PassphraseDialog", "Protect with this passphrase")
            if chooses
            else translate("PassphraseDialog", "Unlock")
        )
        self._lay_out(self._explanation())
        self._show_readiness()

    def show_error(self, text: str) -> None:
        """Say why it did not open, and let it be typed again."""
        self._set_busy(busy=False)
        self._first.show_error(text)
        self._first.edit.selectAll()
        self._first.setFocus()

    def done(self, result: int) -> None:
        """Forget what was typed, and close."""
        self._forget()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Forget what was typed, and close."""
        self._forget()
        super().closeEvent(event)

    def _forget(self) -> None:
        self._first.edit.clear()
        self._again.edit.clear()

    def _give(self) -> None:
        if self._accept.isEnabled():
            self._set_busy(busy=True)
            self.passphrase_given.emit(Secret(self._first.edit.text()))

    def _set_busy(self, *, busy: bool) -> None:
        for row in (self._first, self._again):
            row.setEnabled(not busy)
        self._accept.setEnabled(not busy)

    def _show_readiness(self) -> None:
        typed, again = self._first.edit.text(), self._again.edit.text()
        if self._mode is PassphraseMode.UNLOCK:
            self._accept.setEnabled(bool(typed))
            return
        differs = bool(again) and not typed.startswith(again) if len(again) < len(typed) else again != typed
        self._again.show_error(translate("PassphraseDialog", "The two are not the same yet.") if differs else "")
        tone, sentence = _strength(typed)
        self._first.show_note(sentence, tone)
        self._accept.setEnabled(bool(typed) and typed == again and self._knows.isChecked())

    def _row(self, name: str) -> TextRow:
        edit = SecretEdit(self._context, lambda _: False)
        row = TextRow(self._context.theme, name, edit)
        row.changed.connect(self._show_readiness)
        return row

    def _explanation(self) -> QLabel:
        if self._mode is PassphraseMode.UNLOCK:
            return label(
                translate("PassphraseDialog", "Your secrets are protected by a passphrase instead of a keyring."),
                "quiet",
                wraps=True,
            )
        return label(
            translate(
                "PassphraseDialog",
                "It takes the keyring's place and is asked for at every start. It is stored nowhere: once forgotten,"
                " it cannot be recovered, and every secret has to be entered again.",
            ),
            "quiet",
            wraps=True,
        )

    def _lay_out(self, explanation: QLabel) -> None:
        theme = self._context.theme
        title = (
            translate("PassphraseDialog", "Choose a passphrase")
            if self._mode is PassphraseMode.CHOOSE
            else translate("PassphraseDialog", "Unlock Tokendeck")
        )
        self.setWindowTitle(title)
        set_kind(self._accept, "primary")
        self._accept.clicked.connect(self._give)
        cancel = QPushButton(translate("PassphraseDialog", "Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(SPACE_S))
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._accept)
        rows = QVBoxLayout(self)
        edge = theme.px(SPACE_XL)
        rows.setContentsMargins(edge, edge, edge, edge)
        rows.setSpacing(theme.px(SPACE_M))
        for widget in (label(title, "title", wraps=True), explanation, self._first, self._again, self._knows):
            rows.addWidget(widget)
        rows.addSpacing(theme.px(SPACE_L))
        rows.addStretch(1)
        rows.addLayout(buttons)
        self._accept.setDefault(True)
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._first.setFocus()


def _strength(passphrase: str) -> tuple[Tone, str]:
    if not passphrase:
        return "neutral", translate("PassphraseDialog", "Five or six random words are easy to type and hard to guess.")
    match judge(passphrase):
        case Strength.EASY:
            return "bad", translate("PassphraseDialog", "Easy to guess for a machine. Make it longer.")
        case Strength.FAIR:
            return "caution", translate("PassphraseDialog", "Fair. One or two more words make it hard to guess.")
        case Strength.GOOD:
            return "good", translate(
                "PassphraseDialog", "Hard to guess, unless it is a quotation or you use it elsewhere."
            )
