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

ACTIVE = Qt.ApplicationState.ApplicationActive
KEPT_S = 30
"""For how long a secret stays in the clipboard."""

TICK_MS = 1000

TELLS_OWNER = {"xcb", "wayland", "windows"}
"""
Platforms of Qt on which it knows without asking anybody whether the clipboard is ours.

Elsewhere the text has to be read and compared: the program that owns it is asked for it, and the window stands still
for as long as that does not answer.
"""

WANTS_FOCUS = "wayland"
REFUSED_WITHIN_S = 0.25
"""Mutter takes back what a window without the focus writes within some milliseconds; measured with 43.8."""

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

    def ownsClipboard(self) -> bool:  # noqa: N802 - Qt's spelling
        """Tell whether what is on the clipboard was written by us; False as well where the platform does not know."""
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

    def __init__(
        self, board: Board, now: Callable[[], Moment], platform: str = "", *, in_front: Callable[[], bool] | None = None
    ) -> None:
        """
        Hold nothing yet.

        Args:
            board: usually `QGuiApplication.clipboard()`.
            now: reads both clocks.
            platform: as `QGuiApplication.platformName()` calls it.
            in_front: tells whether a window of ours has the focus; None asks Qt.

        """
        super().__init__()
        self._board = board
        self._now = now
        self._platform = platform
        self._in_front = in_front or _in_front
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
        elif self._secret is not None and not self._is_there():
            self._forget()
        self._failed = False
        self.changed.emit()
        return taken

    async def copy_for_good(self, secret: Secret) -> bool:
        """
        Do as `copy`, and tell whether the desktop let it be.

        Wayland has a window without the focus write, and takes that back a moment later; what was there before stays.
        """
        before = self._secret, self._clear_at_s
        if not self.copy(secret):
            return False
        if self._platform != WANTS_FOCUS or self._in_front():
            return True
        import asyncio  # not needed for the first paint

        self._timer.stop()  # a tick would take the refusal for somebody else's copy
        await asyncio.sleep(REFUSED_WITHIN_S)
        is_last = self._secret is secret
        kept = is_last and self._board.ownsClipboard()
        if is_last and not kept:
            self._secret, self._clear_at_s = before
        if self._secret is not None and self._is_there():
            self._timer.start()
        else:
            self._forget()
        self.changed.emit()
        return kept

    def copy_plain(self, text: str) -> bool:
        """Write text that is no secret and stays, read it back, and tell whether the clipboard has it."""
        data = QMimeData()
        data.setText(text)
        self._board.setMimeData(data)
        self.tick()
        return self._board.text() == text

    def clear_now(self) -> bool:
        """Clear the clipboard if it still holds our secret; tell whether it holds it no more."""
        if self._secret is None:
            return True
        if self._is_ours():
            self._board.clear()
            self._failed = self._is_there()
        else:
            self._failed = False
        if not self._failed:
            self._forget()
        self.changed.emit()
        return not self._failed

    def tick(self) -> None:
        """Look at the clock and the clipboard: once a second while it holds our secret."""
        if self._secret is None:
            return
        before, self._looked = self._looked, self._now()
        if self._failed:
            if not self._is_there():
                self._forget()
                self.changed.emit()
            return  # tried again when the window is in front
        if not self._is_ours():
            self._forget()
            self.changed.emit()
        elif self._looked.elapsed_s >= self._clear_at_s or has_slept(before, self._looked):
            self.clear_now()
        else:
            self.changed.emit()

    def _is_ours(self) -> bool:
        """Tell whether nobody has copied since, without asking whoever has."""
        written_by_us = self._failed or self._platform not in TELLS_OWNER or self._board.ownsClipboard()
        return written_by_us and self._is_there()

    def _is_there(self) -> bool:
        """Tell whether pasting would give our secret: a desktop may keep what it was told to drop."""
        return self._secret is not None and self._board.text() == self._secret.reveal()

    def _forget(self) -> None:
        self._secret = None
        self._failed = False
        self._timer.stop()

    def _retry(self, state: Qt.ApplicationState) -> None:
        if self._failed and state is ACTIVE:
            self.clear_now()


def _in_front() -> bool:
    return QGuiApplication.applicationState() is ACTIVE
