"""A plain table for people. Pure."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = "  "
NARROWEST = 8
"""Cells to which a column may be cut."""


def table(rows: Sequence[Sequence[str]], *, width: int | None, shrinking: Sequence[int]) -> str:
    """
    Align rows in columns.

    Args:
        rows: the header is one of them; all have the same number of columns.
        width: what to fit in; None means as wide as need be.
        shrinking: the columns that may be cut, where it is too narrow for all.

    """
    widths = [max(cells(text) for text in column) for column in zip(*rows, strict=True)]
    if width is not None:
        _shrink(widths, width - len(GAP) * (len(widths) - 1), shrinking)
    lines = (
        GAP.join(_pad(text, cells_wide) for text, cells_wide in zip(row, widths, strict=True)).rstrip() for row in rows
    )
    return "\n".join(lines)


def cells(text: str) -> int:
    """Give how many cells of a terminal `text` takes: East Asian wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _shrink(widths: list[int], room: int, shrinking: Sequence[int]) -> None:
    """Take cells from the widest of the columns that may shrink, one by one, so that narrow ones stay whole."""
    while sum(widths) > room:
        widest = max(shrinking, key=lambda column: widths[column])
        if widths[widest] <= NARROWEST:
            return
        widths[widest] -= 1


def _pad(text: str, width: int) -> str:
    if cells(text) <= width:
        return text + " " * (width - cells(text))
    cut = text
    while cells(cut) > width - 1:
        cut = cut[:-1]
    return f"{cut}…" + " " * (width - 1 - cells(cut))
