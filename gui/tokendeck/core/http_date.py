"""Reading the dates that HTTP headers hold: RFC 9110, section 5.6.7."""

from __future__ import annotations

from datetime import UTC, datetime


def read_http_date(text: str) -> datetime | None:
    """Give `Sun, 06 Nov 1994 08:49:37 GMT` as aware UTC; None where `text` is no date. Raises nothing."""
    from email.utils import parsedate_to_datetime  # slow to import, seldom needed

    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser lets all of them through
        return None
