"""When a token ends, and how far that is known."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from tokendeck.core.moment import Moment


class ExpirySource(Enum):
    """The rung of the ladder on which an expiry stands."""

    EXPIRES_IN = "expires_in"
    """The answer's `expires_in`: RFC 6749, section 5.1."""

    JWT = "jwt"
    """The `exp` claim of the token itself: RFC 7519, section 4.1.4."""

    DECLARED = "declared"
    """The lifetime that the provider's descriptor declares."""


@dataclass(frozen=True, slots=True)
class At:
    """The token ends at a known time."""

    when: datetime
    """Aware UTC, by the wall clock as it stood when the token was asked for."""

    source: ExpirySource


@dataclass(frozen=True, slots=True)
class Never:
    """The provider says that the token does not end."""

    declared_by: str
    """Id of the descriptor that says so."""


@dataclass(frozen=True, slots=True)
class NotStated:
    """Nobody says when the token ends; that is not the same as never."""


Expiry = At | Never | NotStated


def source_word(expiry: Expiry) -> str:
    """Give the one word for JSON: `expires_in`, `jwt`, `declared`, `never` or `not_stated`."""
    match expiry:
        case At(source=source):
            return source.value
        case Never():
            return "never"
        case NotStated():
            return "not_stated"
        case _:
            assert_never(expiry)


def lifetime(expiry: Expiry, asked_at: Moment) -> timedelta | None:
    """Give the whole lifetime of a token asked for at `asked_at`; None where no end is known."""
    return expiry.when - asked_at.wall if isinstance(expiry, At) else None


def remaining(expiry: Expiry, asked_at: Moment, now: Moment) -> timedelta | None:
    """
    Give the time left, negative once the token is dead; None where no end is known.

    The less favourable of the two clocks counts, so that setting the wall clock back revives nothing.
    """
    whole = lifetime(expiry, asked_at)
    return None if whole is None else whole - now.since(asked_at)
