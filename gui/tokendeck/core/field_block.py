"""Reading fields as dashboards and `.env` files give them: KEY=VALUE lines, or one JSON object; and PEM files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from tokendeck.core.pem import blocks_in
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokendeck.core.provider import Field

LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*)", re.DOTALL)
DOUBLE_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
SINGLE_QUOTED = re.compile(r"'([^']*)'\s*(?:#.*)?")
ESCAPED = re.compile(r'\\(["\\$`])')
PEM_LINE = re.compile(r"""\s*(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z-]+:[^=]*|-----(?:BEGIN|END)[A-Z0-9 ]+-----)?["']?\s*""")
"""What may stand inside PEM text; a line of KEY=VALUE may not."""

PEM_BEGINS, PEM_ENDS = "-----BEGIN ", "-----END "


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

    pem: str = field(default="", repr=False)
    """PEM text that no key stands before."""

    problems: list[Problem] = field(default_factory=list)
    """In the order of the text."""

    def pem_for(self, fields: Iterable[Field]) -> dict[str, Secret]:
        """
        Give what of `pem` belongs to `fields`, by field key.

        A private key is for the one field that is secret and of several lines, certificates for the one that is not.
        """
        blocks, several = blocks_in(self.pem), [one for one in fields if one.multiline]
        found = {}
        for is_key in (True, False):
            wanted = [one.key for one in several if one.secret is is_key]
            text = "".join(block.text for block in blocks if block.label.endswith("PRIVATE KEY") is is_key)
            if len(wanted) == 1 and text:
                found[wanted[0]] = Secret(text)
        return found


def read_field_block(text: str) -> FieldBlock:
    r"""
    Read all that can be read. Nothing is expanded or run.

    Lines may begin with `export`; blank lines and lines beginning with `#` are skipped. A value in single quotes is
    taken as it stands, one in double quotes without the backslashes before `"`, `\`, `$` and a backquote, as a shell
    reads them; one without quotes to the end of its line, `#` included, because secrets may hold one. PEM text goes on
    to its last line, in quotes or not, behind a key or alone.
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
    for number, line in _logical_lines(text):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith(PEM_BEGINS):
            block.pem += f"{stripped}\n"
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


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give each line with its number from 1; one in which PEM text begins together with all that it goes on in."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        first, line = number + 1, lines[number]
        number += 1
        while number < len(lines) and _goes_on(line, lines[number]):
            line += f"\n{lines[number]}"
            number += 1
        yield first, line


def _goes_on(text: str, following: str) -> bool:
    """Tell whether PEM text goes on in the line `following`, as far as its last line or the quote behind it."""
    if PEM_BEGINS not in text or not PEM_LINE.fullmatch(following):
        return False
    is_open = text.count(PEM_BEGINS) > text.count(PEM_ENDS)
    # A chain of certificates is one text; a key behind it is another.
    return is_open or following.strip() in {'"', "'"} or (PEM_BEGINS in following and following.strip() in text)


def _unquoted(value: str) -> str | None:
    """Take quotes off; None where they do not end where they should."""
    if value.startswith('"'):
        match = DOUBLE_QUOTED.fullmatch(value)
        return None if match is None else ESCAPED.sub(r"\1", match.group(1))
    if value.startswith("'"):
        match = SINGLE_QUOTED.fullmatch(value)
        return None if match is None else match.group(1)
    return value
