from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import HOUR, NOW, facts, later
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated, lifetime, remaining, source_word
from tokendeck.core.provider import Renewal, RenewalPolicy
from tokendeck.core.renewal import default_min_valid, due_in, effective_lead, is_good_for

IN_AN_HOUR = At(NOW.wall + HOUR, ExpirySource.EXPIRES_IN)
AHEAD = Renewal(RenewalPolicy.AHEAD, timedelta(minutes=5))
STEPS = st.timedeltas(timedelta(days=-2), timedelta(days=2))
PASSED = st.timedeltas(timedelta(0), timedelta(days=2))


@pytest.mark.parametrize(
    ("expiry", "word"),
    [
        (At(NOW.wall, ExpirySource.EXPIRES_IN), "expires_in"),
        (At(NOW.wall, ExpirySource.JWT), "jwt"),
        (At(NOW.wall, ExpirySource.DECLARED), "declared"),
        (Never("payt"), "never"),
        (NotStated(), "not_stated"),
    ],
)
def test_each_rung_has_its_word(expiry: Expiry, word: str) -> None:
    assert source_word(expiry) == word


def test_time_counts_by_either_clock_where_they_agree() -> None:
    assert remaining(IN_AN_HOUR, NOW, later(600)) == timedelta(minutes=50)
    assert lifetime(IN_AN_HOUR, NOW) == HOUR


@pytest.mark.promise(32)
@pytest.mark.parametrize("step", [timedelta(days=-1), timedelta(hours=-1), timedelta(days=1)])
def test_a_token_is_dead_when_either_clock_says_so(step: timedelta) -> None:
    passed = HOUR + timedelta(seconds=1)

    left = remaining(IN_AN_HOUR, NOW, later(passed, wall=passed + step))

    assert left is not None
    assert left < timedelta(0)


@pytest.mark.promise(32)
@given(PASSED, STEPS)
def test_no_step_of_the_wall_clock_gives_a_token_more_time(passed: timedelta, step: timedelta) -> None:
    left = remaining(IN_AN_HOUR, NOW, later(passed, wall=passed + step))

    assert left is not None
    assert left <= HOUR - passed + timedelta(microseconds=10)


@pytest.mark.promise(32)
@given(PASSED, PASSED)
def test_after_a_reboot_only_the_wall_clock_counts(uptime: timedelta, passed: timedelta) -> None:
    assert remaining(IN_AN_HOUR, NOW, later(uptime, wall=passed, boot="next")) == HOUR - passed


def test_time_never_runs_backwards() -> None:
    assert later(-60).since(NOW) == timedelta(0)


@pytest.mark.parametrize("expiry", [Never("payt"), NotStated()])
def test_a_token_without_an_end_has_neither_lifetime_nor_time_left(expiry: Expiry) -> None:
    token = facts(expiry)

    assert token.lifetime() is None
    assert token.remaining(later(HOUR)) is None


@pytest.mark.promise(28)
@pytest.mark.parametrize(
    ("lead_s", "whole_s", "kept_s"), [(300, 3600, 300), (300, 60, 12), (300, 1500, 300), (300, 0, 0), (-5, 60, 0)]
)
def test_the_lead_is_a_fifth_of_the_lifetime_at_most(lead_s: float, whole_s: float, kept_s: float) -> None:
    renewal = Renewal(RenewalPolicy.AHEAD, timedelta(seconds=lead_s))

    assert effective_lead(renewal, timedelta(seconds=whole_s)) == timedelta(seconds=kept_s)


@pytest.mark.promise(28)
@given(st.floats(0, 1))
def test_renewal_is_spread_earlier_and_never_later(spread: float) -> None:
    due = due_in(facts(), AHEAD, NOW, spread=spread)

    assert due is not None
    assert timedelta(seconds=3270) <= due <= timedelta(seconds=3300)


@pytest.mark.parametrize("policy", [RenewalPolicy.ON_USE, RenewalPolicy.MANUAL])
def test_only_what_is_renewed_ahead_is_ever_due(policy: RenewalPolicy) -> None:
    assert due_in(facts(), Renewal(policy, timedelta(minutes=5), every=HOUR), later(9 * HOUR)) is None


def test_a_token_of_unknown_lifetime_is_due_by_its_period_only() -> None:
    by_period = Renewal(RenewalPolicy.AHEAD, timedelta(minutes=5), every=HOUR)
    token = facts(NotStated())

    assert due_in(token, by_period, later(600)) == timedelta(minutes=50)
    assert due_in(token, by_period, later(600), spread=1.0) == timedelta(minutes=44)
    assert due_in(token, AHEAD, later(9 * HOUR)) is None


def test_a_token_that_never_expires_is_not_renewed_by_a_period() -> None:
    by_period = Renewal(RenewalPolicy.AHEAD, timedelta(minutes=5), every=HOUR)

    assert due_in(facts(Never("payt")), by_period, later(9 * HOUR)) is None


@pytest.mark.parametrize(
    ("expiry", "seconds"),
    [
        (IN_AN_HOUR, 60),
        (At(NOW.wall + timedelta(seconds=100), ExpirySource.EXPIRES_IN), 10),
        (NotStated(), 60),
        (Never("payt"), 60),
    ],
)
def test_a_copied_token_is_good_for_a_minute_or_a_tenth_of_its_life(expiry: Expiry, seconds: int) -> None:
    assert default_min_valid(facts(expiry)) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("passed_s", "span_s", "good"),
    [(0, 3600, True), (1, 3600, False), (3540, 60, True), (3541, 60, False), (3600, 0, False), (3599, 0, True)],
)
def test_good_for_means_alive_for_all_of_it(passed_s: float, span_s: float, *, good: bool) -> None:
    assert is_good_for(facts(), timedelta(seconds=span_s), later(passed_s)) is good


def test_a_token_of_unknown_end_counts_as_good() -> None:
    assert is_good_for(facts(NotStated()), timedelta(days=1), later(timedelta(days=900)))
