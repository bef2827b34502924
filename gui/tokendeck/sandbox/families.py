"""What a person's consent is worth: a code, once, and then a family of tokens. No HTTP, no dialect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tokendeck.sandbox.issuer import Issuer

CODE_LIFETIME = timedelta(seconds=60)
"""RFC 6749, section 4.1.2, allows ten minutes at most."""

Asked = TypeVar("Asked")


@dataclass(slots=True, eq=False)
class Family:
    """Every token that comes of one consent."""

    refresh_token: str
    """The only one that is not spent yet; empty once the family is revoked."""


@dataclass(slots=True)
class _Code(Generic[Asked]):
    asked: Asked
    given_at: datetime
    family: Family | None = None
    """What it was redeemed for; None while it was not."""


@dataclass(slots=True)
class Families(Generic[Asked]):
    """
    Codes and refresh tokens of one application, each good for one use.

    Whoever shows a spent one may have stolen it, or was robbed of it: the family dies, access tokens included, as
    RFC 6749, section 4.1.2, and RFC 9700, section 4.14.2, have it. `Asked` is what a code was given for.
    """

    issuer: Issuer
    now: Callable[[], datetime]
    """Gives aware UTC."""

    _codes: dict[str, _Code[Asked]] = field(default_factory=dict)
    _by_refresh_token: dict[str, Family] = field(default_factory=dict)
    """Spent ones included."""

    def give_code(self, asked: Asked) -> str:
        """Give a code that lives for `CODE_LIFETIME`."""
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Code(asked, self.now())
        return code

    def redeem(self, text: str, proves: Callable[[Asked], bool]) -> Family | None:
        """
        Start the family that a code stands for.

        Args:
            text: what the client shows.
            proves: whether the client is who asked; a code that somebody else shows is not spent by that.

        Gives None where that is no code, where it is spent or too old, and where nothing is proven.

        """
        code = self._codes.get(text)
        if code is None:
            return None
        if code.family is not None:
            self.revoke(code.family)
            return None
        if self.now() >= code.given_at + CODE_LIFETIME or not proves(code.asked):
            return None
        code.family = self.start()
        return code.family

    def start(self) -> Family:
        """Start a family with its first refresh token."""
        family = Family("")
        self._renew(family)
        return family

    def rotate(self, refresh_token: str) -> Family | None:
        """Spend a refresh token and give its family, which has the next one; None where it was none, or spent."""
        family = self._by_refresh_token.get(refresh_token)
        if family is None:
            return None
        if family.refresh_token != refresh_token:
            self.revoke(family)
            return None
        self._renew(family)
        return family

    def revoke(self, family: Family) -> None:
        """Make every token of a family worthless."""
        family.refresh_token = ""
        self.issuer.revoke_family(family)

    def revoke_all(self) -> None:
        """Make every family and every code worthless."""
        for family in self._by_refresh_token.values():
            self.revoke(family)
        self._codes.clear()

    def _renew(self, family: Family) -> None:
        family.refresh_token = secrets.token_urlsafe(32)
        self._by_refresh_token[family.refresh_token] = family
