"""The one door through which text for people passes: `translate(context, text)`, extracted by lupdate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale

if TYPE_CHECKING:
    from datetime import date


def translate(context: str, text: str, count: int = -1) -> str:
    """
    Give `text` in the user's language; itself where nobody has translated it.

    Args:
        context: the widget's class, so that translators know where it stands.
        text: a whole sentence or label, a literal. Placeholders are `{name}`, filled in by `str.format` afterwards.
        count: for plurals: the number that `%Ln` stands for, see `plural`.

    """
    return QCoreApplication.translate(context, text, None, count)


def plural(context: str, one: str, many: str, count: int) -> str:
    """Give `one` or `many` with `%Ln` replaced by the count as the locale writes it; a translation's own forms win."""
    return QCoreApplication.translate(context, one if count == 1 else many, None, count)


def readable_day(day: date) -> str:
    """Give a day as people write it, with the month in full."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMMM yyyy")
