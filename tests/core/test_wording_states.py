from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.samples import HOUR, NOW, connection, facts, grant, later, provider, record
from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.provider import Grant, GrantKind, RenewalPolicy
from tokendeck.core.status import NoToken, Waiting, status_of
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from tokendeck.core.moment import Moment

WORDING = Wording(local_zone=UTC)
MINUTE = timedelta(minutes=1)
AFTER_12_MIN = later(12 * MINUTE)
SIGNED_IN = grant(kind=GrantKind.AUTHORIZATION_CODE)
ON_USE = grant(policy=RenewalPolicy.ON_USE)
BY_HAND = grant(policy=RenewalPolicy.MANUAL)
NOT_STATED = facts(NotStated())
REFUSED = Trouble(TroubleKind.NEEDS_ATTENTION, AFTER_12_MIN.wall, "invalid_client", "Invalid credentials.", 401)
DEAD = Trouble(TroubleKind.SIGN_IN, AFTER_12_MIN.wall, "invalid_grant", "Token revoked", 400)


def waiting(code: str = "", status: int | None = 503, words: str = "", seconds: float | None = 38) -> Trouble:
    retry_at = None if seconds is None else AFTER_12_MIN.wall + timedelta(seconds=seconds)
    return Trouble(TroubleKind.WAITING, AFTER_12_MIN.wall, code, words, status, 1, retry_at)


def sentence(one: ConnectionRecord, by: Grant | None = None, now: Moment = AFTER_12_MIN, **state: bool) -> str:
    kind = by or grant()
    return WORDING.status_sentence(one, status_of(one, kind, now, **state), provider(), kind, now)


def expiry(
    one: ConnectionRecord, by: Grant | None = None, now: Moment = AFTER_12_MIN, **state: bool
) -> tuple[str, str]:
    kind = by or grant()
    return WORDING.expiry(one, status_of(one, kind, now, **state), kind, now)


@pytest.mark.parametrize(
    ("one", "by", "passed", "state", "word"),
    [
        (record(), grant(), 12 * MINUTE, {}, "Live"),
        (record(), grant(), 57 * MINUTE, {}, "Due"),
        (record(), grant(), 12 * MINUTE, {"renewing": True}, "Renewing"),
        (record(trouble=waiting()), grant(), 12 * MINUTE, {}, "Waiting 0:38"),
        (record(), grant(), HOUR, {}, "Expired"),
        (record(), ON_USE, 12 * MINUTE, {}, "On demand"),
        (record(token=None), SIGNED_IN, 12 * MINUTE, {}, "Sign in"),
        (record(trouble=REFUSED), grant(), 12 * MINUTE, {}, "Needs attention"),
        (record(connection=connection(paused=True)), grant(), 12 * MINUTE, {}, "Paused"),
        (record(), grant(), 12 * MINUTE, {"locked": True}, "Locked"),
        (record(token=None), grant(), 12 * MINUTE, {}, "No token"),
    ],
)
def test_every_status_has_its_word(
    one: ConnectionRecord, by: Grant, passed: timedelta, state: dict[str, bool], word: str
) -> None:
    now = later(passed)

    assert WORDING.status_word(status_of(one, by, now, **state), now) == word


def test_waiting_counts_down_only_where_the_time_is_given() -> None:
    assert WORDING.status_word(Waiting(waiting())) == "Waiting"
    assert WORDING.status_word(Waiting(waiting()), later(10_000)) == "Waiting 0:00"


def test_waiting_does_not_count_down_from_a_clock_that_was_stepped() -> None:
    assert WORDING.status_word(Waiting(waiting(seconds=86400)), AFTER_12_MIN) == "Waiting 0:00"


@pytest.mark.parametrize(
    ("one", "by", "now", "said"),
    [
        (
            record(),
            grant(),
            AFTER_12_MIN,
            "Live. Good for 48 minutes; Tokendeck renews it 5 minutes before it expires.",
        ),
        (record(), BY_HAND, AFTER_12_MIN, "Live. Good for 48 minutes; it is renewed only when you ask."),
        (record(), grant(), later(57 * MINUTE), "Due. Good for 3 minutes; Tokendeck renews it now."),
        (
            record(token=facts(Never("paysera"))),
            grant(),
            AFTER_12_MIN,
            "Live. Paysera says that it never expires; issued 12 min ago.",
        ),
        (
            record(token=NOT_STATED, last_good_at=NOW.wall + 10 * MINUTE),
            grant(),
            AFTER_12_MIN,
            (
                "Live, as far as is known. Paysera does not say how long it lasts; proven 2 min ago. "
                "A test call shows whether it still works."
            ),
        ),
        (
            record(token=NOT_STATED),
            grant(every=HOUR),
            AFTER_12_MIN,
            (
                "Live, as far as is known. Paysera does not say how long it lasts; issued 12 min ago. "
                "Tokendeck renews it when it is 1 hour old."
            ),
        ),
        (record(), grant(), later(63 * MINUTE), "Expired 3 minutes ago. Refresh to ask for a new token."),
        (
            record(),
            SIGNED_IN,
            later(63 * MINUTE),
            "Expired 3 minutes ago, and nothing renews it but signing in again.",
        ),
        (
            record(token=facts(has_refresh_token=True)),
            SIGNED_IN,
            later(63 * MINUTE),
            "Expired 3 minutes ago. Refresh to ask for a new token.",
        ),
        (
            record(token=None, serial=0),
            grant(),
            AFTER_12_MIN,
            "No token yet. Copy, test or refresh to ask Paysera for one.",
        ),
        (record(token=None), grant(), AFTER_12_MIN, "No token. Copy, test or refresh to ask Paysera for a new one."),
        (
            record(token=None),
            ON_USE,
            AFTER_12_MIN,
            "On demand. Every copy and every test asks Paysera for a token of its own.",
        ),
        (
            record(token=None, trouble=REFUSED),
            grant(),
            AFTER_12_MIN,
            (
                "Paysera refused the client secret (invalid_client). Check it in the dashboard, then paste it again. "
                "Paysera says: “Invalid credentials”."
            ),
        ),
        (
            record(connection=connection(paused=True)),
            grant(),
            AFTER_12_MIN,
            "Paused by you. Nothing is asked for until you resume it.",
        ),
    ],
)
def test_a_sentence_says_what_a_status_means_and_what_to_do(
    one: ConnectionRecord, by: Grant, now: Moment, said: str
) -> None:
    assert sentence(one, by, now) == said


