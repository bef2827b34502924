"""The window's one clock: once a second, on the second, and only while somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.moment import Moment

SECOND_MS = 1000
PAST_THE_SECOND_MS = 4
"""A timer may fire a little early; a tick that does would show the second before."""


class Ticker(QObject):
    """Ticks just after each full second of the wall clock while it runs."""

    ticked = Signal()

    def __init__(self, now: Callable[[], Moment], parent: QObject | None = None) -> None:
        """Stand still until `run`."""
        super().__init__(parent)
        self._now = now
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def is_running(self) -> bool:
        """Whether the next tick is on its way."""
        return self._timer.isActive()

    def run(self, *, wanted: bool) -> None:
        """Run or stand still; what has run already ticks at once when it runs again, so that nothing old is shown."""
        if wanted and not self._timer.isActive():
            self._tick()
        elif not wanted:
            self._timer.stop()

    def _tick(self) -> None:
        since_second_ms = self._now().wall.microsecond // 1000
        self._timer.start(SECOND_MS - since_second_ms + PAST_THE_SECOND_MS)
        self.ticked.emit()
