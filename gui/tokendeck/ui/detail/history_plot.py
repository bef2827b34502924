"""The last calls as bars: height is latency, colour and shape are the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokendeck.core.verdict import VerdictKind
from tokendeck.ui.labels import Card, label
from tokendeck.ui.text import plural, translate
from tokendeck.ui.theme import SPACE_XS

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from tokendeck.core.connection import CallFacts
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Theme

MOST_CALLS = 30
HEIGHT_PX = 64
BAR_SHARE = 0.5
"""Of the room that a call has, taken by its bar."""

SHORTEST_SHARE = 0.08
"""Of the plot's height: a fast call is still seen."""

FLAG_PX = 6
CALM = 0.75
"""Opacity of the bars that are as they should be."""

GOOD = {VerdictKind.WORKS.value, VerdictKind.MINTED.value}


class HistoryCard(Card):
    """The plot with its median and a sentence about what went wrong."""

    def __init__(self, context: UiContext, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(context.theme, translate("HistoryCard", "Last tests"), parent)
        self._context = context
        self._median = label(kind="small")
        self._plot = HistoryPlot(context.theme)
        self._sentence = label(kind="small", wraps=True)
        self.head.addWidget(self._median)
        self.rows.addWidget(self._plot)
        self.rows.addWidget(self._sentence)
        self.show_calls(())

    @property
    def sentence(self) -> str:
        """What the plot shows, in words."""
        return self._sentence.text()

    def show_calls(self, calls: tuple[CallFacts, ...]) -> None:
        """Show these, oldest first."""
        calls = calls[-MOST_CALLS:]
        latencies = [call.latency_ms for call in calls if call.latency_ms is not None]
        self._plot.show_calls(calls)
        self._plot.setVisible(bool(calls))
        middle = self._context.wording.latency(_median(latencies)) if latencies else ""
        self._median.setText(translate("HistoryCard", "median {latency}").format(latency=middle) if middle else "")
        self._sentence.setText(self._summary(calls))
        self._plot.setAccessibleName(f"{self._summary(calls)} {self._median.text()}".strip())

    def _summary(self, calls: tuple[CallFacts, ...]) -> str:
        if not calls:
            return translate("HistoryCard", "No test has been made yet.")
        wrong = [call for call in calls if call.outcome not in GOOD]
        if all(call.outcome == VerdictKind.MINTED.value for call in calls):
            return plural(
                "HistoryCard",
                "The last test got a token, which is all that it proves.",
                "All of the last %Ln tests got a token, which is all that they prove.",
                len(calls),
            )
        if not wrong:
            return plural("HistoryCard", "The last test worked.", "All of the last %Ln tests worked.", len(calls))
        last = wrong[-1]
        when = self._context.wording.when(last.at, self._context.now())
        if len(calls) == 1:
            sentence = translate("HistoryCard", "The only test did not work, {when}: {outcome}.")
        elif len(wrong) == len(calls):
            sentence = translate(
                "HistoryCard", "None of the last {all} tests worked, the last of them {when}: {outcome}."
            )
        else:
            sentence = plural(
                "HistoryCard",
                "One of the last {all} tests did not work, {when}: {outcome}.",
                "%Ln of the last {all} tests did not work, the last of them {when}: {outcome}.",
                len(wrong),
            )
        return sentence.format(all=len(calls), when=when, outcome=_outcome(last))


def _outcome(call: CallFacts) -> str:
    if call.status is not None:
        return str(call.status)
    if call.outcome == VerdictKind.TROUBLE.value:
        return translate("HistoryCard", "no answer")
    return translate("HistoryCard", "refused")


class HistoryPlot(QWidget):
    """Paints the bars."""

    def __init__(self, theme: Theme) -> None:
        """Start empty."""
        super().__init__()
        self._theme = theme
        self._calls: tuple[CallFacts, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_calls(self, calls: tuple[CallFacts, ...]) -> None:
        """Take other calls."""
        self._calls = calls
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Be as low as a plot can be read."""
        return QSize(self._theme.px(240), self._theme.px(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's signature
        """Paint a bar for each call, the newest at the end."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - 1.0
        painter.setPen(QPen(self._theme.colors.line, 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        room = self.width() / MOST_CALLS
        tallest = max((call.latency_ms or 0.0 for call in self._calls), default=0.0) or 1.0
        for number, call in enumerate(self._calls):
            share = max((call.latency_ms or 0.0) / tallest, SHORTEST_SHARE)
            height = share * (base - self._theme.px(FLAG_PX + SPACE_XS))
            place = number + MOST_CALLS - len(self._calls)
            if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
                place = MOST_CALLS - 1 - place
            left = place * room + room * (1 - BAR_SHARE) / 2
            self._paint_call(painter, call, QRectF(left, base - height, room * BAR_SHARE, height))
        painter.end()

    def _paint_call(self, painter: QPainter, call: CallFacts, bar: QRectF) -> None:
        """Paint a full bar for what worked, one with a flag for what was refused, a hollow one for passing trouble."""
        color, radius = self._color(call), self._theme.px(2)
        hollow = call.outcome == VerdictKind.TROUBLE.value
        painter.setPen(QPen(color, 1.2) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else color)
        painter.drawRoundedRect(bar, radius, radius)
        if call.outcome == VerdictKind.REFUSED.value:
            painter.setPen(QPen(color, 1.4))
            side = self._theme.px(FLAG_PX)
            flag = QRectF(bar.center().x() - side / 2, bar.top() - side - self._theme.px(3), side, side)
            painter.drawLine(flag.topLeft(), flag.bottomRight())
            painter.drawLine(flag.topRight(), flag.bottomLeft())

    def _color(self, call: CallFacts) -> QColor:
        colors = self._theme.colors
        if call.outcome in GOOD:
            calm = QColor(colors.accent)
            calm.setAlphaF(CALM)
            return calm
        return colors.bad if call.outcome == VerdictKind.REFUSED.value else colors.caution


def _median(values: list[float]) -> float:
    from statistics import median  # brings fractions along, and most sessions test nothing

    return median(values)
