"""One issue of tokens, and what may be known of it while the vault is locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from datetime import timedelta

    from tokendeck.core.expiry import Expiry
    from tokendeck.core.moment import Moment
    from tokendeck.core.secret import Secret

from tokendeck.core import expiry as expiries


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What is known of a token without the token: readable while the vault is locked."""

    asked_at: Moment
    """When the request was sent; lifetimes count from here."""

    expiry: Expiry

    scope: tuple[str, ...] | None = None
    """Granted scopes in the answer's order; None where the answer named none."""

    has_refresh_token: bool = False

    serial: int = 0
    """Greater with each save of this connection's tokens, from 1; 0 for a token that was never saved."""

    def lifetime(self) -> timedelta | None:
        """Give the whole lifetime; None where no end is known."""
        return expiries.lifetime(self.expiry, self.asked_at)

    def remaining(self, now: Moment) -> timedelta | None:
        """Give the time left, negative once dead; None where no end is known."""
        return expiries.remaining(self.expiry, self.asked_at, now)


@dataclass(frozen=True, slots=True)
class TokenSet:
    """One issue of tokens."""

    access_token: Secret
    refresh_token: Secret | None
    """None where the provider gave none and none was kept from before."""

    facts: TokenFacts
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name, not a secret
    """As it goes into the Authorization header: RFC 6750, section 2.1."""
