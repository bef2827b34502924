"""Windows' messages, made by hand: that Windows sends them can only be seen on Windows."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import TYPE_CHECKING

import pytest
from shiboken6 import delete

from tokendeck.ui.leaving import windows
from tokendeck.ui.leaving.windows import WindowsSession

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from tests.ui.leaving.conftest import Leavings

pytestmark = pytest.mark.promise(47)


@pytest.mark.parametrize(
    ("message", "what", "leaves"),
    [
        (windows.WM_WTSSESSION_CHANGE, windows.WTS_SESSION_LOCK, 1),
        (windows.WM_WTSSESSION_CHANGE, windows.WTS_CONSOLE_DISCONNECT, 1),
        (windows.WM_WTSSESSION_CHANGE, windows.WTS_REMOTE_DISCONNECT, 1),
        (windows.WM_WTSSESSION_CHANGE, 0x8, 0),  # unlocked
        (windows.WM_POWERBROADCAST, windows.PBT_APMSUSPEND, 1),
        (windows.WM_POWERBROADCAST, windows.PBT_APMRESUMEAUTOMATIC, 1),
        (windows.WM_POWERBROADCAST, 0xA, 0),  # on battery now
        (0x0200, 0x7, 0),  # the mouse moved
    ],
)
def test_simulated_windows_messages_of_leaving_are_heeded(
    owner: QObject, leavings: Leavings, message: int, what: int, leaves: int
) -> None:
    session = WindowsSession(owner, lambda _: None)
    session.left.connect(leavings.note)
    told = wintypes.MSG(message=message, wParam=what)

    session._ear.nativeEvent(b"windows_generic_MSG", ctypes.addressof(told))

    assert leavings.count == leaves


def test_simulated_windows_is_asked_to_tell_a_window_that_nobody_sees(owner: QObject) -> None:
    handles: list[int] = []

    session = WindowsSession(owner, handles.append)

    assert handles == [session._ear.winId()]
    assert session._ear.isHidden()
    delete(session)
