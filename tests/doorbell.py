"""Waiting for a program to answer at its socket, without knocking again and again."""

from __future__ import annotations

import ctypes
import os
import select
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.cli.running.messages import request, value_of
from tokendeck.cli.running.wire import NobodyThere, exchange

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

ANSWER_S = 20.0
LONGEST_SILENCE_S = 0.2
"""Between a socket that is there and somebody who listens at it, nothing is told."""

IN_CREATE = 0x100
EVENTS_BYTES = 4096


def until_answered(path: str, question: str = "hello", *, by: subprocess.Popen[str] | None = None) -> object:
    """Give what is answered at `path`, as soon as somebody listens there; fail once `by` has ended."""
    with _newcomers(Path(path).parent) as until_next:
        while True:
            assert by is None or by.poll() is None, by.communicate()
            try:
                return value_of(exchange(path, request(question, {}), ANSWER_S))
            except NobodyThere:
                until_next()


@contextmanager
def _newcomers(folder: Path) -> Iterator[Callable[[], None]]:
    """Give what waits until a file comes to be in `folder`; it does not wait for long, and only on Linux at all."""
    if not sys.platform.startswith("linux"):
        yield lambda: None
        return
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_CLOEXEC)
    assert watch >= 0, os.strerror(ctypes.get_errno())

    def until_next() -> None:
        told, _, _ = select.select([watch], [], [], LONGEST_SILENCE_S)
        if told:
            os.read(watch, EVENTS_BYTES)

    try:
        assert libc.inotify_add_watch(watch, os.fsencode(folder), IN_CREATE) >= 0, os.strerror(ctypes.get_errno())
        yield until_next
    finally:
        os.close(watch)
