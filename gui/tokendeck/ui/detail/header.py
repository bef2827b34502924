"""The head of the detail pane: who it is, and the two things that people come for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from tokendeck.ui.labels import ElidedLabel, label
from tokendeck.ui.monogram import Monogram
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject

MONOGRAM_PX = 44
ROOM_PX = 460
"""Narrower than this, the buttons stand below the name."""

CHEVRON_PX = 12
SPLIT_PX = 28
"""Width of the part that opens the menu; the stylesheet knows it as well."""

HEADER_FORM = "header"
"""The form for `copy_as_requested` that is an Authorization header."""


class DetailHeader(QWidget):
    """Monogram, name, provider, environment, tags; Test and Copy."""

    copy_requested = Signal()
    copy_as_requested = Signal(str)
    test_requested = Signal()

    def __init__(self, context: UiContext) -> None:
        """Start empty."""
        super().__init__()
        self._context = context
        theme = context.theme
        self._monogram = Monogram(theme.px(MONOGRAM_PX))
        self._name = ElidedLabel("title")
        self._provider = label(kind="quiet")
        self._badge = label(kind="badge")
        self._tags = ElidedLabel("quiet")
        self._test = QPushButton(translate("DetailHeader", "Test"))
        context.icons.dress(self._test, "play")
        self._test.clicked.connect(self.test_requested)
        self.copy = CopyButton(context)
        self.copy.clicked.connect(self.copy_requested)
        self.copy.form_chosen.connect(self.copy_as_requested)

        below = QHBoxLayout()
        below.setSpacing(theme.px(SPACE_XS) + 2)
        below.addWidget(self._provider)
        below.addWidget(self._badge)
        below.addWidget(self._tags, 1)
        texts = QVBoxLayout()
        texts.setSpacing(theme.px(SPACE_XS) // 2)
        texts.addWidget(self._name)
        texts.addLayout(below)
        who = QHBoxLayout()
        who.setSpacing(theme.px(SPACE_L) - 2)
        who.addWidget(self._monogram)
        who.addLayout(texts, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(SPACE_S))
        buttons.addWidget(self._test)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(SPACE_M))
        self._row.addLayout(who, 1)
        self._row.addLayout(buttons)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give way until the buttons alone fit."""
        buttons = self._test.sizeHint().width() + self.copy.sizeHint().width() + self._context.theme.px(SPACE_S)
        return QSize(buttons, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the buttons below the name where there is no room beside it."""
        super().resizeEvent(event)
        has_room = self.width() >= self._context.theme.px(ROOM_PX)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if has_room else QBoxLayout.Direction.TopToBottom)

    def show_subject(self, subject: Subject) -> None:
        """Name a connection."""
        self._monogram.show_provider(subject.provider)
        self._name.set_whole(subject.connection.name)
        self._provider.setText(subject.provider.name)
        self._badge.setText(subject.environment_name)
        set_kind(self._badge, "badge", tone="caution" if subject.is_production else "neutral")
        self._tags.set_whole(" ".join(f"#{tag}" for tag in subject.connection.tags))
        for button, words in (
            (self._test, translate("DetailHeader", "Test {name}")),
            (self.copy, translate("DetailHeader", "Copy a token of {name}")),
        ):
            spoken = words.format(name=subject.connection.name)
            if button.accessibleName() != spoken:
                button.setAccessibleName(spoken)

    def show_name(self, name: str) -> None:
        """Name a connection of which nothing else is known."""
        self._name.set_whole(name)
        for part in (self._provider, self._badge):
            part.clear()
        self._tags.set_whole("")

    def let_act(self, *, possible: bool) -> None:
        """Offer the buttons, or not now."""
        self._test.setEnabled(possible)
        self.copy.setEnabled(possible)


class CopyButton(QToolButton):
    """A primary button; its chevron, or the Down key, opens the other ways to copy."""

    form_chosen = Signal(str)

    def __init__(self, context: UiContext) -> None:
        """Build the menu."""
        super().__init__()
        self._context = context
        self.setText(translate("DetailHeader", "Copy token"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_kind(self, "primary")
        context.icons.dress(self, "copy", "on_accent")
        menu = QMenu(self)
        header = QAction(translate("DetailHeader", "Copy as Authorization header"), menu)
        header.triggered.connect(lambda: self.form_chosen.emit(HEADER_FORM))
        menu.addAction(header)
        self.setMenu(menu)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Colour the icon for the ground that it stands on."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._context.icons.dress(self, "copy", "on_accent" if self.isEnabled() else "quiet")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Open the menu by Down; Enter presses, as on any other button here."""
        match event.key():
            case Qt.Key.Key_Down:
                self.showMenu()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the button, then the chevron."""
        super().paintEvent(event)
        theme = self._context.theme
        side, split = theme.px(CHEVRON_PX), theme.px(SPLIT_PX)
        color = theme.colors.on_accent if self.isEnabled() else theme.colors.quiet
        chevron = self._context.icons.pixmap("chevron-down", color, side, self.devicePixelRatioF())
        inset = (split - side) // 2
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        painter = QPainter(self)
        painter.drawPixmap(inset if mirrored else self.width() - inset - side, (self.height() - side) // 2, chevron)
        painter.end()
