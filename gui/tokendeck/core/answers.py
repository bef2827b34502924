"""Reading what a token endpoint answers: a token, or which kind of trouble it is."""

from __future__ import annotations

import json
import math
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.backoff import retry_after
from tokendeck.core.errors import ConfigurationRefused, GrantDead, ProviderBusy, UnreadableAnswer, UnusableToken
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.frozen import dataclass, field
from tokendeck.core.http_date import read_http_date
from tokendeck.core.jwt import read_jwt
from tokendeck.core.masking import mask_body, mask_text
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import AnswerShape, Grant, RateBudget

LONGEST_WORDS = 300
LONGEST_LIFETIME = timedelta(days=36525)
"""A century; a longer `expires_in` is no lifetime that anybody meant."""

PASSING_CODES = frozenset({"temporarily_unavailable", "server_error", "slow_down", "too_many_requests", "rate_limited"})
"""Codes that say to come back later: RFC 6749, section 4.1.2.1; RFC 8628, section 3.5."""

HTTP_OK = range(200, 300)
HTTP_REDIRECT = range(300, 400)
PASSING_STATUSES = frozenset({408, 425, 429})
FIRST_SERVER_ERROR = 500
PROXY_AUTHENTICATION_REQUIRED = 407

MOST_SCOPES = 100
CLOCK_TOLERANCE = timedelta(minutes=1)
"""The `Date` header holds whole seconds and travels; only beyond this is a clock called wrong."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""

    body: bytes
    """At most 1 MiB; what lay beyond was not read."""

    asked_at: Moment
    """When the request was sent."""

    latency: timedelta
    """From sending to the last byte read."""

    too_long: bool = False
    cut_off: bool = False
    """The connection ended before the announced length."""

    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by step: `connect`, `tls`, `first_byte`, `body`; steps that a kept connection skipped are absent."""

    @property
    def arrived(self) -> datetime:
        """When its last byte was read: aware UTC, by the wall clock as it stood when the request was sent."""
        return self.asked_at.wall + self.latency


def read_token_answer(
    answer: Answer,
    grant: Grant,
    provider_id: str,
    *,
    kept_refresh_token: Secret | None = None,
    rate: RateBudget | None = None,
    secrets: Iterable[Secret] = (),
) -> TokenSet:
    """
    Read a token endpoint's answer.

    Args:
        answer: what came back.
        grant: says where things are in it, and what its page declares about lifetimes.
        provider_id: for `Never.declared_by`.
        kept_refresh_token: kept where the answer brings none: RFC 6749, section 6.
        rate: names the headers that say when to come back.
        secrets: what was sent, masked wherever the provider's own words repeat it.

    Raises:
        GrantDead, ConfigurationRefused, UnusableToken: a person must act.
        ProviderBusy, UnreadableAnswer: passing trouble; the token in hand is kept.

    """
    shape, known = grant.answer, tuple(secrets)
    fields = read_fields(answer, grant, rate=rate, secrets=known)
    token = _at(fields, shape.access_token)
    if not isinstance(token, str) or not token:
        raise UnreadableAnswer("no_token", status=answer.status)
    check_bearer(token)
    kept = _refresh_token(_at(fields, shape.refresh_token)) or kept_refresh_token
    return TokenSet(
        access_token=Secret(token),
        refresh_token=kept,
        token_type=_token_type(_at(fields, shape.token_type), known),
        facts=TokenFacts(
            asked_at=answer.asked_at,
            expiry=_expiry(_at(fields, shape.expires_in), token, grant, provider_id, answer),
            scope=_scope(_at(fields, shape.scope)),
            has_refresh_token=kept is not None,
        ),
    )


def read_fields(
    answer: Answer, grant: Grant, *, rate: RateBudget | None = None, secrets: Iterable[Secret] = ()
) -> dict[str, object]:
    """Give the JSON object of a success. Raises as `read_token_answer` does, but never `UnusableToken`."""
    fields, known = _read_object(answer), tuple(secrets)
    if fields is None or answer.status not in HTTP_OK or _at(fields, grant.answer.error):
        raise _refusal(answer, fields, grant, rate, known)
    return fields


def check_done(answer: Answer, grant: Grant, *, rate: RateBudget | None = None, secrets: Iterable[Secret] = ()) -> None:
    """Raise what an answer means that is no success, as `read_fields` does; the body of a success says nothing."""
    if answer.status not in HTTP_OK:
        raise _refusal(answer, _read_object(answer), grant, rate, tuple(secrets))


def _refusal(
    answer: Answer,
    fields: dict[str, object] | None,
    grant: Grant,
    rate: RateBudget | None,
    secrets: tuple[Secret, ...],
) -> GrantDead | ConfigurationRefused | ProviderBusy | UnreadableAnswer:
    """Give what an answer without a token means: who can mend it, and when."""
    status = answer.status
    code = _text_at(fields, grant.answer.error, secrets)
    words = _text_at(fields, grant.answer.error_description, secrets)
    if status in PASSING_STATUSES or status >= FIRST_SERVER_ERROR or code in PASSING_CODES:
        return ProviderBusy(
            status=status, code=code, words=words, retry_after=retry_after(answer.headers, answer.arrived, rate)
        )
    if status in HTTP_REDIRECT:
        return UnreadableAnswer("redirect", status=status)
    if fields is None and _is_web_page(answer):
        return UnreadableAnswer("web_page", status=status)
    if answer.cut_off or answer.too_long:
        return UnreadableAnswer("cut_off" if answer.cut_off else "too_long", status=status)
    if status == PROXY_AUTHENTICATION_REQUIRED or (fields is None and status in HTTP_OK):
        return UnreadableAnswer("not_json", status=status)
    if code == "invalid_grant" and grant.needs_person:
        return GrantDead(status=status, code=code, words=words)
    if not code and not words:
        words = plain_words(mask_body(answer.body, secrets))
    return ConfigurationRefused(status=status, code=code, words=words)


