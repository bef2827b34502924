"""The head of the detail pane: who it is, and the two things that people come for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from tokendeck.ui.detail.copy_button import CopyButton
from tokendeck.ui.labels import ElidedLabel
from tokendeck.ui.monogram import Monogram
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_L, SPACE_M, SPACE_S, SPACE_XS, set_kind

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.detail.subject import Subject

MONOGRAM_PX = 44
BADGE_PADDING_PX = 6
"""As the stylesheet has it, and its rounding."""

WIDEST_BADGE_PX = 160
NAME_PX = 280
"""Where monogram and name have less than this, the buttons stand below them."""


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
        self._provider = ElidedLabel("quiet", hugs=True)
        self._badge = ElidedLabel("badge", hugs=True, padding=2 * theme.px(BADGE_PADDING_PX))
        self._badge.setMaximumWidth(theme.px(WIDEST_BADGE_PX))
        self._tags = ElidedLabel("quiet")
        self._tags.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # what the others leave
        self._tags.setMinimumWidth(0)
        self._test = QPushButton(translate("DetailHeader", "Test"))
        context.icons.dress(self._test, "play")
        self._test.clicked.connect(self.test_requested)
        self._test.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
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
        return QSize(self._buttons_width(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the buttons below the name where there is no room beside it."""
        super().resizeEvent(event)
        has_room = self.width() >= self._buttons_width() + self._context.theme.px(NAME_PX)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if has_room else QBoxLayout.Direction.TopToBottom)

    def show_subject(self, subject: Subject) -> None:
        """Name a connection."""
        self._monogram.show_provider(subject.provider)
        self._name.set_whole(subject.connection.name)
        self._provider.set_whole(subject.provider.name)
        self._badge.set_whole(subject.environment_name)
        self._badge.show()
        set_kind(self._badge, "badge", tone="caution" if subject.is_production else "neutral")
        self._tags.set_whole(" ".join(f"#{tag}" for tag in subject.connection.tags))
        self._name_buttons(subject.connection.name)

    def show_name(self, name: str) -> None:
        """Name a connection of which nothing else is known."""
        self._monogram.show_unknown(name, self._context.theme.colors.neutral)
        self._name.set_whole(name)
        self._badge.hide()
        for part in (self._provider, self._tags):
            part.set_whole("")
        self._name_buttons(name)

    def let_act(self, *, possible: bool) -> None:
        """Offer the buttons, or not now."""
        self._test.setEnabled(possible)
        self.copy.setEnabled(possible)

    def _name_buttons(self, connection: str) -> None:
        spoken = translate("DetailHeader", "Test {name}").format(name=connection)
        if self._test.accessibleName() != spoken:
            self._test.setAccessibleName(spoken)
        self.copy.name_after(connection)

    def _buttons_width(self) -> int:
        return self._test.sizeHint().width() + self.copy.sizeHint().width() + self._context.theme.px(SPACE_S)
