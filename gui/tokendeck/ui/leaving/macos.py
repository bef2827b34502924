"""Leaving on macOS: what the login window and the screen saver announce to every program."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

ANNOUNCED = ("com.apple.screenIsLocked", "com.apple.screensaver.didstart")
"""Sleep is told by NSWorkspace alone, which takes an Objective-C class to hear; clocks that jump tell the same."""

FOUNDATION = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"

# https://developer.apple.com/documentation/corefoundation/cfnotificationcenter
POINTER = ctypes.c_void_p
Heard = ctypes.CFUNCTYPE(None, POINTER, POINTER, POINTER, POINTER, POINTER)
SIGNATURES: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "CFNotificationCenterGetDistributedCenter": (POINTER, ()),
    "CFStringCreateWithCString": (POINTER, (POINTER, ctypes.c_char_p, ctypes.c_uint32)),
    "CFNotificationCenterAddObserver": (None, (POINTER, POINTER, Heard, POINTER, POINTER, ctypes.c_long)),
    "CFNotificationCenterRemoveEveryObserver": (None, (POINTER, POINTER)),
}
"""What each function gives and takes."""

UTF8 = 0x08000100
AT_ONCE = 4
"""CFNotificationSuspensionBehaviorDeliverImmediately: in the background as well."""


class MacSession(QObject):
    """Listens at the distributed notification centre, in the main run loop."""

    left = Signal()

    def __init__(self, parent: QObject, foundation: Any = None) -> None:  # noqa: ANN401 - a library has any function
        """
        Listen for as long as `parent` lives.

        Args:
            parent: ends this.
            foundation: CoreFoundation as ctypes loads it; None loads it.

        """
        super().__init__(parent)
        library = foundation or ctypes.CDLL(FOUNDATION)
        stop = _listen(library, Heard(lambda *_: self.left.emit()))
        self.destroyed.connect(stop)


def _listen(library: Any, heard: Any) -> Callable[[], None]:  # noqa: ANN401 - as above, and a C function
    """Have `heard` called for each announcement; give what ends that, which keeps `heard` alive until then."""
    for name, (gives, takes) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = gives, takes
    center = library.CFNotificationCenterGetDistributedCenter()
    observer = ctypes.cast(heard, POINTER)  # any address of our own tells us from others
    for name in ANNOUNCED:
        text = library.CFStringCreateWithCString(None, name.encode(), UTF8)
        library.CFNotificationCenterAddObserver(center, observer, heard, text, None, AT_ONCE)

    def stop() -> None:
        library.CFNotificationCenterRemoveEveryObserver(center, ctypes.cast(heard, POINTER))

    return stop
