"""The terminal, or whatever stands in its place: results out, remarks aside, questions to a person."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tokendeck.cli.errors import Mistyped, OutputRefused
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

FALLBACK_WIDTH = 80
BROKEN_PIPE = 128 + 13
"""What a shell reports for a program that a signal ended; 13 is SIGPIPE, which Windows does not name."""


class Console:
    """The three standard streams of one run."""

    def __init__(self, stdin: TextIO, stdout: TextIO, stderr: TextIO, ask_hidden: Callable[[str], str]) -> None:
        """
        Take the streams over.

        Args:
            stdin: answers, and secrets read with `--secrets-from -`.
            stdout: results.
            stderr: everything else.
            ask_hidden: puts a question and reads the answer without echo, as `getpass.getpass` does.

        """
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self._ask_hidden = ask_hidden
        for stream in (stdout, stderr):
            # A locale that cannot spell a name shows a mark in its place instead of failing.
            reconfigure: Callable[..., None] = getattr(stream, "reconfigure", lambda **_: None)
            reconfigure(errors="replace")

    @property
    def has_person(self) -> bool:
        """Whether there is anybody to ask."""
        return self._stdin.isatty()

    @property
    def width(self) -> int | None:
        """Columns of the terminal that results go to; None where they go elsewhere and need not fit."""
        if not self._stdout.isatty():
            return None
        with suppress(OSError):
            # A terminal that was never told its size says 0.
            return os.get_terminal_size(self._stdout.fileno()).columns or FALLBACK_WIDTH
        return FALLBACK_WIDTH

    def result(self, text: str) -> None:
        """Print what was asked for. Raises `BrokenPipeError` where nobody reads it, else `OutputRefused`."""
        try:
            self._stdout.write(f"{text}\n")
            self._stdout.flush()
        except BrokenPipeError:
            _abandon(self._stdout)
            raise
        except OSError as error:
            _abandon(self._stdout)
            raise OutputRefused(error.strerror or "") from error

    def last_result(self, text: str) -> int:
        """Print what a program ends with, and give its exit code: 0 where it has arrived."""
        try:
            self.result(text)
        except BrokenPipeError:
            return BROKEN_PIPE
        except OutputRefused as refused:
            self.remark(refused.sentence)
            return refused.exit_code
        return 0

    def remark(self, text: str) -> None:
        """Tell a person something; where nobody listens, nothing is lost."""
        self._say(f"{text}\n")

    def _say(self, text: str) -> None:
        try:
            self._stderr.write(text)
            self._stderr.flush()
        except OSError:
            _abandon(self._stderr)

    def read_all(self) -> str:
        """Read stdin to its end. Raises `UnicodeDecodeError` or `OSError`."""
        return self._stdin.read()

    def confirm(self, question: str) -> bool:
        """Ask a person; only `y` or `yes` is a yes."""
        self._say(f"{question} [y/N] ")
        with _prompt_can_be_interrupted():
            return self._stdin.readline().strip().casefold() in {"y", "yes"}

    def ask_line(self, question: str) -> str:
        """Ask for one line, of a person or of whoever writes to stdin; empty where nothing comes."""
        self._say(question)
        with _prompt_can_be_interrupted():
            return self._stdin.readline().strip()

    def ask_secret(self, label: str) -> Secret:
        """Ask a person for a secret without showing it. Raises `Mistyped` where that cannot be done."""
        import getpass

        with _prompt_can_be_interrupted(), warnings.catch_warnings():
            # getpass warns and goes on where it cannot turn the echo off.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return Secret(self._ask_hidden(f"{label}: ").strip())
            except (EOFError, getpass.GetPassWarning):
                raise Mistyped(
                    "This terminal cannot read a secret unseen. Hand the secrets over with --secrets-from FILE."
                ) from None


def _abandon(stream: TextIO) -> None:
    """Stop the interpreter from complaining at exit about what could not be written."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def _prompt_can_be_interrupted() -> Iterator[None]:
    """
    Let Ctrl+C and SIGTERM end a prompt at once.

    asyncio's own handlers only ask the loop to cancel a task, and the loop stands still while a person thinks. Nothing
    is on the wire then.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    }
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
