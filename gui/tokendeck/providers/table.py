"""A table of a descriptor file, read key by key: each with its type, and every complaint with its dotted key."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from tokendeck.core.errors import DescriptorError
from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import Enum

    AnyEnum = TypeVar("AnyEnum", bound=Enum)

LONGEST_TEXT = 300
LONGEST_SPAN_S = 3650 * 86400
"""Ten years; a longer number of seconds is a slip."""


@dataclass(frozen=True, slots=True)
class Override:
    """Text that stands where a file has a value, to be read as whatever type is expected there."""

    text: str
    instead_of: object
    """The file's own value; None where it has none."""

    def as_bool(self) -> object:
        return {"true": True, "false": False}.get(self.text.strip().lower(), self.text)

    def as_number(self) -> object:
        for number in (int, float):
            try:
                return number(self.text)
            except ValueError:
                continue
        return self.text

    def as_list(self) -> object:
        return [part.strip() for part in self.text.split(",") if part.strip()]

    def like_before(self) -> object:
        """Read as the type of the value that was there, else as text."""
        match self.instead_of:
            case bool():
                return self.as_bool()
            case int() | float():
                return self.as_number()
            case _:
                return self.text


class Table:
    """One table. Remembers which keys were asked for, so that `finish` can refuse the others."""

    def __init__(self, values: Mapping[str, object], file: str, path: str = "") -> None:
        """
        Take a table as tomllib gives it, where it may hold an `Override` in place of any value.

        Args:
            values: the table.
            file: for complaints.
            path: dotted key of the table; empty for the file as a whole.

        """
        self._values = values
        self._file = file
        self._path = path
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return self._raw(key) is not None

    def __bool__(self) -> bool:
        return bool(self._values)

    def names(self) -> Iterator[str]:
        """Give the keys in the file's order."""
        return iter(self._values)

    def at(self, key: str) -> str:
        """Give the dotted key of one of this table's keys."""
        return f"{self._path}.{key}" if self._path else key

    def error(self, key: str, expected: str) -> DescriptorError:
        """Make the complaint about a key of this table; an empty key means the table itself."""
        return DescriptorError(self._file, self.at(key) if key else self._path, expected)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._values:
            if key in self._asked:
                continue
            from difflib import get_close_matches

            near = get_close_matches(key, self._asked, 1)
            meant = f"perhaps {near[0]}; " if near else ""
            raise self.error(key, f"a known key: {meant}there are {', '.join(self._asked)}")

    def text(self, key: str, default: str | None = None) -> str:
        """Give one line of text; without a default the key must be there."""
        return self._line(key, self._raw(key), default)

    def prose(self, key: str, default: str | None = None) -> str:
        """Give text for people as one line; in the file it may run over several."""
        value = self._raw(key)
        return self._line(key, " ".join(value.split()) if isinstance(value, str) else value, default)

    def flag(self, key: str, *, default: bool) -> bool:
        """Give a truth value."""
        value = self._raw(key)
        value = value.as_bool() if isinstance(value, Override) else value
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def whole_number(self, key: str, allowed: range) -> int:
        """Give a whole number that must be there."""
        value = self._raw(key)
        value = value.as_number() if isinstance(value, Override) else value
        if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
            raise self.error(key, f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return value

    def seconds(self, key: str, *, least: float) -> timedelta | None:
        """Give a number of seconds, `least` or more; None where the key is absent."""
        value = self._raw(key)
        value = value.as_number() if isinstance(value, Override) else value
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= LONGEST_SPAN_S:
            raise self.error(key, f"a number of seconds, {least:g} or more")
        return timedelta(seconds=value)

    def date(self, key: str) -> date:
        """Give a date that must be there."""
        value = self._raw(key)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(key, "a date without quotes, such as 2026-11-20")
        return value

    def choice(self, key: str, kind: type[AnyEnum], default: AnyEnum | None = None) -> AnyEnum:
        """Give a member of an enumeration by its value; without a default the key must be there."""
        value = self._raw(key)
        value = value.text if isinstance(value, Override) else value
        if value is None and default is not None:
            return default
        for one in kind:
            if one.value == value:
                return one
        raise self.error(key, "one of: " + ", ".join(one.value for one in kind))

    def choices(self, key: str, kind: type[AnyEnum]) -> tuple[AnyEnum, ...]:
        """Give members of an enumeration by their values, one alone or a list; empty where the key is absent."""
        value = self._raw(key)
        value = value.as_list() if isinstance(value, Override) else value
        if value is None:
            return ()
        by_value = {one.value: one for one in kind}
        wanted = value if isinstance(value, list) else [value]
        if not wanted or not all(isinstance(one, str) and one in by_value for one in wanted):
            raise self.error(key, "one of: " + ", ".join(by_value))
        return tuple(by_value[one] for one in wanted)

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of texts; empty where the key is absent."""
        value = self._raw(key)
        value = value.as_list() if isinstance(value, Override) else value
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, "a list of texts")
        return tuple(value)

    def table(self, key: str) -> Table:
        """Give a table; an empty one where the key is absent."""
        return self._table(key, self._raw(key, {}))

    def tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Give the tables inside a table, each with its key."""
        for name, value in self.table(key)._values.items():  # noqa: SLF001 - a table of the same class
            yield name, self._table(f"{key}.{name}", value)

    def rows(self, key: str) -> Iterator[Table]:
        """Give the tables of an array (`[[key]]`)."""
        value = self._raw(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"an array of tables, each written as [[{self.at(key)}]]")
        for index, row in enumerate(value):
            yield self._table(f"{key}[{index}]", row)

    def value(self, key: str) -> object:
        """Give whatever stands there: text, truth value, finite number, and lists and string-keyed tables of these."""
        value = self._raw(key)
        return self._plain(self.at(key), value.like_before() if isinstance(value, Override) else value)

    def _raw(self, key: str, default: object = None) -> object:
        if key not in self._asked:
            self._asked.append(key)
        return self._values.get(key, default)

    def _line(self, key: str, value: object, default: str | None) -> str:
        value = value.text if isinstance(value, Override) else value
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or not value.isprintable():
            raise self.error(key, f"text: one line, at most {LONGEST_TEXT} characters")
        return value

    def _table(self, key: str, value: object) -> Table:
        if not isinstance(value, dict):
            raise self.error(key, f"a table, written as [{self.at(key)}]")
        return Table(value, self._file, self.at(key))

    def _plain(self, path: str, value: object) -> object:
        match value:
            case Override():
                return self._plain(path, value.like_before())
            case dict():
                return {key: self._plain(f"{path}.{key}", item) for key, item in value.items()}
            case list():
                return [self._plain(f"{path}[{index}]", item) for index, item in enumerate(value)]
            case str() | bool() | int():
                return value
            case float() if math.isfinite(value):
                return value
            case _:
                raise DescriptorError(self._file, path, "text, a number, true, false, or a list or table of these")
