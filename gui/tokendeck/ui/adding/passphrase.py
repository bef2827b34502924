"""Asking for what opens the vault: its passphrase, a new one, or the recovery key."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tokendeck.core.frozen import dataclass
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
    """What is asked for."""

    UNLOCK = "unlock"
    CHOOSE = "choose"
    RECOVER = "recover"
    """The recovery key, in the passphrase's place."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What the dialog says in one mode."""

    title: str
    explanation: str
    field: str
    accept: str


class PassphraseDialog(QDialog):
    """
    Gives a passphrase or recovery key; whoever asked tries it, then closes the dialog or calls `show_error`.

    Opened with `open()`; deletes itself when closed.
    """

    passphrase_given = Signal(Secret)
    forgotten = Signal()
    """Nobody knows the passphrase any more; the dialog has closed."""

    def __init__(self, context: UiContext, mode: PassphraseMode, parent: QWidget | None = None) -> None:
        """Ask for what there is, or for a new passphrase, twice."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._mode = mode
        chooses = mode is PassphraseMode.CHOOSE
        words = _words(mode)
        self._first = self._row(words.field)
        self._again = self._row(translate("PassphraseDialog", "Once more"))
        self._again.setVisible(chooses)
        self._knows = ConfirmBox(context, translate("PassphraseDialog", "I know that nobody can recover it"))
        self._knows.setVisible(chooses)
        self._knows.toggled.connect(self._show_readiness)
        self._accept = QPushButton(words.accept)
        self._lay_out(words)
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
        if self._mode is not PassphraseMode.CHOOSE:
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

    def _give_up(self) -> None:
        self.reject()
        self.forgotten.emit()

    def _lay_out(self, words: _Words) -> None:
        theme = self._context.theme
        self.setWindowTitle(words.title)
        set_kind(self._accept, "primary")
        self._accept.clicked.connect(self._give)
        cancel = QPushButton(translate("PassphraseDialog", "Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(SPACE_S))
        if self._mode is PassphraseMode.UNLOCK:
            forgotten = QPushButton(translate("PassphraseDialog", "I have forgotten it"))
            set_kind(forgotten, "link")
            forgotten.setAutoDefault(False)
            forgotten.clicked.connect(self._give_up)
            buttons.addWidget(forgotten)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._accept)
        rows = QVBoxLayout(self)
        edge = theme.px(SPACE_XL)
        rows.setContentsMargins(edge, edge, edge, edge)
        rows.setSpacing(theme.px(SPACE_M))
        explanation = label(words.explanation, "quiet", wraps=True)
        title = label(words.title, "title", wraps=True)
        for widget in (title, explanation, self._first, self._again, self._knows):
            rows.addWidget(widget)
        rows.addSpacing(theme.px(SPACE_L))
        rows.addStretch(1)
        rows.addLayout(buttons)
        self._accept.setDefault(True)
        self.setFixedWidth(theme.px(WIDTH_PX))
        self._first.setFocus()


def _words(mode: PassphraseMode) -> _Words:
    match mode:
        case PassphraseMode.UNLOCK:
            return _Words(
                translate("PassphraseDialog", "Unlock Tokendeck"),
                translate("PassphraseDialog", "Your secrets are protected by a passphrase instead of a keyring."),
                translate("PassphraseDialog", "Passphrase"),
                translate("PassphraseDialog", "Unlock"),
            )
        case PassphraseMode.CHOOSE:
            return _Words(
                translate("PassphraseDialog", "Choose a passphrase"),
                translate(
                    "PassphraseDialog",
                    "It takes the keyring's place and is asked for at every start. It is stored nowhere: once"
                    " forgotten, nothing opens the vault any more but a recovery key, if you make one.",
                ),
                translate("PassphraseDialog", "Passphrase"),
                translate("PassphraseDialog", "Protect with this passphrase"),
            )
        case PassphraseMode.RECOVER:
            return _Words(
                translate("PassphraseDialog", "Use the recovery key"),
                translate(
                    "PassphraseDialog",
                    "Six groups of five letters and digits, as they were printed when the key was made. Your keyring"
                    " guards the vault again from then on; without one, you choose a passphrase.",
                ),
                translate("PassphraseDialog", "Recovery key"),
                translate("PassphraseDialog", "Open the vault"),
            )
        case _:
            assert_never(mode)


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
