"""The one way for a secret into the system's clipboard, and out of it again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from tokendeck.ui.curtain import has_slept

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.moment import Moment
    from tokendeck.core.secret import Secret

KEPT_S = 30
"""For how long a secret stays in the clipboard."""

TICK_MS = 1000

MARKS: dict[str, bytes] = {
    # KDE's Klipper, and others that follow it.
    "x-kde-passwordManagerHint": b"secret",
    # https://learn.microsoft.com/windows/win32/dataxchg/clipboard-formats#cloud-clipboard-and-clipboard-history-formats
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
    # http://nspasteboard.org; Qt wraps foreign types on macOS, so this alone conceals nothing there.
    "org.nspasteboard.ConcealedType": b"",
}


class Board(Protocol):
    """What is needed of `QClipboard`."""

    def text(self) -> str:
        """Give the text on the clipboard."""
        ...

    def setMimeData(self, data: QMimeData, /) -> None:  # noqa: N802 - Qt's spelling
        """Replace what is on the clipboard."""
        ...

    def clear(self) -> None:
        """Empty the clipboard."""
        ...


class SecretClipboard(QObject):
    """
    Writes a marked secret, reads it back, counts down, and clears what is still its own.

    The countdown is by the elapsed clock, suspend included; a machine that has slept clears at once, however short.
    """

    changed = Signal()
    """The countdown, or whether a clear failed, is another one now."""

    def __init__(self, board: Board, now: Callable[[], Moment], parent: QObject | None = None) -> None:
        """Use `board`, usually `QGuiApplication.clipboard()`, and the clocks that `now` reads."""
        super().__init__(parent)
        self._board = board
        self._now = now
        self._secret: Secret | None = None
        self._looked = now()
        self._clear_at_s = 0.0
        self._failed = False
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            # GNOME lets only a focused window change the clipboard: a clear that failed is tried again then.
            application.applicationStateChanged.connect(self._retry)

    @property
    def seconds_left(self) -> int | None:
        """Whole seconds until the clipboard is cleared; None where it holds nothing of ours."""
        if self._secret is None:
            return None
        return max(0, math.ceil(self._clear_at_s - self._now().elapsed_s))

    @property
    def clear_failed(self) -> bool:
        """Whether the clipboard still holds our secret although it was to be cleared."""
        return self._failed

    def copy(self, secret: Secret) -> bool:
        """Write `secret`, read it back, and tell whether the clipboard has it. The countdown starts anew."""
        data = QMimeData()
        data.setText(secret.reveal())
        for name, value in MARKS.items():
            data.setData(name, value)
        self._board.setMimeData(data)
        taken = self._board.text() == secret.reveal()
        if taken:
            self._secret = secret
            self._looked = self._now()
            self._clear_at_s = self._looked.elapsed_s + KEPT_S
            self._timer.start()
        elif self._secret is not None and not self._holds_ours():
            self._forget()
        self._failed = False
        self.changed.emit()
        return taken

    def clear_now(self) -> bool:
        """Clear the clipboard if it still holds our secret; tell whether it holds it no more."""
        if self._secret is None:
            return True
        if self._holds_ours():
            self._board.clear()
        self._failed = self._holds_ours()
        if not self._failed:
            self._forget()
        self.changed.emit()
        return not self._failed

    def tick(self) -> None:
        """Look at the clock and the clipboard: once a second while it holds our secret."""
        if self._secret is None:
            return
        before, self._looked = self._looked, self._now()
        if not self._holds_ours():
            self._forget()
            self.changed.emit()
        elif self._failed:
            return  # tried again when the window is in front
        elif self._looked.elapsed_s >= self._clear_at_s or has_slept(before, self._looked):
            self.clear_now()
        else:
            self.changed.emit()

    def _holds_ours(self) -> bool:
        return self._secret is not None and self._board.text() == self._secret.reveal()

    def _forget(self) -> None:
        self._secret = None
        self._failed = False
        self._timer.stop()

    def _retry(self, state: Qt.ApplicationState) -> None:
        if self._failed and state is Qt.ApplicationState.ApplicationActive:
            self.clear_now()
