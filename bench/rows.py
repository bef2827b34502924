"""Rows: what was measured, against what, and whether that holds; printed, written and compared."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

HEADINGS = ("row", "measured", "ratio", "limit", "spread", "rounds", "", "baseline")
NOTEWORTHY_CHANGE = 0.1
"""Of a ratio: less is the noise of a machine that is not alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    measured: str
    """In the row's own unit, for people."""

    ratio: float | None
    """Measured ÷ baseline, or ÷ limit where the row is absolute; None where there was nothing to measure."""

    limit: float | None
    """None for a row that is only there to compare with."""

    ok: bool
    baseline: str
    rounds: int
    spread: float | None
    """How far apart the middle half of the rounds' ratios lies."""

    or_more: bool = False
    """Whether the limit is the least that is wanted, and not the most."""


def judged(
    name: str,
    ratios: Sequence[float],
    *,
    measured: str,
    baseline: str,
    limit: float | None,
    or_more: bool = False,
) -> Row:
    """Give the row of some rounds: the median counts."""
    ratio = statistics.median(ratios)
    holds = limit is None or (ratio >= limit if or_more else ratio <= limit)
    return Row(name, measured, ratio, limit, holds, baseline, len(ratios), middle_half(ratios), or_more)


def absent(name: str, why: str) -> Row:
    """Give the row of something to compare with that this machine does not have."""
    return Row(name, "—", None, None, ok=True, baseline=why, rounds=0, spread=None)


def middle_half(values: Sequence[float]) -> float:
    """Give how far the quartiles are apart; zero for a single value."""
    if len(values) < 2:
        return 0.0
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return third - first


def table(rows: Sequence[Row]) -> str:
    """Give the rows as text in columns."""
    lines = [HEADINGS, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join(line.rstrip() for line in padded)


def _cells(row: Row) -> tuple[str, ...]:
    limit = "" if row.limit is None else f"{row.limit:g}{' or more' if row.or_more else ''}"
    verdict = "" if row.limit is None else "pass" if row.ok else "short"
    return row.name, row.measured, number(row.ratio), limit, number(row.spread), str(row.rounds), verdict, row.baseline


def number(value: float | None) -> str:
    """Give a ratio with two digits after the point; a dash for none."""
    return "—" if value is None else f"{value:.2f}"


def write(rows: Iterable[Row], file: Path) -> None:
    """Write the rows as a JSON list."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(file: Path) -> list[Row]:
    """Read what `write` wrote."""
    return [Row(**row) for row in json.loads(file.read_text(encoding="utf-8"))]


def compare(old: Iterable[Row], new: Iterable[Row]) -> str:
    """Say row by row what became of the ratios; a row that only one side has is named."""
    before, after = _by_name(old), _by_name(new)
    return "\n".join(_difference(name, before.get(name), after.get(name)) for name in {**before, **after})


def _by_name(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {row.name: row for row in rows}


def _difference(name: str, old: Row | None, new: Row | None) -> str:
    if old is None or new is None:
        return f"{name}: only {'before' if new is None else 'now'}"
    line = f"{name}: {number(old.ratio)} → {number(new.ratio)}"
    if old.ratio and new.ratio is not None:
        change = new.ratio / old.ratio - 1
        better = (change > 0) is new.or_more
        word = "much the same" if abs(change) < NOTEWORTHY_CHANGE else "better" if better else "worse"
        line += f" ({change:+.0%}, {word})"
    return line if old.ok is new.ok else f"{line}; {'holds now' if new.ok else 'short now'}"
