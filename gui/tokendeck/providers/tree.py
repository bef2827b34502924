"""Dotted keys into a descriptor's tables: `grants.client_credentials.url`, `fields[2].pattern`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d{1,4})\]")


def steps_of(dotted: str) -> tuple[str | int, ...]:
    """Give the keys and indexes along the way; nothing where the text is no dotted key."""
    steps: list[str | int] = []
    end = 0
    for match in STEP.finditer(dotted):
        if match.start() != end:
            return ()
        steps.append(match.group(1) if match.group(2) is None else int(match.group(2)))
        end = match.end()
    return tuple(steps) if end == len(dotted) else ()


def value_at(values: Mapping[str, object], steps: tuple[str | int, ...]) -> object:
    """Give what stands there; None where nothing does."""
    value: object = values
    for step in steps:
        match value, step:
            case dict(), str():
                value = value.get(step)
            case list(), int() if step < len(value):
                value = value[step]
            case _:
                return None
    return value


def with_value(values: Mapping[str, object], steps: tuple[str | int, ...], new: object) -> dict[str, object]:
    """
    Give the tables with one value put in, changing nothing that is shared; missing tables on the way are made.

    Raises:
        LookupError: the way leads through something that is no table, or beyond the end of an array.

    """
    changed = _with_value(dict(values), steps, new)
    assert isinstance(changed, dict)
    return changed


def holds(values: Mapping[str, object], dotted: str) -> bool:
    """Tell whether anything stands at a dotted key."""
    steps = steps_of(dotted)
    return bool(steps) and value_at(values, steps) is not None


def _with_value(value: object, steps: tuple[str | int, ...], new: object) -> object:
    if not steps:
        return new
    step, *rest = steps
    match value, step:
        case None | dict(), str():
            table = dict(value or {})
            table[step] = _with_value(table.get(step), tuple(rest), new)
            return table
        case list(), int():
            return [*value[:step], _with_value(value[step], tuple(rest), new), *value[step + 1 :]]
        case _:
            raise LookupError
