"""
The event loop. The only file that imports qasync.

Quitting: whoever wants the program to end tells the main coroutine (`MainWindow.closed`); that drains, closes and
returns; then the loop stops, and `run` returns. Qt itself never ends the loop, and no dialog runs one of its own.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import qasync

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from PySide6.QtWidgets import QApplication

T = TypeVar("T")


def run(application: QApplication, main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on Qt's own event loop, and give what it returns."""
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        return runner.run(main)
