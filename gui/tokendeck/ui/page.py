"""A page in place of something: what is missing, why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, set_kind

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone

WIDEST_PX = 380
PICTURE_PX = 26
GROUND_PX = 56


class Page(QWidget):
    """A shape, a title, a sentence or two, and at most three buttons, the first of which is the likely one."""

    pressed = Signal(str)
    """A button was pressed: the key it was given."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._context = context
        px = context.theme.px
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._picture.setFixedSize(px(GROUND_PX), px(GROUND_PX))
        self._title = label(kind="heading", wraps=True)
        self._body = label(kind="quiet", wraps=True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(px(SPACE_S))
        inner = self._inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(SPACE_S))
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(px(SPACE_S))
        for one in (self._title, self._body):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(one)
        column.addSpacing(px(SPACE_M))
        column.addLayout(self._buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(SPACE_XL), px(SPACE_L), px(SPACE_XL), px(SPACE_L))
        outer.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)
        self._shown: tuple[object, ...] = ()
        self._drawn: tuple[str, Tone] = ("circle", "neutral")
        context.theme.changed.connect(self._draw)

    @property
    def title(self) -> str:
        """What it is about."""
        return self._title.text()

    @property
    def body(self) -> str:
        """What it says."""
        return self._body.text()

    def button(self, key: str) -> QPushButton:
        """Give the button of this key; raises StopIteration where there is none."""
        return next(one for one in self.findChildren(QPushButton) if one.objectName() == key)

    def say(self, icon: str, tone: Tone, title: str, body: str, buttons: tuple[tuple[str, str], ...] = ()) -> None:
        """
        Show a page.

        Args:
            icon: its shape's name.
            tone: its shape's tone.
            title: a few words.
            body: a sentence or two.
            buttons: keys and words; the first is the primary one.

        """
        if self._shown == (icon, tone, title, body, buttons):
            return
        self._shown = (icon, tone, title, body, buttons)
        self._drawn = (icon, tone)
        self._title.setText(title)
        self._body.setText(body)
        self.setAccessibleName(title)
        self.setAccessibleDescription(body)
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.setObjectName("")
                widget.deleteLater()
        self._buttons.addStretch(1)
        for place, (key, words) in enumerate(buttons):
            button = QPushButton(words)
            button.setObjectName(key)
            set_kind(button, "" if place else "primary")
            button.clicked.connect(lambda _=False, one=key: self.pressed.emit(one))
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._inner.setMaximumWidth(max(self._context.theme.px(WIDEST_PX), self._buttons.sizeHint().width()))
        self._draw()

    def _draw(self) -> None:
        icon, tone = self._drawn
        theme = self._context.theme
        ink, ground = theme.colors.tone(tone)
        size = theme.px(PICTURE_PX)
        self._picture.setPixmap(self._context.icons.pixmap(icon, ink, size, self.devicePixelRatioF()))
        radius = theme.px(GROUND_PX) // 2
        self._picture.setStyleSheet(f"background: {ground.name()}; border-radius: {radius}px;")
