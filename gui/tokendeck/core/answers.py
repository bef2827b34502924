"""Reading what a token endpoint answers: a token, or which kind of trouble it is."""

from __future__ import annotations

import json
import math
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, NoReturn

from tokendeck.core.backoff import retry_after
from tokendeck.core.errors import ConfigurationRefused, GrantDead, ProviderBusy, UnreadableAnswer, UnusableToken
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.jwt import read_jwt
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet

if TYPE_CHECKING:
    from collections.abc import Mapping

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
PROXY_AUTHENTICATION_REQUIRED = 407


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


def read_token_answer(
    answer: Answer,
    grant: Grant,
    provider_id: str,
    *,
    kept_refresh_token: Secret | None = None,
    rate: RateBudget | None = None,
) -> TokenSet:
    """
    Read a token endpoint's answer.

    Args:
        answer: what came back.
        grant: says where things are in it, and what its page declares about lifetimes.
        provider_id: for `Never.declared_by`.
        kept_refresh_token: kept where the answer brings none: RFC 6749, section 6.
        rate: names the headers that say when to come back.

    Raises:
        GrantDead, ConfigurationRefused, UnusableToken: a person must act.
        ProviderBusy, UnreadableAnswer: passing trouble; the token in hand is kept.

    """
    fields = _read_object(answer)
    if fields is None or answer.status not in HTTP_OK or _text_at(fields, grant.answer.error):
        raise_refusal(answer, fields, grant.answer, rate)
    token = _at(fields, grant.answer.access_token)
    if not isinstance(token, str) or not token:
        raise UnreadableAnswer("no_token", status=answer.status)
    check_bearer(token)
    refresh_token = _at(fields, grant.answer.refresh_token)
    kept = Secret(refresh_token) if isinstance(refresh_token, str) and refresh_token else kept_refresh_token
    return TokenSet(
        access_token=Secret(token),
        refresh_token=kept,
        token_type=_token_type(_at(fields, grant.answer.token_type)),
        facts=TokenFacts(
            asked_at=answer.asked_at,
            expiry=_expiry(_at(fields, grant.answer.expires_in), token, grant, provider_id, answer.asked_at),
            scope=_scope(_at(fields, grant.answer.scope)),
            has_refresh_token=kept is not None,
        ),
    )


def raise_refusal(
    answer: Answer, fields: dict[str, object] | None, shape: AnswerShape, rate: RateBudget | None = None
) -> NoReturn:
    """Raise what an answer without a token means: who can mend it, and when."""
    status = answer.status
    code = _text_at(fields, shape.error) if fields else ""
    words = _text_at(fields, shape.error_description) if fields else ""
    if status in PASSING_STATUSES or status >= 500 or code in PASSING_CODES:  # noqa: PLR2004 - server errors
        raise ProviderBusy(status=status, code=code, words=words, retry_after=retry_after(answer, rate))
    if status in HTTP_REDIRECT:
        raise UnreadableAnswer("redirect", status=status)
    if answer.cut_off:
        raise UnreadableAnswer("cut_off", status=status)
    if answer.too_long:
        raise UnreadableAnswer("too_long", status=status)
    if fields is None and (_is_web_page(answer) or status in HTTP_OK or status == PROXY_AUTHENTICATION_REQUIRED):
        raise UnreadableAnswer("web_page" if _is_web_page(answer) else "not_json", status=status)
    if code == "invalid_grant":
        raise GrantDead(status=status, code=code, words=words)
    raise ConfigurationRefused(status=status, code=code, words=words or _plain_body(answer, fields))


def provider_words(answer: Answer, shape: AnswerShape) -> tuple[str, str]:
    """Give the error code and the provider's own words in any answer; both may be empty. Raises nothing."""
    fields = _read_object(answer)
    if fields is None:
        return "", ""
    return _text_at(fields, shape.error), _text_at(fields, shape.error_description)


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


def _plain_body(answer: Answer, fields: dict[str, object] | None) -> str:
    return "" if fields is not None else plain_words(answer.body[: 4 * LONGEST_WORDS].decode("utf-8", "replace"))


def _at(fields: dict[str, object], path: str) -> object:
    value: object = fields
    for step in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _text_at(fields: dict[str, object], path: str) -> str:
    value = _at(fields, path)
    return plain_words(value) if isinstance(value, str) else ""


def _token_type(value: object) -> str:
    """Read an absent type as Bearer, `bearer` in any case likewise; refuse others, as RFC 6749, section 7.1, demands."""
    if value is None or (isinstance(value, str) and value.strip().lower() in {"bearer", ""}):
        return "Bearer"
    raise UnusableToken(code="token_type", words=plain_words(str(value)))


def _scope(value: object) -> tuple[str, ...] | None:
    match value:
        case str():
            return tuple(value.split())
        case list() if all(isinstance(item, str) for item in value):
            return tuple(str(item) for item in value)
        case _:
            return None


def _expiry(stated: object, token: str, grant: Grant, provider_id: str, asked_at: Moment) -> Expiry:
    """Climb the ladder: `expires_in`, the token's own `exp`, the declared lifetime, declared never, not stated."""
    span = read_expires_in(stated)
    if span is not None:
        return At(asked_at.wall + span, ExpirySource.EXPIRES_IN)
    jwt = read_jwt(token)
    expires = jwt.time_claim("exp") if jwt else None
    if expires is not None:
        return At(expires, ExpirySource.JWT)
    if grant.declared_lifetime is not None:
        return At(asked_at.wall + grant.declared_lifetime, ExpirySource.DECLARED)
    return Never(provider_id) if grant.never_expires else NotStated()


def read_expires_in(value: object) -> timedelta | None:
    """
    Read `expires_in`, in seconds, leniently; None where it states no lifetime.

    Numbers and numeric text count; negative, endless, absurd and other values state nothing. Zero is a lifetime: a dead token.
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
    """Give how far the provider's `Date` header is ahead of our wall clock; None where it has none: RFC 9110, section 6.6.1."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - slow to import, needed once an answer

    try:
        date = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    ours = answer.asked_at.wall + answer.latency / 2
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - ours
