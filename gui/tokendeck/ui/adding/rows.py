"""One line of the form: label, control, and help or what is wrong below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.theme import SPACE_S, SPACE_XS, Theme, Tone, set_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QPaintEvent

    from tokendeck.ui.context import UiContext

CHEVRON_PX = 14
SHORTEST_CHOICE = 8
"""In characters."""


class Row(QWidget):
    """A control with its label above it and a note below it."""

    changed = Signal()

    def __init__(self, theme: Theme, name: str, control: QLineEdit | QComboBox, help_text: str = "") -> None:
        """Put `name` above `control`, as its label and accessible name."""
        super().__init__()
        self._help = help_text
        self._control = control
        head = label(name, "field")
        head.setBuddy(control)
        control.setAccessibleName(name)
        self._note = label(kind="small", wraps=True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(SPACE_XS))
        for part in (head, control, self._note):
            rows.addWidget(part)
        self.setFocusProxy(control)
        self.show_error("")

    @property
    def error(self) -> str:
        """What is wrong, as shown; empty where nothing is."""
        return self._note.text() if self._note.property("tone") == "bad" else ""

    def show_error(self, text: str) -> None:
        """Show what is wrong in place of the help; empty brings the help back."""
        self.show_note(text or self._help, "bad" if text else "")
        set_kind(self._control, tone="bad" if text else "")

    def show_note(self, note: str, tone: Tone | Literal[""] = "") -> None:
        """Show a remark below the control."""
        set_kind(self._note, "small", tone=tone)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self._control.setAccessibleDescription(note)


class TextRow(Row):
    """A row in which text is typed."""

    def __init__(self, theme: Theme, name: str, edit: QLineEdit, help_text: str = "", example: str = "") -> None:
        """Show `example` while nothing is typed."""
        super().__init__(theme, name, edit, help_text)
        self.edit = edit
        edit.setPlaceholderText(example)
        edit.textChanged.connect(self._typed)
        edit.setCursorPosition(0)

    @property
    def text(self) -> str:
        """What is typed, without blanks around it."""
        return self.edit.text().strip()

    def put(self, text: str) -> None:
        """Fill it in, and show where it begins."""
        self.edit.setText(text)
        self.edit.setCursorPosition(0)

    def _typed(self) -> None:
        self.show_error("")
        self.changed.emit()


class ChoiceBox(QComboBox):
    """A combo box that gives way and draws the theme's own chevron."""

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__()
        self._context = context
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(SHORTEST_CHOICE)
        self.setIconSize(QSize(1, 1))  # no choice has one, and the room kept for it would make the box the taller field

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box, then the chevron."""
        super().paintEvent(event)
        theme = self._context.theme
        side, gap = theme.px(CHEVRON_PX), theme.px(SPACE_S)
        chevron = self._context.icons.pixmap("chevron-down", theme.colors.quiet, side, self.devicePixelRatioF())
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        painter = QPainter(self)
        painter.drawPixmap(gap if mirrored else self.width() - gap - side, (self.height() - side) // 2, chevron)
        painter.end()


class ChoiceRow(Row):
    """A row in which one of several is chosen."""

    def __init__(self, context: UiContext, name: str, choices: Iterable[tuple[str, str]], help_text: str = "") -> None:
        """Offer `choices`: key and text for people."""
        self._box = ChoiceBox(context)
        super().__init__(context.theme, name, self._box, help_text)
        self.offer(choices)
        self._box.currentIndexChanged.connect(self.changed)

    @property
    def key(self) -> str:
        """The chosen one."""
        return str(self._box.currentData())

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer other choices; the first is chosen."""
        self._box.clear()
        for key, text in choices:
            self._box.addItem(text, key)

    def choose(self, key: str) -> None:
        """Choose; an unknown key changes nothing."""
        index = self._box.findData(key)
        if index >= 0:
            self._box.setCurrentIndex(index)

    def forbid(self, key: str, why: str) -> None:
        """Show one choice as not to be had, and why."""
        model = self._box.model()
        index = self._box.findData(key)
        if index >= 0 and isinstance(model, QStandardItemModel):
            model.item(index).setEnabled(False)
            self._box.setItemData(index, why, Qt.ItemDataRole.ToolTipRole)
            self._box.setItemData(index, why, Qt.ItemDataRole.AccessibleDescriptionRole)
