from __future__ import annotations

import random
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import NOW, answer
from tokendeck.core.backoff import FIRST_CEILING, FLOOR, LAST_CEILING, LONGEST_RETRY_AFTER, backoff, retry_after
from tokendeck.core.http_date import read_http_date
from tokendeck.core.provider import RateBudget

if TYPE_CHECKING:
    from tokendeck.core.answers import Answer

ARRIVED = NOW.wall + timedelta(milliseconds=182)
RATE = RateBudget(50, timedelta(minutes=1), reset_header="X-RateLimit-Reset")


def wait_of(came: Answer, rate: RateBudget | None = None) -> timedelta | None:
    return retry_after(came.headers, came.arrived, rate)


@pytest.mark.parametrize(
    ("attempts", "ceiling_s"), [(1, 4), (2, 8), (3, 16), (7, 256), (8, 512), (9, 600), (100, 600), (10**9, 600)]
)
def test_the_ceiling_doubles_up_to_ten_minutes(attempts: int, ceiling_s: int) -> None:
    assert backoff(attempts, 1.0) == timedelta(seconds=ceiling_s)
    assert backoff(attempts, 0.5) == timedelta(seconds=ceiling_s / 2)


def test_the_shortest_pause_is_a_second() -> None:
    assert backoff(50, 0.0) == FLOOR


@pytest.mark.promise(27)
@given(st.integers(1, 100), st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=2)))
def test_retry_after_is_obeyed_up_to_an_hour(attempts: int, chance: float, asked: timedelta) -> None:
    pause = backoff(attempts, chance, asked=asked)

    assert pause >= min(asked, LONGEST_RETRY_AFTER)
    assert pause >= backoff(attempts, chance)
    assert pause <= max(min(asked, LONGEST_RETRY_AFTER) + FIRST_CEILING, LAST_CEILING)


@pytest.mark.promise(27)
def test_a_provider_that_asks_for_no_pause_is_still_left_alone() -> None:
    assert backoff(9, 0.5, asked=timedelta(0)) == LAST_CEILING / 2


def test_an_hours_outage_sees_about_nineteen_requests() -> None:
    chance = random.Random(27)  # noqa: S311 - a simulation

    counts = [_requests_in_an_hour(chance) for _ in range(2000)]

    assert 18.5 < sum(counts) / len(counts) < 19.5
    assert 0.15 < sum(count > 20 for count in counts) / len(counts) < 0.25


def _requests_in_an_hour(chance: random.Random) -> int:
    elapsed, requests = timedelta(0), 0
    while elapsed < timedelta(hours=1):
        requests += 1
        elapsed += backoff(requests, chance.random())
    return requests


@pytest.mark.promise(27)
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30),
        ({"retry-after": " 30 "}, 30),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "7200"}, 3600),
        ({"retry-after": "9" * 400}, 3600),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "\u0663\u0660"}, None),
        ({"retry-after": "Fri, 20 Nov 99999999999999999999 12:00:00 GMT"}, None),
        ({"retry-after": "soon", "x-ratelimit-reset": "12"}, 12),
        ({"retry-after": "30", "x-ratelimit-reset": "12"}, 30),
        ({"x-ratelimit-reset": "12"}, 12),
        ({"x-ratelimit-reset": ""}, None),
        ({"x-ratelimit-reset": "1795176000"}, 3600),
    ],
)
def test_the_pause_that_a_provider_asks_for_is_read(headers: dict[str, str], seconds: int | None) -> None:
    assert wait_of(answer("", 429, headers), RATE) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.promise(27)
@pytest.mark.parametrize(("ahead_s", "seconds"), [(90, 90), (7200, 3600), (-90, 0)])
def test_a_date_to_come_back_at_counts_from_the_answers_arrival(ahead_s: int, seconds: int) -> None:
    arrived = ARRIVED.replace(microsecond=0)
    date = format_datetime(arrived + timedelta(seconds=ahead_s), usegmt=True)

    pause = wait_of(answer("", 503, {"retry-after": date}))

    assert pause is not None
    assert abs(pause - timedelta(seconds=seconds)) < timedelta(seconds=1)


def test_a_reset_header_that_the_descriptor_does_not_name_is_not_read() -> None:
    without_reset = RateBudget(50, timedelta(minutes=1))

    assert wait_of(answer("", 429, {"x-ratelimit-reset": "12"}), without_reset) is None


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "06 Nov 1994 08:49:37 -0000",
        "Sun, 06 Nov 1994 09:49:37 +0100",
    ],
)
def test_dates_are_read_as_utc(text: str) -> None:
    date = read_http_date(text)

    assert date is not None
    assert date.isoformat() == "1994-11-06T08:49:37+00:00"


@given(st.text() | st.from_regex(r"\w{3}, \d{1,20} \w{3} \d{1,20} \d{1,3}:\d{1,3}:\d{1,3} [+-]\d{1,9}"))
def test_no_text_is_a_date_that_breaks_the_reader(text: str) -> None:
    date = read_http_date(text)

    assert date is None or date.utcoffset() == timedelta(0)
