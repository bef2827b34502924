"""Reading fields as dashboards and `.env` files give them: KEY=VALUE lines, or one JSON object."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum, auto

from tokendeck.core.secret import Secret

LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)", re.DOTALL)
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
SINGLE_QUOTED = re.compile(r"'([^']*)'\s*(?:#.*)?")
ESCAPED = re.compile(r'\\(["\\$`])')


class Fault(Enum):
    """Why a piece of a block cannot be read as it should."""

    NO_PAIR = auto()
    """A line that is not KEY=VALUE."""

    OPEN_QUOTE = auto()
    """A line whose quotes do not end where they should; its value is taken as it stands."""

    NO_OBJECT = auto()
    """The text begins like a JSON object and is none."""

    NO_TEXT = auto()
    """A JSON value that is neither text nor a whole number."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One piece that cannot be read. Never says what stands there, which may be a secret."""

    fault: Fault
    where: str
    """A line's number from 1, or a JSON key; empty for the text as a whole."""


@dataclass(slots=True)
class FieldBlock:
    """What a text gives."""

    fields: dict[str, Secret] = field(default_factory=dict)
    """Values by key, any of which may be secret; of a key that comes twice, the last one."""

    problems: list[Problem] = field(default_factory=list)
    """In the order of the text."""


def read_field_block(text: str) -> FieldBlock:
    r"""
    Read all that can be read. Nothing is expanded or run.

    Lines may begin with `export`; blank lines and lines beginning with `#` are skipped. A value in single quotes is
    taken as it stands, one in double quotes without the backslashes before `"`, `\`, `$` and a backquote, as a shell
    reads them; one without quotes to the end of its line, `#` included, because secrets may hold one.
    """
    return _read_object(text) if text.lstrip().startswith("{") else _read_lines(text)


def _read_object(text: str) -> FieldBlock:
    block = FieldBlock()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        block.problems.append(Problem(Fault.NO_OBJECT, ""))
        return block
    for key, item in value.items():
        if isinstance(item, bool) or not isinstance(item, str | int):
            block.problems.append(Problem(Fault.NO_TEXT, key))
        else:
            block.fields[key] = Secret(str(item))
    return block


def _read_lines(text: str) -> FieldBlock:
    block = FieldBlock()
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = LINE.fullmatch(stripped)
        if match is None:
            block.problems.append(Problem(Fault.NO_PAIR, str(number)))
            continue
        key, written = match.groups()
        value = _unquoted(written)
        if value is None:
            block.problems.append(Problem(Fault.OPEN_QUOTE, str(number)))
        block.fields[key] = Secret(written if value is None else value)
    return block


def _unquoted(value: str) -> str | None:
    """Take quotes off; None where they do not end where they should."""
    if value.startswith('"'):
        match = DOUBLE_QUOTED.fullmatch(value)
        return None if match is None else ESCAPED.sub(r"\1", match.group(1))
    if value.startswith("'"):
        match = SINGLE_QUOTED.fullmatch(value)
        return None if match is None else match.group(1)
    return value
