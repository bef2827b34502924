"""The trend: a line for each run that was worth keeping, usually on a release's commit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bench.rows import Row

FILE = Path(__file__).with_name("trend.tsv")
HEAD = ("date", "commit", "machine", "ratios")


def line(rows: Sequence[Row], *, day: date, commit: str, machine: str) -> str:
    """Give a run in one line: `row=ratio` for each row that was measured, `!` after what was short."""
    ratios = (f"{row.name}={row.ratio:.2f}{'' if row.ok else '!'}" for row in rows if row.ratio is not None)
    return "\t".join((day.isoformat(), commit, machine, "; ".join(ratios)))


def append(text: str, file: Path = FILE) -> None:
    """Add a line, after the headings where the file is new."""
    is_new = not file.exists()
    with file.open("a", encoding="utf-8") as kept:
        kept.writelines(f"{one}\n" for one in ([*(["\t".join(HEAD)] if is_new else []), text]))
