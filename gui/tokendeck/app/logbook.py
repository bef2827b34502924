"""
What becomes of a log record, and of an error that nobody caught: a slot's, a thread's.

Listening costs nothing: logging is imported when the book is opened, which is after the first paint, or when an error
comes before. The file is made with the first record.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self, TextIO

WINDOW_LOG = "tokendeck.log"
COMMANDS_LOG = "command-line.log"
LOGS = (WINDOW_LOG, COMMANDS_LOG)
"""Two, since a file that two programs turn over at once loses lines."""

CHATTY = ("asyncio", "filelock", "keyring", "qasync")
"""They tell of every step that they take, and of nothing that helps."""


class Logbook:
    """A program's log, from `with` to its end."""

    def __init__(self, path: Path, *, debug: bool = False, shown_on: TextIO | None = None) -> None:
        """
        Open nothing yet.

        Args:
            path: the newest file; older ones lie beside it.
            debug: whether everything is kept; else what is INFO or worse.
            shown_on: takes the same lines; None where nobody wants to watch.

        """
        self._path = path
        self._debug = debug
        self._shown_on = shown_on
        self._tell: Callable[[Exception], object] = lambda _: None
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> Self:
        """Listen to errors that nobody catches."""
        self._hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._raised
        threading.excepthook = self._raised_in_thread
        sys.unraisablehook = self._raised_in_passing
        return self

    def __exit__(self, *_: object) -> None:
        """Write no more."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
        while self._undo:
            self._undo.pop()()

    def open(self) -> None:
        """Take in what is logged from now on."""
        if self._undo:
            return
        import logging

        from tokendeck.app.logfile import LogFile, on_terminal

        # Where a record cannot be written, logging would print it, unredacted.
        self._undo.append(partial(setattr, logging, "raiseExceptions", logging.raiseExceptions))
        logging.raiseExceptions = False
        chosen = {"": logging.DEBUG if self._debug else logging.INFO} | dict.fromkeys(CHATTY, logging.WARNING)
        for name, level in chosen.items():
            logger = logging.getLogger(name)
            self._undo.append(partial(logger.setLevel, logger.level))
            logger.setLevel(level)
        root = logging.getLogger()
        for handler in (LogFile(self._path), *([on_terminal(self._shown_on)] if self._shown_on else [])):
            self._undo += [handler.close, partial(root.removeHandler, handler)]
            root.addHandler(handler)

    def tell_by(self, tell: Callable[[Exception], object]) -> None:
        """Have a person told of what an event of theirs ended in; `tell` is called on the main thread."""
        self._tell = tell

    def note(self, what: str, error: BaseException | None) -> None:
        """Keep an error with its traceback, which shows no values."""
        self.open()
        import logging

        logging.getLogger(__name__).critical(what, exc_info=error)

    def _raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            self.note("an error that nobody caught", error)
            self._tell(error)
        else:  # Ctrl+C: Python ends as a program does that was interrupted
            self._hooks[0](kind, error, trace)

    def _raised_in_thread(self, raised: threading.ExceptHookArgs) -> None:
        name = raised.thread.name if raised.thread else ""
        self.note(f"an error ended the thread {name}", raised.exc_value)

    def _raised_in_passing(self, raised: sys.UnraisableHookArgs) -> None:
        self.note(raised.err_msg or "an error that nobody could catch", raised.exc_value)
