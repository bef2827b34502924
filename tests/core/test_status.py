from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.samples import HOUR, NOW, connection, facts, grant, later, record
from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.expiry import Never, NotStated
from tokendeck.core.provider import GrantKind, RenewalPolicy
from tokendeck.core.status import (
    Due,
    Expired,
    Live,
    Locked,
    NeedsAttention,
    NoToken,
    OnDemand,
    Paused,
    Renewing,
    SignIn,
    Status,
    Waiting,
    status_of,
)

DEAD = Trouble(TroubleKind.SIGN_IN, NOW.wall)
REFUSED = Trouble(TroubleKind.NEEDS_ATTENTION, NOW.wall)
BUSY = Trouble(TroubleKind.WAITING, NOW.wall)
SIGNED_IN = grant(kind=GrantKind.AUTHORIZATION_CODE)
ON_USE = grant(policy=RenewalPolicy.ON_USE)


@pytest.mark.parametrize(
    ("one", "passed", "status"),
    [
        (record(), timedelta(0), Live()),
        (record(), timedelta(minutes=54, seconds=59), Live()),
        (record(), timedelta(minutes=55), Due()),
        (record(), timedelta(minutes=59, seconds=59), Due()),
        (record(), HOUR, Expired()),
        (record(token=facts(NotStated())), 99 * HOUR, Live()),
        (record(token=facts(Never("payt"))), 9999 * HOUR, Live()),
        (record(token=None), timedelta(0), NoToken()),
        (record(trouble=DEAD), timedelta(0), SignIn(DEAD)),
        (record(trouble=REFUSED), timedelta(0), NeedsAttention(REFUSED)),
        (record(trouble=BUSY), 2 * HOUR, Waiting(BUSY)),
    ],
)
def test_a_status_follows_from_the_record_and_the_time(
    one: ConnectionRecord, passed: timedelta, status: Status
) -> None:
    assert status_of(one, grant(), later(passed)) == status


def test_a_token_renewed_by_hand_is_never_due() -> None:
    assert status_of(record(), grant(policy=RenewalPolicy.MANUAL), later(timedelta(minutes=59))) == Live()


def test_a_token_of_unknown_lifetime_is_due_by_its_period() -> None:
    assert status_of(record(token=facts(NotStated())), grant(every=HOUR), later(HOUR)) == Due()


def test_a_token_per_use_is_on_demand_whatever_was_issued() -> None:
    assert status_of(record(token=None), ON_USE, NOW) == OnDemand()
    assert status_of(record(), ON_USE, later(2 * HOUR)) == OnDemand()


def test_where_nobody_has_signed_in_yet_a_person_must() -> None:
    assert status_of(record(token=None), SIGNED_IN, NOW) == SignIn(None)
    assert status_of(record(token=None, has_refresh_token_only=True), SIGNED_IN, NOW) == NoToken()


def test_what_nothing_changes_by_itself_comes_first() -> None:
    paused = record(connection=connection(paused=True), trouble=REFUSED)
    refused = record(trouble=REFUSED, token=None)

    assert status_of(paused, ON_USE, NOW, renewing=True, locked=True) == Locked()
    assert status_of(paused, ON_USE, NOW, renewing=True) == Paused()
    assert status_of(refused, ON_USE, NOW, renewing=True) == Renewing()
    assert status_of(refused, ON_USE, NOW) == NeedsAttention(REFUSED)
    assert status_of(record(token=None), ON_USE, NOW) == OnDemand()


def test_every_status_has_one_word_of_its_own() -> None:
    statuses: tuple[Status, ...] = (
        *(NoToken(), Live(), Due(), Renewing(), Waiting(BUSY), Expired(), OnDemand(), SignIn(None)),
        *(NeedsAttention(REFUSED), Paused(), Locked()),
    )

    assert [status.word for status in statuses] == [
        *("no_token", "live", "due", "renewing", "waiting", "expired", "on_demand", "sign_in"),
        *("needs_attention", "paused", "locked"),
    ]
