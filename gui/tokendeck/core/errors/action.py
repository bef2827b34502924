"""A person must act: exit code 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors.root import ProviderSaid, TokendeckError

if TYPE_CHECKING:
    from datetime import timedelta


class ActionNeeded(TokendeckError):
    """A person must act before another try can succeed."""

    exit_code = 1


class GrantDead(ProviderSaid, ActionNeeded):
    """The authorization is gone (`invalid_grant`): RFC 6749, section 5.2."""


class SignInNeeded(ActionNeeded):
    """The grant needs a person to sign in, and nobody has yet."""


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
