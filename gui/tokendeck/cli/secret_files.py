"""Reading secrets from files, so that they are never typed where a process list or a shell's history shows them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tokendeck.cli.errors import Mistyped
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

LARGEST_FILE = 1024 * 1024
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)", re.DOTALL)
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
SINGLE_QUOTED = re.compile(r"'([^']*)'\s*(?:#.*)?")
ESCAPED = re.compile(r'\\(["\\$`])')


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


def read_fields(text: str) -> dict[str, Secret]:
    r"""
    Read fields from KEY=VALUE lines or one JSON object; a key that comes twice has its last value.

    Lines may begin with `export`; blank lines and lines beginning with `#` are skipped. A value in single quotes is
    taken as it stands, one in double quotes without the backslashes before `"`, `\`, `$` and a backquote, as a shell
    reads them; one without quotes to the end of its line, `#` included, because secrets may hold one.

    Raises:
        Mistyped: names the line, never what stands in it.

    """
    if text.lstrip().startswith("{"):
        return _read_object(text)
    fields = {}
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(stripped)
        if match is None:
            raise Mistyped(f"Line {number} of the secrets is not KEY=VALUE.")
        fields[match.group(1)] = Secret(_unquote(match.group(2), number))
    return fields


def _read_object(text: str) -> dict[str, Secret]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Mistyped("The secrets begin like a JSON object but are not one.") from None
    fields = {}
    for key, item in value.items():
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise Mistyped(f"In the secrets' JSON object, {key} is no text.")
        fields[key] = Secret(str(item))
    return fields


def _unquote(value: str, number: int) -> str:
    if value.startswith('"'):
        match = DOUBLE_QUOTED.fullmatch(value)
    elif value.startswith("'"):
        match = SINGLE_QUOTED.fullmatch(value)
    else:
        return value
    if match is None:
        raise Mistyped(f"In line {number} of the secrets, what is in quotes does not end where it should.")
    return match.group(1) if value.startswith("'") else ESCAPED.sub(r"\1", match.group(1))
