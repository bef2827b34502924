"""Copy, with the other ways to copy behind a chevron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from tokendeck.ui.text import translate
from tokendeck.ui.theme import set_kind

if TYPE_CHECKING:
    from tokendeck.ui.context import UiContext

HEADER_FORM = "header"
"""The form for `form_chosen` that is an Authorization header."""


class CopyButton(QWidget):
    """
    A primary button that copies, and one that opens the menu, side by side as if they were one.

    Two, because a QToolButton with a menu of its own offers screen readers the menu only, and no way to press it.
    """

    clicked = Signal()
    form_chosen = Signal(str)

    def __init__(self, context: UiContext) -> None:
        """Build the menu."""
        super().__init__()
        self._context = context
        self.face = QPushButton(translate("DetailHeader", "Copy token"))
        self.face.setAutoDefault(True)
        self.face.clicked.connect(self.clicked)
        self.more = QPushButton()
        self.more.setToolTip(translate("DetailHeader", "More ways to copy"))
        menu = QMenu(self.more)
        header = QAction(translate("DetailHeader", "Copy as Authorization header"), menu)
        header.triggered.connect(lambda: self.form_chosen.emit(HEADER_FORM))
        menu.addAction(header)
        self.more.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.face, self.more):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
            row.addWidget(button)
        self.setFocusProxy(self.face)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._join()
        self._color_icons()

    def name_after(self, connection: str) -> None:
        """Tell screen readers whose token it copies."""
        for button, words in (
            (self.face, translate("DetailHeader", "Copy a token of {name}")),
            (self.more, translate("DetailHeader", "More ways to copy a token of {name}")),
        ):
            spoken = words.format(name=connection)
            if button.accessibleName() != spoken:
                button.setAccessibleName(spoken)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the writing direction; colour the icons for the ground that they stand on."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._color_icons()
        elif event.type() == QEvent.Type.LayoutDirectionChange:
            self._join()

    def _join(self) -> None:
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        set_kind(self.face, "split_right" if mirrored else "split_left")
        set_kind(self.more, "split_left" if mirrored else "split_right")

    def _color_icons(self) -> None:
        role = "on_accent" if self.isEnabled() else "quiet"
        self._context.icons.dress(self.face, "copy", role)
        self._context.icons.dress(self.more, "chevron-down", role)
