"""Mints access tokens and knows how each one stands. No HTTP, no dialect."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.sandbox.families import Family


class Standing(Enum):
    """What an API makes of a token that it is shown."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token is minted for."""

    subject: str
    """The client's id."""

    scope: str
    """Granted scopes, separated by blanks; empty where the provider grants none by name."""

    lifetime_s: int | None
    """Seconds; None means that the token never expires."""

    family: Family | None = None
    """What it belongs to where a person consented; None where a client asked for itself."""

    @property
    def refresh_token(self) -> str:
        """The refresh token that goes with it now; empty for none."""
        return "" if self.family is None else self.family.refresh_token


@dataclass(frozen=True, slots=True)
class Token:
    """One minted token."""

    text: str
    terms: Terms
    issued_at: datetime

    @property
    def expires_at(self) -> datetime | None:
        """When it stops working, aware UTC; None for never."""
        lifetime_s = self.terms.lifetime_s
        return None if lifetime_s is None else self.issued_at + timedelta(seconds=lifetime_s)


class TokenForm(Protocol):
    """How a token looks. No two results are equal."""

    def __call__(self, terms: Terms, issued_at: datetime) -> str:
        """Write a new token."""
        ...


class OpaqueForm:
    """Tokens that tell their holder nothing."""

    def __call__(self, terms: Terms, issued_at: datetime) -> str:  # noqa: ARG002 - both are what it keeps to itself
        """Write 256 random bits."""
        return secrets.token_urlsafe(32)


class JwtForm:
    """JSON Web Tokens in JWS compact form, HS256: RFC 7515, section 3.1, RFC 7519 and, for `scope`, RFC 8693."""

    def __init__(self, issuer: str) -> None:
        """Take the `iss` claim and make a key that is gone with this object."""
        self._issuer = issuer
        self._key = secrets.token_bytes(32)

    def __call__(self, terms: Terms, issued_at: datetime) -> str:
        """Write and sign; times are whole seconds, rounded down, and a token that never expires has no `exp`."""
        iat = int(issued_at.timestamp())
        claims: dict[str, str | int] = {
            "iss": self._issuer,
            "sub": terms.subject,
            "iat": iat,
            **({} if terms.lifetime_s is None else {"exp": iat + terms.lifetime_s}),
            "jti": secrets.token_urlsafe(16),
            "scope": terms.scope,
        }
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        return f"{signed}.{_base64url(hmac.digest(self._key, signed.encode(), hashlib.sha256))}"


class Issuer:
    """Every token that one provider has minted. A token that it has forgotten, or never made, is unknown."""

    def __init__(self, form: TokenForm, now: Callable[[], datetime]) -> None:
        """Start without tokens; `now` gives aware UTC."""
        self._form = form
        self._now = now
        self._tokens: dict[str, Token] = {}
        self._revoked: set[str] = set()
        self._latest: dict[str, Token] = {}

    def mint(self, terms: Terms, *, text: str | None = None) -> Token:
        """Make a token, live from now on; `text`, where given, takes the place of its usual form."""
        issued_at = self._now()
        token = Token(self._form(terms, issued_at) if text is None else text, terms, issued_at)
        self._tokens[token.text] = self._latest[terms.subject] = token
        return token

    def latest_or_mint(self, terms: Terms) -> Token:
        """Give the token minted last for the client, whatever became of it; mint the first one."""
        return self._latest.get(terms.subject) or self.mint(terms)

    def standing(self, text: str) -> Standing:
        """Judge a token: it works until `expires_at`, and no longer at that very moment."""
        token = self._tokens.get(text)
        if token is None:
            return Standing.UNKNOWN
        if text in self._revoked:
            return Standing.REVOKED
        expires_at = token.expires_at
        return Standing.LIVE if expires_at is None or self._now() < expires_at else Standing.EXPIRED

    def revoke(self, text: str) -> None:
        """Make one token worthless."""
        self._revoked.add(text)

    def revoke_family(self, family: Family) -> None:
        """Make every token of a family worthless."""
        self._revoked.update(text for text, token in self._tokens.items() if token.terms.family is family)

    def revoke_all(self) -> None:
        """Make every token minted so far worthless."""
        self._revoked.update(self._tokens)


def _part(value: dict[str, str | int]) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
