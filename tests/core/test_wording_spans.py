from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import NOW
from tokendeck.core.wording import Wording

WORDING = Wording(local_zone=timezone(timedelta(hours=2)))
NOON = NOW.wall


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0:00"),
        (0, "0:00"),
        (0.9, "0:00"),
        (24, "0:24"),
        (370, "6:10"),
        (2892, "48:12"),
        (3599.9, "59:59"),
        (3600, "1 h 00 min"),
        (7440, "2 h 04 min"),
        (86399, "23 h 59 min"),
        (86400, "1 d 00 h"),
        (270_000, "3 d 03 h"),
    ],
)
def test_a_countdown_is_rounded_down(seconds: float, text: str) -> None:
    assert WORDING.countdown(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 seconds"),
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (120, "2 minutes"),
        (179, "2 minutes"),
        (2892, "48 minutes"),
        (3600, "1 hour"),
        (4800, "1 hour 20 minutes"),
        (7260, "2 hours 1 minute"),
        (86400, "1 day"),
        (90000, "1 day 1 hour"),
        (270_000, "3 days 3 hours"),
        (41 * 86400 + 59, "41 days"),
    ],
)
def test_a_duration_is_in_words_with_the_right_plural(seconds: float, text: str) -> None:
    assert WORDING.duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-60, "just now"),
        (4, "just now"),
        (5, "5 s ago"),
        (59, "59 s ago"),
        (180, "3 min ago"),
        (7200, "2 h ago"),
        (7500, "2 h 5 min ago"),
        (41 * 86400, "41 d ago"),
    ],
)
def test_an_age_is_in_its_largest_unit(seconds: float, text: str) -> None:
    assert WORDING.age(NOON - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 11, 20, 12, 2, 31, tzinfo=UTC), "today at 14:02:31"),
        (datetime(2026, 11, 19, 22, 0, tzinfo=UTC), "today at 00:00:00"),
        (datetime(2026, 11, 19, 21, 59, 59, tzinfo=UTC), "yesterday at 23:59:59"),
        (datetime(2026, 11, 20, 22, 0, tzinfo=UTC), "tomorrow at 00:00:00"),
        (datetime(2026, 11, 3, 8, 5, tzinfo=UTC), "2026-11-03 at 10:05:00"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31 at 23:59:59"),
    ],
)
def test_a_time_is_told_on_the_users_clock(when: datetime, text: str) -> None:
    assert WORDING.when(when, NOW) == text


@pytest.mark.parametrize(("milliseconds", "text"), [(181.6, "182 ms"), (9999, "9999 ms"), (12_400, "12.4 s")])
def test_a_latency_is_in_milliseconds_up_to_ten_seconds(milliseconds: float, text: str) -> None:
    assert WORDING.latency(milliseconds) == text


@given(st.timedeltas(), st.datetimes(timezones=st.just(UTC)))
def test_no_span_and_no_time_is_beyond_words(span: timedelta, when: datetime) -> None:
    assert WORDING.countdown(span)
    assert WORDING.duration(span)
    assert WORDING.age(when, NOW)
    assert WORDING.when(when, NOW)