def test_a_request_on_the_wire_leaves_the_old_token_working() -> None:
    assert sentence(record(), renewing=True).endswith("the old token works until it expires.")
    assert sentence(record(token=None), renewing=True) == "Renewing. Paysera is being asked for a token."


def test_a_locked_vault_says_how_to_go_on() -> None:
    assert sentence(record(), locked=True) == "Locked. Unlock the vault to copy, test or renew."


@pytest.mark.parametrize(
    ("one", "first", "last"),
    [
        (record(token=None), "Nobody has signed in to this connection yet.", "Sign in to get its first token."),
        (record(trouble=DEAD), "Paysera no longer accepts this sign-in (invalid_grant).", "says: “Token revoked”."),
    ],
)
def test_where_only_signing_in_helps_the_sentence_says_so(one: ConnectionRecord, first: str, last: str) -> None:
    said = sentence(one, SIGNED_IN)

    assert said.startswith(first)
    assert "Sign in" in said
    assert said.endswith(last)


@pytest.mark.parametrize(
    ("one", "now", "said"),
    [
        (
            record(trouble=waiting("connect", None, "Connection refused")),
            AFTER_12_MIN,
            (
                "No connection to api.paysera.test came about. Tokendeck tries again in 38 seconds; "
                "the token in hand is good for 48 minutes. The system says: “Connection refused”."
            ),
        ),
        (
            record(trouble=replace(waiting("answer", None), timed_out=True)),
            AFTER_12_MIN,
            (
                "api.paysera.test did not answer in time. Tokendeck tries again in 38 seconds; "
                "the token in hand is good for 48 minutes."
            ),
        ),
        (
            record(connection=connection(confirmed_origins=()), trouble=waiting("connect", None), token=NOT_STATED),
            AFTER_12_MIN,
            "No connection to Paysera came about. Tokendeck tries again in 38 seconds; the token in hand is kept.",
        ),
        (
            record(trouble=waiting(seconds=None), token=None),
            AFTER_12_MIN,
            "Paysera cannot serve just now (503). Tokendeck tries again now; there is no token to use until then.",
        ),
        (
            record(trouble=waiting(), token=None),
            later(timedelta(minutes=12, seconds=37.6)),
            "Paysera cannot serve just now (503). Tokendeck tries again now; there is no token to use until then.",
        ),
        (
            record(trouble=waiting()),
            later(2 * HOUR),
            "Paysera cannot serve just now (503). Tokendeck tries again now; the token in hand has expired.",
        ),
    ],
)
def test_passing_trouble_says_when_it_is_tried_again_and_what_is_left(
    one: ConnectionRecord, now: Moment, said: str
) -> None:
    assert sentence(one, now=now) == said


@pytest.mark.promise(2)
def test_a_request_that_was_cut_off_is_told() -> None:
    cut_off = NOW.wall + MINUTE

    assert sentence(record(cut_off_at=cut_off)).endswith(
        "A request for a token, sent today at 12:01:00, was cut off before its answer was seen."
    )
    assert sentence(record(cut_off_at=cut_off, token=facts(has_refresh_token=True)), SIGNED_IN).endswith(
        "A refresh, begun today at 12:01:00, was cut off before its answer was seen. "
        "It is tried once more; if the provider refuses it, sign in again."
    )
    assert "cut off" not in sentence(record(cut_off_at=cut_off), renewing=True)


@pytest.mark.promise(2)
def test_a_token_whose_refresh_was_cut_off_is_said_to_serve_to_its_end() -> None:
    one = record(cut_off_at=NOW.wall, token=facts(has_refresh_token=True))

    for now in (AFTER_12_MIN, later(57 * MINUTE)):
        left = timedelta(hours=1) - now.since(NOW)

        assert sentence(one, SIGNED_IN, now=now).startswith(
            f"Live. Good for {left // MINUTE} minutes; Tokendeck renews"
        )
        assert expiry(one, SIGNED_IN, now) == (f"{left // MINUTE}:00", f"renews in {left // MINUTE}:00")


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
        (At(NOW.wall, ExpirySource.JWT), "good for 0 s"),
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
