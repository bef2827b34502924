"""What covers the secrets on show once nobody is there to look at them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.moment import Moment

LOOK_MS = 1000
IDLE = timedelta(seconds=60)
"""Without a key or a movement of the mouse for so long, nobody is there."""

SLEPT = timedelta(seconds=5)
"""Qt's timers stand still while the machine sleeps: more than this between two looks was not spent awake."""

INPUT = {
    *(QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.Wheel),
    *(QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease),
    *(QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TabletMove, QEvent.Type.TabletPress),
}


def has_slept(before: Moment, now: Moment) -> bool:
    """Tell whether the machine slept between two looks that were to be a second apart."""
    return now.since(before) > SLEPT


class Curtain(QObject):
    """
    Falls when the screen is locked, the machine sleeps, or nobody touches the window for a while.

    Whoever shows a secret tells so by `open_for` and covers it when the curtain falls. Only meanwhile does a timer run.
    """

    fell = Signal()
    """Cover what is shown, and take back what was handed out."""

    def __init__(self, now: Callable[[], Moment], parent: QObject | None = None) -> None:
        """Read both clocks by `now`."""
        super().__init__(parent)
        self._now = now
        self._holders: set[QObject] = set()
        self._looked = self._touched = now()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.falls = 0
        """How often it fell: work that began before the last time was not asked for by whoever is there now."""

    @property
    def is_watching(self) -> bool:
        """Whether something is on show."""
        return self._timer.isActive()

    def open_for(self, holder: QObject) -> None:
        """Watch from now on: `holder` shows a secret."""
        application = QGuiApplication.instance()
        if not self._holders and application is not None:
            application.installEventFilter(self)
            self._timer.start()
        self._holders.add(holder)
        self._looked = self._touched = self._now()

    def close_for(self, holder: QObject) -> None:
        """Note that `holder` shows its secret no more."""
        self._holders.discard(holder)
        application = QGuiApplication.instance()
        if not self._holders and application is not None:
            application.removeEventFilter(self)
            self._timer.stop()

    def fall(self) -> None:
        """Have everything covered now."""
        self.falls += 1
        self.fell.emit()

    def look(self) -> None:
        """See whether somebody is still there: once a second while something is on show."""
        now = self._now()
        if has_slept(self._looked, now) or now.since(self._touched) >= IDLE:
            self.fall()
        self._looked = now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's spelling
        """Note that somebody is there."""
        if event.type() in INPUT:
            self._touched = self._now()
        return super().eventFilter(watched, event)
