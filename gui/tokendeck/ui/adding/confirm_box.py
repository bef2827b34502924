"""A check box whose words may take several lines, in the theme's colours: styles lose its outline on dark grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from tokendeck.ui.eliding import break_words
from tokendeck.ui.theme import RADIUS_BADGE, SPACE_S

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tokendeck.ui.context import UiContext

BOX_PX = 16
WRAPPED = Qt.TextFlag.TextWordWrap


class ConfirmBox(QCheckBox):
    """What the user confirms before something is done."""

    def __init__(self, context: UiContext, text: str = "") -> None:
        """Start unconfirmed."""
        super().__init__(text)
        self._context = context
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Give the height of the words in this width."""
        room = QRect(0, 0, max(width - self._indent(), 1), 10_000)
        words = break_words(self.fontMetrics(), self.text(), room.width())
        return max(self._side(), self.fontMetrics().boundingRect(room, WRAPPED, words).height())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Be as wide as the words, or narrower and higher."""
        width = self._indent() + self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Give way: the words wrap."""
        return QSize(self._indent() + self.fontMetrics().averageCharWidth() * 12, self._side())

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802 - Qt's name
        """Take a click on the words as well."""
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint box, tick and words."""
        theme, colors, side = self._context.theme, self._context.theme.colors, self._side()
        line = self.fontMetrics().height()
        box = QRect(0, max(line - side, 0) // 2, side, side)
        words = self.rect().adjusted(self._indent(), 0, 0, 0)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            box.moveRight(self.rect().right())
            words = self.rect().adjusted(0, 0, -self._indent(), 0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colors.accent if self.hasFocus() or self.isChecked() else colors.quiet, 1.2))
        painter.setBrush(colors.accent if self.isChecked() else colors.panel)
        radius = theme.px(RADIUS_BADGE)
        painter.drawRoundedRect(QRectF(box).adjusted(0.6, 0.6, -0.6, -0.6), radius, radius)
        if self.isChecked():
            inner = theme.px(BOX_PX - 4)
            tick = self._context.icons.pixmap("check", colors.on_accent, inner, self.devicePixelRatioF())
            painter.drawPixmap(box.center() - QPoint((inner - 1) // 2, (inner - 1) // 2), tick)
        painter.setPen(colors.text)
        text = break_words(self.fontMetrics(), self.text(), words.width())
        painter.drawText(words, WRAPPED | Qt.AlignmentFlag.AlignTop, text)
        painter.end()

    def _side(self) -> int:
        return self._context.theme.px(BOX_PX)

    def _indent(self) -> int:
        return self._side() + self._context.theme.px(SPACE_S)
