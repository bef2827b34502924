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
    from collections.abc import Callable
    from datetime import datetime

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
        ({"retry-after": ""}, None),
        ({"retry-after": "30, 60"}, None),
        ({"retry-after": "PT30S"}, None),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "+5"}, None),
    ],
)
def test_the_pause_that_a_provider_asks_for_is_read(headers: dict[str, str], seconds: int | None) -> None:
    assert wait_of(answer("", 429, headers), RATE) == (None if seconds is None else timedelta(seconds=seconds))


WEEKDAYS = {day[:3]: day for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]}


def imf(when: datetime) -> str:
    return format_datetime(when, usegmt=True)


def rfc_850(when: datetime) -> str:
    day, date, month, year, time, _ = imf(when).split()
    return f"{WEEKDAYS[day[:3]]}, {date}-{month}-{year[2:]} {time} GMT"


def asctime(when: datetime) -> str:
    day, date, month, year, time, _ = imf(when).split()
    return f"{day[:3]} {month} {int(date):2} {time} {year}"


FORMS = (imf, rfc_850, asctime)
"""The three forms of a date that a recipient must read: RFC 9110, section 5.6.7."""

ON_THE_SECOND = ARRIVED.replace(microsecond=0)


@pytest.mark.promise(27)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("ahead", "pause"),
    [
        (timedelta(seconds=90), timedelta(seconds=90)),
        (timedelta(hours=2), LONGEST_RETRY_AFTER),
        (timedelta(days=9000), LONGEST_RETRY_AFTER),
        (timedelta(seconds=-90), timedelta(0)),
        (timedelta(days=-9000), timedelta(0)),
    ],
)
def test_a_date_to_come_back_at_counts_from_the_answers_arrival(
    form: Callable[[datetime], str], ahead: timedelta, pause: timedelta
) -> None:
    came = answer("", 503, {"retry-after": form(ON_THE_SECOND + ahead)})

    assert retry_after(came.headers, ON_THE_SECOND) == pause


@pytest.mark.promise(27)
@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(0), timedelta(hours=3)])
@pytest.mark.parametrize("name", ["retry-after", "x-ratelimit-reset"])
def test_a_wrong_clock_here_moves_no_date_to_come_back_at(name: str, ahead: timedelta) -> None:
    theirs = ON_THE_SECOND + ahead
    headers = {"date": imf(theirs), name: imf(theirs + timedelta(seconds=90))}

    assert wait_of(answer("", 503, headers), RATE) == timedelta(seconds=90)


EPOCH_S = int(ON_THE_SECOND.timestamp())


@pytest.mark.promise(27)
@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "RateLimit-Reset", "x-rate-limit-reset"])
@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        # A delay
        ("12", 12),
        ("0", 0),
        ("1.5", 1.5),
        ("007", 7),
        ("86400", 3600),
        ("999999999", 3600),
        # A time
        (f"{EPOCH_S + 90}", 90),
        (f"{EPOCH_S + 90}.250", 90.25),
        (f"{EPOCH_S + 90}500", 90.5),
        (f"{EPOCH_S}", 0),
        (f"{EPOCH_S - 90}", 0),
        (f"{EPOCH_S + 7200}", 3600),
        ("1000000000", 0),
        ("99999999999", 3600),
        ("100000000000", 0),
        ("9999999999999", 3600),
        (imf(ON_THE_SECOND + timedelta(seconds=90)), 90),
        # Nothing
        ("", None),
        ("-1", None),
        ("+1", None),
        (".5", None),
        ("1.", None),
        ("1e3", None),
        ("1_000", None),
        ("0x10", None),
        ("6m0s", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("\u0663\u0660", None),
        ("9" * 14, None),
        ("9" * 400, None),
    ],
)
def test_a_reset_header_is_a_delay_or_a_time(name: str, stated: str, seconds: float | None) -> None:
    rate = RateBudget(50, timedelta(minutes=1), reset_header=name)

    pause = retry_after({name.lower(): stated}, ON_THE_SECOND, rate)

    assert pause == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.promise(27)
@given(
    st.text(st.sampled_from("0123456789. :,-+GMTFriSuNov"), max_size=30),
    st.sampled_from(["retry-after", "x-ratelimit-reset"]),
)
def test_whatever_is_asked_for_is_no_pause_or_one_of_an_hour_at_most(stated: str, name: str) -> None:
    pause = wait_of(answer("", 429, {name: stated, "date": stated}), RATE)

    assert pause is None or timedelta(0) <= pause <= LONGEST_RETRY_AFTER


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
