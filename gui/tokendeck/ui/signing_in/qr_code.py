"""A QR code, for a person whose browser is on another device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tokendeck.ui.theme import Theme

SIDE_PX = 148
MARGIN_MODULES = 4
"""The quiet zone that ISO/IEC 18004 asks for around the code."""


class QrCode(QWidget):
    """Dark modules on white in every colour scheme: cameras expect it so."""

    def __init__(self, theme: Theme) -> None:
        """Start empty and hidden."""
        super().__init__()
        self._text = ""
        self._modules: tuple[bytearray, ...] = ()
        side = theme.px(SIDE_PX)
        self.setFixedSize(side, side)
        self.hide()

    def show_text(self, text: str, spoken: str) -> None:
        """Encode `text`; a screen reader hears what is `spoken`."""
        if text != self._text:
            import segno  # 20 ms, and few sign-ins need it

            self._text = text
            self._modules = tuple(segno.make(text, micro=False, error="m").matrix)
            self.setAccessibleName(spoken)
            self.update()
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint modules of a whole number of device pixels, so that none is blurred."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.white)
        count = len(self._modules) + 2 * MARGIN_MODULES
        scale = painter.device().devicePixelRatioF()
        module = int(self.width() * scale / count) / scale
        start = (self.width() - module * len(self._modules)) / 2
        for row, modules in enumerate(self._modules):
            for column, dark in enumerate(modules):
                if dark:
                    place = QRectF(start + column * module, start + row * module, module, module)
                    painter.fillRect(place, Qt.GlobalColor.black)
        painter.end()
