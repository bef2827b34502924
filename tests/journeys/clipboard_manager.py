"""
A clipboard manager of X11, which is asked to keep what a program leaves behind; run by its file.

Writes a line for each thing that it is asked for, and keeps nothing:
https://www.freedesktop.org/wiki/ClipboardManager/
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p

SELECTION_REQUEST, SELECTION_NOTIFY = 30, 31
XID = c_ulong
EVENT_WORDS = 24
"""Of an XEvent, which is a union."""


class SelectionRequest(Structure):
    _fields_ = (
        *(("type", c_int), ("serial", c_ulong), ("sent", c_int), ("display", c_void_p), ("owner", XID)),
        *(("requestor", XID), ("selection", XID), ("target", XID), ("property", XID), ("time", c_ulong)),
        ("rest", c_long * EVENT_WORDS),
    )


class SelectionNotify(Structure):
    _fields_ = (
        *(("type", c_int), ("serial", c_ulong), ("sent", c_int), ("display", c_void_p)),
        *(("requestor", XID), ("selection", XID), ("target", XID), ("property", XID), ("time", c_ulong)),
        ("rest", c_long * EVENT_WORDS),
    )


FUNCTIONS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "XOpenDisplay": (c_void_p, (c_char_p,)),
    "XInternAtom": (XID, (c_void_p, c_char_p, c_int)),
    "XGetAtomName": (c_char_p, (c_void_p, XID)),
    "XDefaultRootWindow": (XID, (c_void_p,)),
    "XCreateSimpleWindow": (XID, (c_void_p, XID, c_int, c_int, c_uint, c_uint, c_uint, c_ulong, c_ulong)),
    "XSetSelectionOwner": (c_int, (c_void_p, XID, XID, c_ulong)),
    "XNextEvent": (c_int, (c_void_p, POINTER(SelectionRequest))),
    "XSendEvent": (c_int, (c_void_p, XID, c_int, c_long, POINTER(SelectionNotify))),
    "XFlush": (c_int, (c_void_p,)),
}


def main() -> None:
    """Say that it is there, then what it is asked for, until it is ended."""
    x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
    for name, (gives, takes) in FUNCTIONS.items():
        function = getattr(x11, name)
        function.restype, function.argtypes = gives, takes
    display = x11.XOpenDisplay(None)
    window = x11.XCreateSimpleWindow(display, x11.XDefaultRootWindow(display), 0, 0, 1, 1, 0, 0, 0)
    x11.XSetSelectionOwner(display, x11.XInternAtom(display, b"CLIPBOARD_MANAGER", 0), window, 0)
    x11.XFlush(display)
    _say("ready")
    while True:
        asked = SelectionRequest()
        x11.XNextEvent(display, byref(asked))
        if asked.type == SELECTION_REQUEST:
            _say(x11.XGetAtomName(display, asked.target).decode())
            done = SelectionNotify(SELECTION_NOTIFY, 0, 1, None, asked.requestor, asked.selection, asked.target)
            done.property, done.time = asked.property, asked.time
            x11.XSendEvent(display, asked.requestor, 0, 0, byref(done))
            x11.XFlush(display)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
