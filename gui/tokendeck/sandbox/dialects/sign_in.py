"""Payt's application of the other grant: a person is asked, in a browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlencode, urlsplit

from tokendeck.sandbox.dialects import consent
from tokendeck.sandbox.dialects.dialect import AWKWARD, checked_lifetime
from tokendeck.sandbox.dialects.reading import FORM, Refusal, check_method, check_names, read_parameters, read_query
from tokendeck.sandbox.families import Families
from tokendeck.sandbox.issuer import Terms
from tokendeck.sandbox.message import NO_STORE, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tokendeck.sandbox.families import Family
    from tokendeck.sandbox.issuer import Issuer
    from tokendeck.sandbox.message import Request

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 as base64url: RFC 7636, section 4.2."""

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, section 4.1."""

REDIRECT_URI = re.compile(r"https?://[!-~]+")
ALLOWED = frozenset({"response_type", "client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"})
DEAD = "The code or refresh token is expired, spent, revoked, or was never given"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the application asked a person for."""

    redirect_uri: str
    state: str | None
    challenge: str | None
    """Of PKCE, method S256; None where the application sent none."""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The first tokens of a family."""

    access_token: str
    refresh_token: str


class SignInApplication:
    """
    Payt's application of the authorization_code grant.

    The page wants the registered redirect URI in the authorize URL and in the token request, has tokens live for two
    hours, and refreshes them. It shows neither request nor answer. The sandbox's choice: RFC 6749 for both,
    `bad_request` for a wrong parameter of the authorize URL, PKCE checked for who uses it, refresh tokens good for one
    use, and an access token that a refresh leaves alive.
    """

    usual_lifetime_s: ClassVar[int] = 7200

    def __init__(
        self, issuer: Issuer, now: Callable[[], datetime], lifetime_s: int | None, *, authorize_path: str
    ) -> None:
        """
        Set up an application with random credentials and no redirect URI.

        Args:
            issuer: mints its access tokens.
            now: gives aware UTC.
            lifetime_s: of access tokens, in seconds; None means two hours. Raises ValueError as a dialect does.
            authorize_path: where its consent page is.

        """
        self._issuer = issuer
        self._path = authorize_path
        self._lifetime_s = checked_lifetime(lifetime_s, self.usual_lifetime_s)
        self._fields = {"client_id": f"payt-sign-in-{secrets.token_hex(8)}", "client_secret": _random_secret()}
        self._families: Families[Asked] = Families(issuer, now)
        self._waiting: dict[str, Asked] = {}

    @property
    def fields(self) -> dict[str, str]:
        """What a user fills in; a copy. `redirect_uri` is among it once registered; starting the sandbox does that."""
        return dict(self._fields)

    def register(self, redirect_uri: str) -> None:
        """Register the one redirect URI in place of another. Raises ValueError for what is none."""
        if not REDIRECT_URI.fullmatch(redirect_uri) or not urlsplit(redirect_uri).hostname or "#" in redirect_uri:
            raise ValueError("A redirect URI is an absolute http or https URL without a fragment.")
        self._fields["redirect_uri"] = redirect_uri

    def rotate_secret(self) -> dict[str, str]:
        """Replace the client secret; gives the fields from now on. Live tokens stay valid."""
        self._fields["client_secret"] = _random_secret()
        return self.fields

    def sign_in(self) -> TokenPair:
        """Start a family as if a person had consented, without a browser."""
        terms = self._terms(self._families.start())
        return TokenPair(self._issuer.mint(terms).text, terms.refresh_token)

    def revoke_families(self) -> None:
        """Revoke every token and every code that came of a consent."""
        self._families.revoke_all()

    def is_client(self, basic: bytes | None) -> bool:
        """Tell whether these are its id and secret, joined with a colon as they are."""
        expected = f"{self._fields['client_id']}:{self._fields['client_secret']}".encode()
        return basic is not None and hmac.compare_digest(basic, expected)

    def answer_authorize(self, request: Request) -> Reply:
        """Show the consent page, or send the browser on with what the person decided."""
        try:
            check_method(request, "GET", "POST")
            return self._ask(request) if request.method == "GET" else self._decide(request)
        except Refusal as refusal:
            return consent.refusal_page(refusal)

    def grant(self, parameters: Mapping[str, str]) -> Terms:
        """Give what a code or a refresh token is worth; the client has authenticated. Raises `Refusal`."""
        if parameters["grant_type"] == "refresh_token":
            check_names(parameters, "grant_type", "refresh_token")
            family = self._families.rotate(parameters["refresh_token"])
        else:
            verifier = parameters.get("code_verifier")
            check_names(
                parameters, "grant_type", "code", "redirect_uri", *(() if verifier is None else ("code_verifier",))
            )
            redirect_uri = parameters["redirect_uri"]
            self._check_redirect_uri(redirect_uri)
            family = self._families.redeem(
                parameters["code"],
                lambda asked: asked.redirect_uri == redirect_uri and _is_verified(asked.challenge, verifier),
            )
        if family is None:
            raise Refusal(400, "invalid_grant", DEAD)
        return self._terms(family)

    def _ask(self, request: Request) -> Reply:
        given = read_query(request)
        if given.get("client_id") != self._fields["client_id"]:
            raise Refusal(400, "bad_request", "There is no such application")
        self._check_redirect_uri(given.get("redirect_uri"))
        asked = Asked(given["redirect_uri"], given.get("state"), given.get("code_challenge"))
        if error := _wrong(given):
            return _send_on(asked, error=error)
        ticket = secrets.token_urlsafe(32)
        self._waiting[ticket] = asked
        return consent.consent_page(given["client_id"], asked.redirect_uri, path=self._path, ticket=ticket)

    def _decide(self, request: Request) -> Reply:
        answer = read_parameters(request, FORM)
        check_names(answer, consent.TICKET, consent.DECISION)
        asked = self._waiting.pop(answer[consent.TICKET], None)
        if asked is None:
            raise Refusal(400, "bad_request", "This page was answered already, or never asked")
        match answer[consent.DECISION]:
            case consent.ALLOW:
                return _send_on(asked, code=self._families.give_code(asked))
            case consent.DENY:
                return _send_on(asked, error="access_denied")
            case _:
                raise Refusal(400, "bad_request", "There are two buttons")

    def _check_redirect_uri(self, given: str | None) -> None:
        if given is None or given != self._fields.get("redirect_uri"):
            raise Refusal(400, "bad_request", "The redirect URI differs from the registered one")

    def _terms(self, family: Family) -> Terms:
        return Terms(self._fields["client_id"], "", self._lifetime_s, family)


def _wrong(given: Mapping[str, str]) -> str:
    """Give the error that a right application's wrong request is sent back with; empty for none."""
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if not given.keys() <= ALLOWED or "response_type" not in given:
        return "bad_request"
    if given["response_type"] != "code":
        return "unsupported_response_type"
    is_whole = (challenge is None) == (method is None)
    if not is_whole or (challenge is not None and (method != "S256" or not CHALLENGE.fullmatch(challenge))):
        return "bad_request"  # a challenge without a method would be plain: RFC 7636, section 4.3
    return ""


def _is_verified(challenge: str | None, verifier: str | None) -> bool:
    """Tell whether a verifier fits; one without a challenge hints at a code that was slipped in: RFC 9700, 2.1.1."""
    if challenge is None or verifier is None:
        return challenge is verifier
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())


def _send_on(asked: Asked, **answer: str) -> Reply:
    """Send the browser to the redirect URI. 303 has it forget the form: RFC 9700, section 4.12."""
    state = {} if asked.state is None else {"state": asked.state}
    mark = "&" if "?" in asked.redirect_uri else "?"
    location = f"{asked.redirect_uri}{mark}{urlencode(answer | state)}"
    return Reply(303, (("Location", location), *NO_STORE, ("Referrer-Policy", "no-referrer")), b"")


def _random_secret() -> str:
    return secrets.token_urlsafe(24) + AWKWARD
