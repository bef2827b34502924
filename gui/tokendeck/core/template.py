"""Templates over a connection's fields: `{base_url}/oauth/token`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokendeck.core.errors import FieldError
from tokendeck.core.frozen import dataclass
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([A-Za-z][A-Za-z0-9_]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Template:
    """Text with `{name}` placeholders; `{{` and `}}` stand for braces. Filling never re-reads what was filled in."""

    source: str
    pieces: tuple[tuple[str, bool], ...]
    """Each piece with whether it is a placeholder's name."""

    @classmethod
    def parse(cls, source: str) -> Template:
        """
        Read a template.

        Raises:
            ValueError: a brace that belongs to no placeholder.

        """
        pieces: list[tuple[str, bool]] = []
        end = 0
        for match in PLACEHOLDER.finditer(source):
            pieces.append((source[end : match.start()], False))
            name = match.group(1)
            if name is None and len(match.group()) == 1:
                raise ValueError(f"a lone {match.group()} (write it twice to mean the character)")
            pieces.append((match.group()[0], False) if name is None else (name, True))
            end = match.end()
        pieces.append((source[end:], False))
        return cls(source, tuple(piece for piece in pieces if piece[0]))

    @property
    def names(self) -> frozenset[str]:
        """The fields that the template needs."""
        return frozenset(text for text, is_name in self.pieces if is_name)

    def fill(self, values: Mapping[str, str | Secret]) -> Text:
        """
        Put the values in.

        Raises:
            FieldError: a field that the template needs is absent.

        """
        missing = sorted(name for name in self.names if name not in values)
        if missing:
            raise FieldError(missing[0], "a value")
        return Text(*(values[text] if is_name else text for text, is_name in self.pieces))
