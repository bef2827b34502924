"""How long each step of a call took, as one slim bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_XS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QPaintEvent

    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Theme

HEIGHT_PX = 6
FAINTEST = 0.35
"""Opacity of the first step; the last one is opaque."""


class Timings(QWidget):
    """The bar, and below it the steps with their times in the same order."""

    def __init__(self, context: UiContext) -> None:
        """Start empty and hidden."""
        super().__init__()
        self._context = context
        self._bar = TimingBar(context.theme)
        self._legend = label(kind="small", wraps=True, selectable=True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(context.theme.px(SPACE_XS))
        rows.addWidget(self._bar)
        rows.addWidget(self._legend)
        self.hide()

    def show_timings(self, timings_ms: Mapping[str, float]) -> None:
        """Show milliseconds by step, in the order in which they happened; none hides it."""
        steps = {step: span for step, span in timings_ms.items() if span >= 0}
        self._bar.show_spans(list(steps.values()))
        names = _step_names()
        words = [f"{names.get(step, step)} {self._context.wording.latency(span)}" for step, span in steps.items()]
        self._legend.setText(" · ".join(words))
        self._bar.setAccessibleName(self._legend.text())
        self.setVisible(bool(steps))


class TimingBar(QWidget):
    """Paints shares of a whole, each a shade stronger than the one before."""

    def __init__(self, theme: Theme) -> None:
        """Start empty."""
        super().__init__()
        self._theme = theme
        self._spans: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_spans(self, spans: list[float]) -> None:
        """Take other shares."""
        self._spans = spans
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Be slim."""
        return QSize(self._theme.px(160), self._theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), self._theme.colors.line)
        painter.setPen(Qt.PenStyle.NoPen)
        left, whole = 0.0, sum(self._spans) or 1.0
        for number, span in enumerate(self._spans):
            color = QColor(self._theme.colors.accent)
            color.setAlphaF(FAINTEST + (1 - FAINTEST) * (number + 1) / len(self._spans))
            width = self.width() * span / whole
            painter.fillRect(QRectF(left, 0, max(width - 1, 1), self.height()), color)
            left += width
        painter.end()


def _step_names() -> dict[str, str]:
    """Name the steps of `Answer.timings_ms`."""
    return {
        "connect": translate("Timings", "connect"),
        "tls": translate("Timings", "TLS"),
        "first_byte": translate("Timings", "first byte"),
        "body": translate("Timings", "body"),
    }
