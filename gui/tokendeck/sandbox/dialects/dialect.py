"""What the five dialects have in common."""

from __future__ import annotations

import hmac
import secrets
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NoReturn, assert_never

from tokendeck.sandbox.dialects.reading import Refusal, bearer_token, check_method, check_names, check_no_query, invalid
from tokendeck.sandbox.faults import (
    LONGEST_S,
    NarrowedScope,
    NoExpiresIn,
    OddExpiresIn,
    OddToken,
    OddTokenType,
    SameToken,
    ShortLifetime,
)
from tokendeck.sandbox.issuer import Issuer, JwtForm, OpaqueForm, Standing, Terms
from tokendeck.sandbox.message import NO_STORE, JsonValue, Reply, json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tokendeck.sandbox.faults import Distortion
    from tokendeck.sandbox.issuer import Token
    from tokendeck.sandbox.message import Request
    from tokendeck.sandbox.script import Endpoint, ProviderId

AWKWARD = " s%3cret:/+ &=~"
"""Characters that form-encoding changes, a colon among them: which encoding a client used shows at once."""


class Dialect(ABC):
    """One provider: its credentials, its tokens, and how it answers at one token endpoint and one API path."""

    provider: ClassVar[ProviderId]
    paths: ClassVar[Mapping[Endpoint, str]]
    credential_fields: ClassVar[tuple[str, str]]
    """Of id and secret, as the provider names them."""

    usual_lifetime_s: ClassVar[int | None]
    """Seconds; None means that tokens never expire."""

    mints_jwt: ClassVar[bool] = False
    secret_ending: ClassVar[str] = ""
    content_type: ClassVar[str] = "application/json"
    failed_client: ClassVar[str]
    """The provider's words for a wrong id or secret."""

    def __init__(self, now: Callable[[], datetime], lifetime_s: int | None, fields: Mapping[str, str]) -> None:
        """
        Set up a client with random credentials.

        Args:
            now: gives aware UTC.
            lifetime_s: of tokens, in seconds; None means the provider's own.
            fields: credentials that are not to be random, by field.

        Raises:
            ValueError: a field that the provider does not have, or a lifetime out of range.

        """
        self.now = now
        self.lifetime_s = checked_lifetime(lifetime_s, self.usual_lifetime_s)
        self.fields = self.random_fields()
        if not fields.keys() <= self.fields.keys():
            raise ValueError(f"{self.provider} has the fields {', '.join(self.fields)}, not {', '.join(fields)}.")
        self.fields |= fields
        self.issuer = Issuer(JwtForm(f"tokendeck-sandbox/{self.provider}") if self.mints_jwt else OpaqueForm(), now)

    def random_fields(self) -> dict[str, str]:
        """Make up what a user of this provider fills in."""
        id_field, secret_field = self.credential_fields
        return {id_field: f"{self.provider}-{secrets.token_hex(8)}", secret_field: self._random_secret()}

    def rotate_secret(self) -> None:
        """Replace the secret; live tokens stay valid."""
        self.fields[self.credential_fields[1]] = self._random_secret()

    def answer_token(self, request: Request, distortions: tuple[Distortion, ...] = ()) -> Reply:
        """Answer a request to the token endpoint, bent by `distortions` where it is granted."""
        try:
            check_method(request, "POST")
            check_no_query(request)
            terms = self.grant(request)
        except Refusal as refusal:
            return self._refused(refusal)
        return json_reply(200, self._issue(terms, distortions), headers=NO_STORE, content_type=self.content_type)

    def answer_api(self, request: Request, *, address_off_list: bool = False) -> Reply:
        """Answer a call to the API; from off the allow list, a call with a live token costs that token its life."""
        try:
            check_method(request, "GET", "HEAD")
            check_no_query(request)
            if request.body:
                invalid("The call takes no body")
            self._check_bearer(request, address_off_list=address_off_list)
        except Refusal as refusal:
            return self._refused(refusal)
        return json_reply(200, self.api_result(), content_type=self.content_type)

    def revoke_tokens(self) -> None:
        """Make every token minted so far worthless."""
        self.issuer.revoke_all()

    @abstractmethod
    def grant(self, request: Request) -> Terms:
        """Give what a token is to be minted for. Raises `Refusal`."""

    @abstractmethod
    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """Give the token answer's members in documented order."""

    @abstractmethod
    def api_result(self) -> JsonValue:
        """Give what a successful call returns."""

    def error_members(self, refusal: Refusal) -> dict[str, JsonValue]:
        """Give an error answer's members; as RFC 6749, section 5.2, has them unless a page says otherwise."""
        return {"error": refusal.error, "error_description": refusal.description}

    def bad_token(self, standing: Standing) -> str:  # noqa: ARG002 - a provider that tells apart overrides this
        """Give the words for a token that does not work."""
        return "Invalid token"

    def terms(self, scope: str = "") -> Terms:
        """Give the terms of a token for the client itself; `scope` is what is granted, empty for none."""
        return Terms(self.fields[self.credential_fields[0]], scope, self.lifetime_s)

    def check_in_body(self, request: Request, parameters: dict[str, str], *others: str) -> None:
        """
        Check that the parameters are id, secret and `others`, and that id and secret are right.

        An Authorization header is refused: beside them as a second method (RFC 6749, section 2.3), alone as one that
        the provider does not offer.
        """
        ours = self.credential_fields
        if request.values("authorization"):
            if parameters.keys() & set(ours):
                invalid("The client may authenticate in one way only")
            self.refuse_client()
        check_names(parameters, *ours, *others)
        if not all(_equal(parameters[name], self.fields[name]) for name in ours):
            self.refuse_client()

    def check_basic(self, credentials: bytes | None) -> None:
        """Check id and secret, joined with a colon as they are: no form-encoding first."""
        expected = ":".join(self.fields[name] for name in self.credential_fields).encode()
        if credentials is None or not hmac.compare_digest(credentials, expected):
            self.refuse_client(scheme="Basic")

    def refuse_client(self, *, scheme: str | None = None) -> NoReturn:
        """Refuse id and secret; `scheme` is how the client should have authenticated in a header."""
        headers = (("WWW-Authenticate", f'{scheme} realm="sandbox"'),) if scheme else ()
        raise Refusal(401, "invalid_client", self.failed_client, headers)

    def _random_secret(self) -> str:
        return secrets.token_urlsafe(24) + self.secret_ending

    def _refused(self, refusal: Refusal) -> Reply:
        return json_reply(
            refusal.status, self.error_members(refusal), headers=refusal.headers, content_type=self.content_type
        )

    def _check_bearer(self, request: Request, *, address_off_list: bool) -> None:
        token = bearer_token(request)
        standing = Standing.UNKNOWN if token is None else self.issuer.standing(token)
        if token is None or standing is not Standing.LIVE:
            challenge = 'Bearer realm="sandbox"' + (', error="invalid_token"' if token else "")
            raise Refusal(401, "invalid_token", self.bad_token(standing), (("WWW-Authenticate", challenge),))
        if address_off_list:
            self.issuer.revoke(token)
            raise Refusal(403, "forbidden", "The address is not on the allow list; the token has been revoked")

    def _issue(self, terms: Terms, distortions: tuple[Distortion, ...]) -> dict[str, JsonValue]:
        text: str | None = None
        again = False
        odd: dict[str, JsonValue] = {}
        absent: set[str] = set()
        for distortion in distortions:
            match distortion:
                case OddExpiresIn(value):
                    odd["expires_in"] = value
                case NoExpiresIn():
                    absent.add("expires_in")
                case ShortLifetime(seconds):
                    terms = replace(terms, lifetime_s=seconds)
                case SameToken():
                    again = True
                case OddToken(odd_text):
                    text = odd_text
                case OddTokenType(value):
                    odd["token_type"] = value
                case NarrowedScope(scope):
                    terms = replace(terms, scope=scope)
                    odd["scope"] = scope
                case other:
                    assert_never(other)
        token = self.issuer.latest_or_mint(terms) if again else self.issuer.mint(terms, text=text)
        members = self.token_members(token) | odd
        return {name: value for name, value in members.items() if name not in absent}


def checked_lifetime(chosen_s: int | None, usual_s: int | None) -> int | None:
    """Give the lifetime of tokens, in seconds: the usual one, unless one is chosen. Raises ValueError out of range."""
    if chosen_s is not None and not 1 <= chosen_s <= LONGEST_S:
        raise ValueError(f"Tokens cannot live for {chosen_s} seconds.")
    return usual_s if chosen_s is None else chosen_s


def _equal(sent: str, ours: str) -> bool:
    """Compare text that may hold lone surrogates, which JSON can spell."""
    return hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), ours.encode())
