"""What a provider says of a token when asked: RFC 7662."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokendeck.core.answers import plain_words, read_fields
from tokendeck.core.errors import UnreadableAnswer
from tokendeck.core.frozen import dataclass
from tokendeck.core.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.core.answers import Answer
    from tokendeck.core.provider import Grant, RateBudget
    from tokendeck.core.secret import Secret

MOST_CLAIMS = 50
TIMES = frozenset({"exp", "iat", "nbf"})


@dataclass(frozen=True, slots=True)
class Introspection:
    """One answer of an introspection endpoint."""

    active: bool
    """Whether the token is good at this moment, by the only one who can know."""

    asked_at: datetime
    """Aware UTC."""

    claims: Mapping[str, str | datetime]
    """What else it says, by name: times as aware UTC, all other values as plain text; nested ones are left out."""


def read_introspection(
    answer: Answer, grant: Grant, *, rate: RateBudget | None = None, secrets: Iterable[Secret] = ()
) -> Introspection:
    """
    Read an introspection endpoint's answer: RFC 7662, section 2.2.

    Args:
        answer: what came back.
        grant: says where errors are in it.
        rate: names the headers that say when to come back.
        secrets: what was sent, masked wherever the answer repeats it.

    Raises:
        GrantDead, ConfigurationRefused: a person must act.
        ProviderBusy, UnreadableAnswer: passing trouble, or no answer of such an endpoint.

    """
    known = tuple(secrets)
    fields = read_fields(answer, grant, rate=rate, secrets=known)
    active = fields.pop("active", None)
    if not isinstance(active, bool):
        raise UnreadableAnswer("not_json", status=answer.status)
    claims = {name: _claim(name, value, known) for name, value in list(fields.items())[:MOST_CLAIMS]}
    return Introspection(
        active, answer.asked_at.wall, {plain_words(name): value for name, value in claims.items() if value}
    )


def _claim(name: str, value: object, secrets: tuple[Secret, ...]) -> str | datetime:
    """Give a value that can be shown; empty for any other."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float() if name in TIMES:
            return _time(value)
        case int() | float():
            return str(value)
        case str():
            return plain_words(mask_text(value, secrets))
        case list() if all(isinstance(one, str) for one in value):
            return plain_words(mask_text(" ".join(value), secrets))
        case _:
            return ""


def _time(seconds: float) -> str | datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return str(seconds)
