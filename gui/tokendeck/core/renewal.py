"""When a token is due, and how much of it a caller may count on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.expiry import NotStated
from tokendeck.core.frozen import replace
from tokendeck.core.provider import Renewal, RenewalPolicy

if TYPE_CHECKING:
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant
    from tokendeck.core.token import TokenFacts

DEFAULT_LEAD = timedelta(seconds=300)
LARGEST_LEAD_SHARE = 0.2
"""Of the lifetime, so that short tokens are renewed once per lifetime and not all the time."""

JITTER_SHARE = 0.1
"""Of the lead, by which renewals are spread: earlier, never later."""

DEFAULT_MIN_VALID = timedelta(seconds=60)


def needs_nobody(grant: Grant, record: ConnectionRecord) -> bool:
    """Tell whether a token can be asked for without a person."""
    return not grant.needs_person or record.can_refresh


def renewal_of(record: ConnectionRecord, grant: Grant) -> Renewal:
    """
    Give when and how early a connection's token is renewed: as its grant says, unless a refresh was cut off.

    That one may have spent the refresh token, and a provider that is shown a spent one revokes the access token as well
    (RFC 9700, section 4.14.2). So the access token serves to its end, and then the refresh is tried once more.
    """
    if record.cut_off_at is None or not grant.needs_person:
        return grant.renewal
    return replace(grant.renewal, lead=timedelta(0))


def effective_lead(renewal: Renewal, whole: timedelta) -> timedelta:
    """Give the lead that is kept for a token whose whole lifetime is `whole`."""
    return max(min(renewal.lead, whole * LARGEST_LEAD_SHARE), timedelta(0))


def due_in(facts: TokenFacts, renewal: Renewal, now: Moment, *, spread: float = 0.0) -> timedelta | None:
    """
    Give the time until a renewal is due, zero or negative when it is due now; None where none ever is.

    Args:
        facts: the token.
        renewal: what its descriptor says.
        now: both clocks.
        spread: 0 to 1; how much of the jitter to take.

    """
    if renewal.policy is not RenewalPolicy.AHEAD:
        return None
    whole, left = facts.lifetime(), facts.remaining(now)
    if whole is not None and left is not None:
        return left - effective_lead(renewal, whole) * (1 + JITTER_SHARE * spread)
    if renewal.every is not None and isinstance(facts.expiry, NotStated):
        return renewal.every * (1 - JITTER_SHARE * spread) - now.since(facts.asked_at)
    return None


def default_min_valid(facts: TokenFacts) -> timedelta:
    """Give how long a copied token must be good for when nobody says: 60 s, or a tenth of a shorter lifetime."""
    whole = facts.lifetime()
    return DEFAULT_MIN_VALID if whole is None else min(DEFAULT_MIN_VALID, whole / 10)


def is_good_for(facts: TokenFacts, span: timedelta, now: Moment) -> bool:
    """
    Tell whether the token is alive and stays so for `span`.

    A token of unknown end counts as good until a 401 says otherwise.
    """
    left = facts.remaining(now)
    return left is None or (left > timedelta(0) and left >= span)
