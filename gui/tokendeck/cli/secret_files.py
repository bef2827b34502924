"""Reading secrets from files, so that they are never typed where a process list or a shell's history shows them."""

from __future__ import annotations

import os
import shlex
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tokendeck.cli.errors import Mistyped
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

LARGEST_FILE = 1024 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_text(path: Path, what: str) -> str:
    """
    Read a small text file.

    Args:
        path: the file, or anything else that can be read to an end.
        what: names it in complaints, for example `passphrase file`.

    Raises:
        Mistyped: missing, unreadable, too large, or not UTF-8.

    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Mistyped(f"The {what} {path} cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise Mistyped(f"The {what} {path} is larger than 1 MiB, so it is probably not the one you mean.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Mistyped(f"The {what} {path} is not UTF-8 text.") from None


def read_passphrase(path: Path) -> Secret:
    """Give a file's content but for one newline at its end. Raises `Mistyped` as `read_text` does, or if empty."""
    text = read_text(path, "passphrase file")
    text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if not text:
        raise Mistyped(f"The passphrase file {path} is empty.")
    return Secret(text)


def read_recovery_key(path: Path) -> Secret:
    """Give what a recovery key's file holds. Raises `Mistyped` as `read_text` does."""
    return Secret(read_text(path, "recovery key file"))


@contextmanager
def new_private_file(path: Path) -> Iterator[TextIO]:
    """
    Make a file that only the user can read, and take it away again if what is to be written to it is not to be had.

    Raises `Mistyped` where it is there already, or cannot be made or written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                path.unlink()
                raise
    except OSError as error:
        raise Mistyped(f"The file {path} cannot be written: {error.strerror}.") from error


def reachable_by(path: Path) -> str:
    """Give the octal mode of a file that others can reach; empty where they cannot, or where no mode says who can."""
    facts = path.stat()
    is_open = os.name == "posix" and stat.S_ISREG(facts.st_mode) and facts.st_mode & OTHERS
    return f"{stat.S_IMODE(facts.st_mode):o}" if is_open else ""


def warning_of(path: Path) -> str:
    """Say that others can reach a file that opens the vault, and what to do; empty where they cannot."""
    mode = reachable_by(path)
    return f"Others can reach {path}, which opens the vault (mode {mode}): {shut_out(path)}" if mode else ""


def shut_out(path: Path) -> str:
    """Give the command that takes others' rights away."""
    return f"chmod go-rwx {shlex.quote(str(path))}"
