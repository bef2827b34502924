"""Signing in on another device: what the provider hands out for it, and what its answers mean. RFC 8628."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import plain_words, read_expires_in, read_fields
from tokendeck.core.errors import BadUrl, PassingTrouble, ProviderBusy, UnreadableAnswer
from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import origin_of
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokendeck.core.answers import Answer
    from tokendeck.core.provider import Grant, RateBudget

DEFAULT_INTERVAL = timedelta(seconds=5)
"""Where the provider names none: RFC 8628, section 3.2."""

SLOWER_BY = timedelta(seconds=5)
"""What `slow_down` adds to the interval, for good: RFC 8628, section 3.5."""

LONGEST_INTERVAL = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
"""However long a code is said to live."""

SLOW_DOWN = "slow_down"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person needs for signing in on another device, and what the program asks with meanwhile."""

    device_code: Secret
    user_code: str
    """Plain text; short, and typed by hand."""

    page: str
    """Where it is typed in."""

    page_with_code: str
    """The same page with the code filled in; empty where the provider offers none."""

    lasts: timedelta
    interval: timedelta
    """How long to wait between two questions."""


def read_device_answer(
    answer: Answer, grant: Grant, *, rate: RateBudget | None = None, secrets: Iterable[Secret] = ()
) -> DeviceCode:
    """
    Read a device authorization endpoint's answer: RFC 8628, section 3.2.

    Args:
        answer: what came back.
        grant: says where errors are in it.
        rate: names the headers that say when to come back.
        secrets: what was sent, masked wherever the provider's own words repeat it.

    Raises:
        GrantDead, ConfigurationRefused: a person must act.
        ProviderBusy, UnreadableAnswer: passing trouble, or no answer of such an endpoint.

    """
    fields = read_fields(answer, grant, rate=rate, secrets=secrets)
    code, user_code = fields.get("device_code"), fields.get("user_code")
    page = _page(fields.get("verification_uri", fields.get("verification_url")))  # the second is an early draft's
    shown = plain_words(user_code) if isinstance(user_code, str) else ""
    if not isinstance(code, str) or not code or not shown or not page:
        raise UnreadableAnswer("no_device_code", status=answer.status)
    lasts = read_expires_in(fields.get("expires_in")) or LONGEST_WAIT
    return DeviceCode(
        device_code=Secret(code),
        user_code=shown,
        page=page,
        page_with_code=_page(fields.get("verification_uri_complete")),
        lasts=min(lasts, LONGEST_WAIT),
        interval=min(read_expires_in(fields.get("interval")) or DEFAULT_INTERVAL, LONGEST_INTERVAL),
    )


def slower(interval: timedelta, trouble: PassingTrouble) -> timedelta:
    """Give the interval after a question that came to nothing: a little more where asked, twice where unreachable."""
    if isinstance(trouble, ProviderBusy) and trouble.code == SLOW_DOWN:
        return interval + SLOWER_BY
    return min(max(interval * 2, trouble.retry_after or timedelta(0)), LONGEST_INTERVAL)


def _page(value: object) -> str:
    """Give an address that a browser may be sent to; empty for any other."""
    if not isinstance(value, str):
        return ""
    try:
        origin_of(value)
    except BadUrl:
        return ""
    return value
