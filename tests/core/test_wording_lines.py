"""The short lines of the list and the detail: how long a token lasts, its scopes, a row spoken aloud."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.samples import HOUR, NOW, connection, facts, grant, later, provider, record
from tests.core.wordings import (
    AFTER_12_MIN,
    BY_HAND,
    MINUTE,
    NOT_STATED,
    ON_USE,
    REFUSED,
    WORDING,
    expiry,
    waiting,
)
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.status import NoToken, status_of
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant


@pytest.mark.parametrize(
    ("one", "by", "now", "lines"),
    [
        (record(), grant(), AFTER_12_MIN, ("48:00", "renews in 43:00")),
        (record(), grant(), later(57 * MINUTE), ("3:00", "renews now")),
        (record(), BY_HAND, AFTER_12_MIN, ("48:00", "not renewed")),
        (record(connection=connection(paused=True)), grant(), AFTER_12_MIN, ("48:00", "not renewed")),
        (record(trouble=REFUSED), grant(), AFTER_12_MIN, ("48:00", "not renewed")),
        (record(trouble=waiting()), grant(), AFTER_12_MIN, ("48:00", "retry in 0:38")),
        (record(), grant(), later(63 * MINUTE), ("expired", "3 min ago")),
        (record(token=facts(Never("payt"))), grant(), later(timedelta(days=41)), ("never expires", "issued 41 d ago")),
        (record(token=NOT_STATED), grant(), AFTER_12_MIN, ("not stated", "issued 12 min ago")),
        (
            record(token=NOT_STATED, last_good_at=NOW.wall + 10 * MINUTE),
            grant(),
            AFTER_12_MIN,
            ("not stated", "proven 2 min ago"),
        ),
        (
            record(token=NOT_STATED, last_good_at=NOW.wall - HOUR),
            grant(),
            AFTER_12_MIN,
            ("not stated", "issued 12 min ago"),
        ),
        (record(token=None), ON_USE, AFTER_12_MIN, ("per use", "new each time")),
        (record(token=None, trouble=waiting()), ON_USE, AFTER_12_MIN, ("per use", "retry in 0:38")),
        (record(token=None, serial=0), grant(), AFTER_12_MIN, ("no token", "never issued")),
        (record(token=None), grant(), AFTER_12_MIN, ("no token", "the last one is gone")),
        (record(token=None, trouble=REFUSED), grant(), AFTER_12_MIN, ("no token", "since 12:12")),
        (
            record(token=None, trouble=REFUSED),
            grant(),
            later(timedelta(days=3)),
            ("no token", "since 2026-11-20"),
        ),
        (record(token=None, trouble=waiting()), grant(), AFTER_12_MIN, ("no token", "retry in 0:38")),
    ],
)
def test_the_list_tells_how_long_and_what_follows(
    one: ConnectionRecord, by: Grant, now: Moment, lines: tuple[str, str]
) -> None:
    assert expiry(one, by, now) == lines


def test_the_list_tells_of_renewals_on_the_wire_and_behind_a_lock() -> None:
    assert expiry(record(), renewing=True) == ("48:00", "renews now")
    assert expiry(record(), locked=True) == ("48:00", "renews once unlocked")


@pytest.mark.promise(31)
def test_no_time_is_left_on_a_token_that_either_clock_calls_dead() -> None:
    stepped_back = later(2 * HOUR, wall=10 * MINUTE)

    assert expiry(record(), now=stepped_back) == ("expired", "1 h ago")


@pytest.mark.parametrize(
    ("ends", "lines"),
    [
        (At(NOW.wall + HOUR, ExpirySource.EXPIRES_IN), ("today at 13:00:00", "as the provider said (expires_in 3600)")),
        (At(NOW.wall + HOUR, ExpirySource.JWT), ("today at 13:00:00", "as the token itself says (exp)")),
        (
            At(NOW.wall + 2 * HOUR, ExpirySource.DECLARED),
            ("today at 14:00:00", "as Paysera says on its page (2 hours)"),
        ),
        (Never("paysera"), ("never", "as Paysera says on its page")),
        (NotStated(), ("not stated", "Paysera does not say how long its tokens last")),
    ],
)
def test_the_detail_says_who_said_when_it_ends(ends: Expiry, lines: tuple[str, str]) -> None:
    assert WORDING.expiry_source(record(token=facts(ends)), provider(), AFTER_12_MIN) == lines


def test_without_a_token_nobody_said_anything() -> None:
    assert WORDING.expiry_source(record(token=None), provider(), NOW) == ("no token", "")


@pytest.mark.promise(42)
@pytest.mark.parametrize(
    ("granted", "requested", "lines"),
    [
        (("profile", "email"), (), ("profile, email", "none were asked for")),
        (("email", "profile"), ("profile", "email"), ("email, profile", "as asked for")),
        (("email",), ("profile", "email"), ("email", "asked for profile, email")),
        ((), ("profile",), ("none", "asked for profile")),
        (None, ("profile",), ("profile", "asked for; no answer names what was granted")),
        (None, (), ("none named", "none were asked for")),
    ],
)
def test_granted_scopes_are_held_against_those_asked_for(
    granted: tuple[str, ...] | None, requested: tuple[str, ...], lines: tuple[str, str]
) -> None:
    assert WORDING.scopes(record(token=facts(scope=granted)), requested) == lines


def test_without_a_token_no_scope_was_granted() -> None:
    assert WORDING.scopes(record(token=None), ()) == ("none named", "none were asked for")


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (At(NOW.wall + 72 * MINUTE, ExpirySource.JWT), "good for 1 h"),
        (At(NOW.wall + 71 * MINUTE, ExpirySource.JWT), "good for 59 min"),
        (At(NOW.wall, ExpirySource.JWT), "already ended"),
        (Never("paysera"), "never expires"),
        (NotStated(), "lifetime not stated"),
    ],
)
def test_a_copied_token_is_said_to_be_good_for(ends: Expiry, text: str) -> None:
    assert WORDING.good_for(facts(ends), AFTER_12_MIN) == text


@pytest.mark.parametrize(
    ("one", "now", "text"),
    [
        (record(), AFTER_12_MIN, "Web shop, Paysera Production, live, expires in 48 minutes"),
        (record(trouble=REFUSED), AFTER_12_MIN, "Web shop, Paysera Production, needs attention, expires in 48 minutes"),
        (record(), later(63 * MINUTE), "Web shop, Paysera Production, expired 3 minutes ago"),
        (record(token=None), NOW, "Web shop, Paysera Production, no token"),
        (record(token=facts(Never("payt"))), NOW, "Web shop, Paysera Production, live, never expires"),
        (record(token=NOT_STATED), NOW, "Web shop, Paysera Production, live, lifetime not stated"),
        (
            record(connection=connection(environment="staging")),
            AFTER_12_MIN,
            "Web shop, Paysera staging, live, expires in 48 minutes",
        ),
    ],
)
def test_a_row_is_spoken_in_words(one: ConnectionRecord, now: Moment, text: str) -> None:
    assert WORDING.spoken(one, status_of(one, grant(), now), provider(), grant(), now) == text


def test_the_spoken_row_does_not_change_with_the_second() -> None:
    waits = record(trouble=waiting())

    first, second = (
        WORDING.spoken(waits, status_of(waits, grant(), now), provider(), grant(), now)
        for now in (later(720), later(721))
    )

    assert first == second.replace("47", "48")


def test_a_language_is_handed_in() -> None:
    german = Wording(lambda context, text: {"No token": f"Kein Token ({context})"}.get(text, text))

    assert german.status_word(NoToken()) == "Kein Token (Wording)"
