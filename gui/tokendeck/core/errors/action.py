"""A person must act: exit code 1."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.errors.root import ProviderSaid, TokendeckError

if TYPE_CHECKING:
    from datetime import timedelta


class ActionNeeded(TokendeckError):
    """A person must act before another try can succeed."""

    exit_code = 1


class EndOfSignIn(Enum):
    """Why an attempt to sign in came to nothing."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    REPLACED = "replaced"
    """Another attempt began: there is one at a time."""

    SETTINGS_CHANGED = "settings_changed"
    """The connection was edited or removed meanwhile, and the code is not for what it has become."""


class GrantDead(ProviderSaid, ActionNeeded):
    """The authorization is gone (`invalid_grant`): RFC 6749, section 5.2."""


class SignInNeeded(ActionNeeded):
    """The grant needs a person to sign in, and nobody has yet."""


class SignInRefused(ProviderSaid, ActionNeeded):
    """The provider ended an attempt to sign in: RFC 6749, section 4.1.2.1; or its code came to nothing: section 5.2."""


class SignInEnded(ActionNeeded):
    """An attempt to sign in ended here, and brought nothing."""

    def __init__(self, why: EndOfSignIn) -> None:
        """Hold `why`."""
        super().__init__(why.value)
        self.why = why


class IssuerMismatch(ActionNeeded):
    """Another issuer than the connection's answered, or none where every answer names it: RFC 9207, section 2.4."""

    def __init__(self, expected: str, found: str, code: str = "") -> None:
        """
        Hold both issuers.

        Args:
            expected: the connection's.
            found: plain text; empty where the answer named none.
            code: the error that the answer brought, plain text that nobody vouches for; empty where it brought a code.

        """
        super().__init__(expected)
        self.expected = expected
        self.found = found
        self.code = code


class UnfitIssuer(ActionNeeded):
    """What an issuer says of itself, or that it says nothing, does not serve."""

    def __init__(self, issuer: str, flaw: str, found: str = "") -> None:
        """
        Say what is wrong.

        Args:
            issuer: the one asked.
            flaw: `no_metadata`; `web_page`, `redirect` or `unreadable`, which came in its place; `other_issuer`;
                `no_grant`, or `no_s256` where PKCE is what is missing.
            found: the other issuer as plain text; empty where none was named.

        """
        super().__init__(issuer, flaw)
        self.issuer = issuer
        self.flaw = flaw
        self.found = found


class ConfigurationRefused(ProviderSaid, ActionNeeded):
    """The provider refuses what the connection sends: credentials, scope, URL or request shape."""


class UnusableToken(ProviderSaid, ActionNeeded):
    """The answer holds a token that cannot be used: unknown type, or characters that no header can carry."""


class LifetimeTooShort(ActionNeeded):
    """More validity was asked for than the provider gives."""

    def __init__(self, asked: timedelta, given: timedelta) -> None:
        """Hold what was `asked` for and what a fresh token was `given`."""
        super().__init__(asked, given)
        self.asked = asked
        self.given = given


class OriginNotConfirmed(ActionNeeded):
    """A request would take a secret to an origin that its user has not confirmed."""

    def __init__(self, origin: str) -> None:
        """Hold the `origin`, as `origin_of` spells it."""
        super().__init__(origin)
        self.origin = origin


class ConfirmationNeeded(ActionNeeded):
    """A hazardous test call needs a yes first."""

    def __init__(self, hazard_id: str, text: str) -> None:
        """Hold the hazard's id and the descriptor's own warning."""
        super().__init__(hazard_id)
        self.hazard_id = hazard_id
        self.text = text


class Paused(ActionNeeded):
    """The user paused this connection."""
