"""States in words, as the tests of sentences and of short lines ask for them."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from tests.core.samples import facts, grant, later, provider
from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.expiry import NotStated
from tokendeck.core.provider import Grant, GrantKind, RenewalPolicy
from tokendeck.core.status import status_of
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
