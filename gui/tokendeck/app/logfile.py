"""The file that a log is kept in: of bounded size, for this user alone, without secrets."""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from tokendeck.core.redaction import redact

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path
    from typing import TextIO

MOST_BYTES = 512 * 1024
OLDER_FILES = 2
LONGEST_RECORD = 16 * 1024
"""Characters; a traceback of usual depth has a tenth of that."""

LONGEST_LINE_BYTES = 4 * (LONGEST_RECORD + 2)
"""In UTF-8, with what says that it was cut, and its end."""

NEWEST_BYTES = 64 * 1024
NEWEST_LINES = 60


class Redacting(logging.Formatter):
    """Lines with times in UTC; tracebacks show lines of the program and no values."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        """Take no choice."""
        super().__init__("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Redact the whole, then cut what is too long: a secret that is cut would not be known any more."""
        text = redact(super().format(record))
        return text if len(text) <= LONGEST_RECORD else f"{text[:LONGEST_RECORD]}…"


class LogFile(RotatingFileHandler):
    """Appends to a file that only this user can read."""

    def __init__(self, path: Path) -> None:
        """Open the file with the first record."""
        super().__init__(path, maxBytes=MOST_BYTES, backupCount=OLDER_FILES, encoding="utf-8", delay=True)
        self._path = path
        self.setFormatter(Redacting())

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: ARG002, N802 - logging's own
        """Tell whether the longest line might not fit; the line itself is redacted once, when it is written."""
        if self.stream is None:
            self.stream = self._open()
        return os.fstat(self.stream.fileno()).st_size > MOST_BYTES - LONGEST_LINE_BYTES

    def _open(self) -> TextIOWrapper:
        _make_private(self._path.parent)
        file = open(self._path, "a", encoding="utf-8", errors="replace", opener=_open_private)  # noqa: SIM115 - closed by logging
        with suppress(OSError, AttributeError):  # Windows has no fchmod
            os.fchmod(file.fileno(), 0o600)
        return file


def on_terminal(stream: TextIO) -> logging.Handler:
    """Give what shows the same on a terminal."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Redacting())
    return handler


def newest_lines(path: Path) -> list[str]:
    """Give the end of a log, oldest line first; empty where there is none that can be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - NEWEST_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    if size > NEWEST_BYTES:
        del lines[:1]  # it begins somewhere inside
    return lines[-NEWEST_LINES:]


def _make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user alone."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
