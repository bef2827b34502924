"""A provider's initials on its own colour: the only literal colours in the window are the providers'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokendeck.ui.theme import RADIUS_CARD

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tokendeck.core.provider import Provider

RADIUS_SHARE = RADIUS_CARD / 44
TEXT_SHARE = 0.36


def paint_monogram(painter: QPainter, rect: QRectF, monogram: str, color: QColor, font: QFont) -> None:
    """Paint `monogram` on a rounded ground; white or black, whichever reads better."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    radius = rect.height() * RADIUS_SHARE
    painter.drawRoundedRect(rect, radius, radius)
    letters = QFont(font)
    letters.setPixelSize(max(8, round(rect.height() * TEXT_SHARE)))
    letters.setWeight(QFont.Weight.Bold)
    painter.setFont(letters)
    painter.setPen(ink_on(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, monogram)
    painter.restore()


def ink_on(ground: QColor) -> QColor:
    """Give white, or black where white would be hard to read: below 3:1, WCAG 2.2's bound for large bold letters."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (ground.redF(), ground.greenF(), ground.blueF())
    ]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    contrast_with_white = 1.05 / (luminance + 0.05)
    return QColor(Qt.GlobalColor.white if contrast_with_white >= 3 else Qt.GlobalColor.black)


def unknown_monogram(name: str) -> str:
    """Give what stands for a connection whose provider is not known."""
    return name[:2].upper()


class Monogram(QWidget):
    """A provider's monogram as a widget; decoration, so screen readers pass it by."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        """Start empty, `side` logical pixels square."""
        super().__init__(parent)
        self._side = side
        self._text = ""
        self._color = QColor(Qt.GlobalColor.transparent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_provider(self, provider: Provider) -> None:
        """Take a provider's initials and colour."""
        self._text, self._color = provider.monogram, QColor(provider.color)
        self.update()

    def show_unknown(self, name: str, color: QColor) -> None:
        """Take the first letters of a connection whose provider is not known."""
        self._text, self._color = unknown_monogram(name), color
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Be square."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint."""
        painter = QPainter(self)
        paint_monogram(painter, QRectF(self.rect()), self._text, self._color, self.font())
        painter.end()
