"""Words that are wider than their room: lines break between words only, and what is cut must not be what matters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QFontMetrics

ADDRESS = r"(\W?[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)(.*)"
"""Where a request goes, which is never cut, and the path, which may be."""

SHORTEST_PATH = 8
"""In characters: what is left of a path in less room says nothing."""


def elide_words(metrics: QFontMetrics, text: str, width: float) -> str:
    """
    Give `text` with each word that is wider than `width` cut in its middle.

    Of an address only the path is cut: scheme and host are broken over lines, since a host whose end is out of sight
    can pass for another.
    """
    return " ".join(_elided(metrics, word, width) for word in text.split(" "))


def break_words(metrics: QFontMetrics, text: str, width: float) -> str:
    """Give `text` with each word that is wider than `width` in lines of its own; nothing is cut."""
    shown = ""
    for word in text.split(" "):
        lines = _broken(metrics, word, width)
        gap = "\n" if len(lines) > 1 else " "
        shown += (gap if shown else "") + "\n".join(lines)
    return shown


def _elided(metrics: QFontMetrics, word: str, width: float) -> str:
    if metrics.horizontalAdvance(word) <= width:
        return word
    address = re.fullmatch(ADDRESS, word)
    if address is None:
        return metrics.elidedText(word, Qt.TextElideMode.ElideMiddle, int(width))
    origin, path = address.groups()
    lines = _broken(metrics, origin, width)
    room = width - metrics.horizontalAdvance(lines[-1])
    if metrics.horizontalAdvance(path) > room and room < metrics.averageCharWidth() * SHORTEST_PATH:
        lines.append("")
        room = width
    lines[-1] += metrics.elidedText(path, Qt.TextElideMode.ElideMiddle, int(room))
    return "\n".join(lines)


def _broken(metrics: QFontMetrics, word: str, width: float) -> list[str]:
    """Give the lines of a word; each has a character at least."""
    if metrics.horizontalAdvance(word) <= width:
        return [word]
    lines = [""]
    for character in word:
        if lines[-1] and metrics.horizontalAdvance(lines[-1] + character) > width:
            lines.append("")
        lines[-1] += character
    return lines
