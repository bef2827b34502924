"""
The event loop. The only file that imports qasync.

Quitting: whoever wants the program to end tells the main coroutine (`MainWindow.closed`); that drains, closes and
returns; then the loop stops, and `run` returns. Qt itself never ends the loop, and no dialog runs one of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

import qasync
from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context

    from PySide6.QtWidgets import QApplication

T = TypeVar("T")

SLICE_S = 0.008
"""How long callbacks may follow one another before Qt has its turn, to paint and to heed keys: half a frame."""


class SlicedLoop(qasync.QEventLoop):  # type: ignore[misc]  # qasync has no types
    """
    qasync's loop, with a queue for what is to be called soon, as asyncio's own loops have one.

    qasync starts a timer of Qt for each callback, some 25 µs, and Qt fires all that are due before it does anything
    else: 500 connections that refresh at once kept the window from painting for up to 280 ms.
    """

    def __init__(self, application: QApplication) -> None:
        """Run on the event loop of `application`."""
        self._soon: deque[asyncio.Handle] = deque()
        self._is_going = False
        super().__init__(application)
        self._turn = QTimer(interval=0)
        self._turn.timeout.connect(self._take_turn)

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        """Queue `callback` for the next turn."""
        handle = asyncio.Handle(callback, args, self, context=context)
        self._soon.append(handle)
        self._go_on()
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        """Queue `callback` from whichever thread; the loop is woken only where it has no turn to come anyway."""
        handle = asyncio.Handle(callback, args, self, context=context)
        self._soon.append(handle)
        if not self._is_going:
            super().call_soon_threadsafe(self._go_on)
        return handle

    def _go_on(self) -> None:
        if not self._is_going:
            self._turn.start()
            self._is_going = self._turn.isActive()

    def close(self) -> None:
        """Let go of everything; what is still queued is not called any more."""
        super().close()
        self._turn.stop()
        self._soon.clear()

    def _take_turn(self) -> None:
        """Call what is queued, for no longer than a slice; what comes meanwhile has the next turn."""
        end_s = time.perf_counter() + SLICE_S
        for _ in range(len(self._soon)):
            handle = self._soon.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 - as asyncio's own loops do; there is no other way to run a handle
            if time.perf_counter() > end_s:
                break
        if not self._soon:
            self._turn.stop()
            self._is_going = False
            if self._soon:  # from another thread, which was told just before that there is a turn to come
                self._go_on()


def run(application: QApplication, main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end on Qt's own event loop, and give what it returns."""
    application.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: SlicedLoop(application)) as runner:
        return runner.run(main)
