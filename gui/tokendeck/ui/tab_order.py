"""Where Tab goes: worked out at each step, for parts of the window come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

SAME_LINE_PX = 8
"""Widgets whose middles are no farther apart stand side by side."""


def takes_tab(widget: QWidget) -> bool:
    """Tell whether Tab stops at a widget now."""
    stops = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
    return stops and widget.isVisible() and widget.isEnabled()


def tab_stops(within: QWidget) -> list[QWidget]:
    """Give where Tab stops inside a widget, in the order in which one reads."""
    waiting = [(one.mapTo(within, one.rect().center()), one) for one in within.findChildren(QWidget) if takes_tab(one)]
    waiting.sort(key=lambda stop: stop[0].y())
    direction = -1 if within.layoutDirection() is Qt.LayoutDirection.RightToLeft else 1
    found: list[QWidget] = []
    while waiting:
        top = waiting[0][0].y()
        line = [stop for stop in waiting if stop[0].y() - top <= SAME_LINE_PX]
        del waiting[: len(line)]
        line.sort(key=lambda stop: direction * stop[0].x())
        found += [one for _, one in line]
    return found


def step(stops: Sequence[QWidget], holder: QWidget | None, *, onwards: bool) -> bool:
    """Move the keyboard from `holder` to the stop after or before it, and round; tell whether `holder` is one."""
    if holder not in stops:
        return False
    reason = Qt.FocusReason.TabFocusReason if onwards else Qt.FocusReason.BacktabFocusReason
    stops[(stops.index(holder) + (1 if onwards else -1)) % len(stops)].setFocus(reason)
    return True
