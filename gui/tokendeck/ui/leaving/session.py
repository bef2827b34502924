"""The session that this window is part of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QObject


def watch_session(left: Callable[[], None], parent: QObject) -> None:
    """
    Have `left` called whenever the session is left, for as long as `parent` lives.

    A system that tells nothing of the sort costs nothing: clocks that jump and idleness are noticed anyway.
    """
    if sys.platform == "win32":
        from tokendeck.ui.leaving.windows import WindowsSession

        WindowsSession(parent).left.connect(left)
    elif sys.platform == "darwin":
        from tokendeck.ui.leaving.macos import MacSession

        MacSession(parent).left.connect(left)
    else:
        from tokendeck.ui.leaving.linux import LinuxSession

        LinuxSession(parent).left.connect(left)
