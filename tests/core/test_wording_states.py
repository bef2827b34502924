from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.samples import HOUR, NOW, connection, facts, grant, later, record
from tests.core.wordings import (
    AFTER_12_MIN,
    BY_HAND,
    DEAD,
    MINUTE,
    NOT_STATED,
    ON_USE,
    REFUSED,
    SIGNED_IN,
    WORDING,
    expiry,
    sentence,
    waiting,
)
from tokendeck.core.expiry import Never
from tokendeck.core.status import Waiting, status_of

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant


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
        "The answer to a request for a token, sent today at 12:01:00, was never saved: it was cut off, or the disk was "
        "full."
    )
    assert sentence(record(cut_off_at=cut_off, token=facts(has_refresh_token=True)), SIGNED_IN).endswith(
        "The answer to a refresh, begun today at 12:01:00, was never saved: it was cut off, or the disk was full. "
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