def provider_words(answer: Answer, shape: AnswerShape, secrets: Iterable[Secret] = ()) -> tuple[str, str]:
    """
    Give the error code and the provider's own words in any answer; both may be empty. Raises nothing.

    `secrets` are masked before the words are cut to their length: half a secret would not be known for one.
    """
    fields, known = _read_object(answer), tuple(secrets)
    return _text_at(fields, shape.error, known), _text_at(fields, shape.error_description, known)


def plain_words(text: str) -> str:
    """Make a server's text safe to show: one line, no control or direction characters, 300 characters at most."""
    kept = (" " if character.isspace() else character for character in text[: 4 * LONGEST_WORDS])
    plain = " ".join("".join(character for character in kept if unicodedata.category(character)[0] != "C").split())
    return plain if len(plain) <= LONGEST_WORDS else plain[: LONGEST_WORDS - 1] + "…"


def check_bearer(token: str) -> None:
    """Raise `UnusableToken` for a token that no Authorization header can carry: RFC 6750, section 2.1, taken widely."""
    if not all("!" <= character <= "~" for character in token):
        raise UnusableToken(code="token_characters")


def _read_object(answer: Answer) -> dict[str, object] | None:
    if answer.cut_off or answer.too_long:
        return None
    try:
        value = json.loads(answer.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_web_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"


def _at(fields: dict[str, object] | None, path: str) -> object:
    value: object = fields
    for step in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _text_at(fields: dict[str, object] | None, path: str, secrets: tuple[Secret, ...] = ()) -> str:
    return _plain(_at(fields, path), secrets)


def _plain(value: object, secrets: tuple[Secret, ...] = ()) -> str:
    """Give text or a number so that it can be shown; empty for anything else."""
    match value:
        case bool():
            return ""
        case int() | float() | str():
            return plain_words(mask_text(str(value), secrets))
        case _:
            return ""


def _refresh_token(value: object) -> Secret | None:
    """Read an absent one as None; refuse characters outside RFC 6749, appendix A.17: it could not be sent back."""
    if not isinstance(value, str) or not value:
        return None
    if not all(" " <= character <= "~" for character in value):
        raise UnusableToken(code="token_characters")
    return Secret(value)


def _token_type(value: object, secrets: tuple[Secret, ...]) -> str:
    """Read an absent type as Bearer, `bearer` in any case too; refuse others, as RFC 6749, section 7.1, demands."""
    if value is None or (isinstance(value, str) and value.strip().lower() in {"bearer", ""}):
        return "Bearer"
    raise UnusableToken(code="token_type", words=_plain(value, secrets))


def _scope(value: object) -> tuple[str, ...] | None:
    match value:
        case str():
            named: list[object] = list(value.split())
        case list():
            named = value
        case _:
            return None
    plain = (plain_words(one) for one in named[:MOST_SCOPES] if isinstance(one, str))
    return tuple(scope for scope in plain if scope)


def _expiry(stated: object, token: str, grant: Grant, provider_id: str, answer: Answer) -> Expiry:
    """Climb the ladder: `expires_in`, the token's own `exp`, the declared lifetime, declared never, not stated."""
    asked_at = answer.asked_at.wall
    span = read_expires_in(stated)
    if span is not None:
        return At(asked_at + span, ExpirySource.EXPIRES_IN)
    jwt = read_jwt(token)
    expires = jwt.time_claim("exp") if jwt else None
    if expires is not None and expires - asked_at <= LONGEST_LIFETIME:
        return At(_by_our_clock(expires, answer), ExpirySource.JWT)
    if grant.declared_lifetime is not None:
        return At(asked_at + grant.declared_lifetime, ExpirySource.DECLARED)
    return Never(provider_id) if grant.never_expires else NotStated()


def _by_our_clock(theirs: datetime, answer: Answer) -> datetime:
    """Turn a time by the provider's clock into one by ours, so that a wrong clock here kills no fresh token."""
    offset = clock_offset(answer)
    if offset is None or abs(offset) <= CLOCK_TOLERANCE:
        return theirs
    try:
        return theirs - offset
    except OverflowError:
        return theirs


def read_expires_in(value: object) -> timedelta | None:
    """
    Read `expires_in`, in seconds, leniently; None where it states no lifetime.

    Numbers and numeric text count; negative, endless, absurd and other values state nothing. Zero is a lifetime: that
    of a token that is dead on arrival.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or not 0 <= seconds <= LONGEST_LIFETIME.total_seconds():
        return None
    return timedelta(seconds=seconds)


def clock_offset(answer: Answer) -> timedelta | None:
    """Give how far the provider's clock is ahead of ours by its `Date` header; None without one: RFC 9110, 6.6.1."""
    date = read_http_date(answer.headers.get("date", ""))
    return None if date is None else date - (answer.asked_at.wall + answer.latency / 2)
