"""Leaving on Windows: messages about the session and about power, which every window without a parent gets."""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QByteArray

# https://learn.microsoft.com/windows/win32/termserv/wm-wtssession-change
WM_WTSSESSION_CHANGE = 0x02B1
WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK = 0x2, 0x4, 0x7
# https://learn.microsoft.com/windows/win32/power/wm-powerbroadcast
WM_POWERBROADCAST = 0x0218
PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC = 0x4, 0x12

LEAVING = {
    WM_WTSSESSION_CHANGE: {WTS_CONSOLE_DISCONNECT, WTS_REMOTE_DISCONNECT, WTS_SESSION_LOCK},
    # On waking too: the first one may come too late to be heeded before the machine sleeps.
    WM_POWERBROADCAST: {PBT_APMSUSPEND, PBT_APMRESUMEAUTOMATIC},
}
"""What is told, by the message that tells it."""


class WindowsSession(QObject):
    """Listens by a window of its own, which nobody sees."""

    left = Signal()

    def __init__(self, parent: QObject, register: Callable[[int], object] | None = None) -> None:
        """
        Listen for as long as `parent` lives.

        Args:
            parent: ends this.
            register: asks Windows to tell the window of this handle about the session; None is Windows' own function.

        """
        super().__init__(parent)
        self._ear = Ear(self.left.emit)
        self.destroyed.connect(self._ear.deleteLater)
        (register or _register)(self._ear.winId())


class Ear(QWidget):
    """A window that is never shown."""

    def __init__(self, left: Callable[[], None]) -> None:
        """Call `left` when the session is left."""
        super().__init__()
        self._left = left

    def nativeEvent(  # noqa: N802 - Qt's spelling
        self,
        kind: QByteArray | bytes | bytearray | memoryview,  # noqa: ARG002 - Qt's signature
        message: int,
    ) -> tuple[bool, int]:
        """Heed what tells that the session is left, and leave every message to Qt and Windows as well."""
        told = wintypes.MSG.from_address(int(message))
        if told.wParam in LEAVING.get(told.message, ()):
            self._left()
        return False, 0


def _register(handle: int) -> None:
    if sys.platform == "win32":
        ctypes.WinDLL("wtsapi32").WTSRegisterSessionNotification(wintypes.HWND(handle), 0)
