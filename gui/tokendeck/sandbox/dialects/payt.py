"""Payt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tokendeck.sandbox.dialects.dialect import AWKWARD, Dialect
from tokendeck.sandbox.dialects.reading import (
    FORM,
    JSON,
    MULTIPART,
    Refusal,
    basic_credentials,
    check_names,
    read_parameters,
)
from tokendeck.sandbox.dialects.sign_in import SignInApplication

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tokendeck.sandbox.issuer import Terms, Token
    from tokendeck.sandbox.message import JsonValue, Request
    from tokendeck.sandbox.script import Endpoint


class Payt(Dialect):
    """
    Source: Payt, "Connections".

    Two applications, since the grant of one is fixed: client_credentials, and beside it `sign_in`. The page shows the
    former's parameter as a JSON object and as a multipart form; RFC 6749, section 4.4.2, has a form. All three are
    taken. It shows no token answer, no error body and no API call. The sandbox's choice: `access_token` and, where a
    person signed in, `refresh_token` alone, `expires_in` only where a lifetime differs from the page's, errors as RFC
    6749 has them, an API path that only proves token and address, 401 `invalid_token` there, and `forbidden` for an
    address off the allow list.
    """

    provider = "payt"
    paths: ClassVar[Mapping[Endpoint, str]] = {
        "token": "/oauth/token",
        "authorize": "/oauth/authorize",
        "api": "/api/some-endpoint",
    }
    credential_fields = ("client_id", "client_secret")
    usual_lifetime_s: ClassVar[int | None] = None
    secret_ending = AWKWARD
    failed_client = "Client authentication failed"

    def __init__(self, now: Callable[[], datetime], lifetime_s: int | None, fields: Mapping[str, str]) -> None:
        """Set up both applications; the lifetime is that of `sign_in`'s tokens, since the other's never expire."""
        super().__init__(now, None, fields)
        self.sign_in = SignInApplication(self.issuer, now, lifetime_s, authorize_path=self.paths["authorize"])

    def revoke_tokens(self) -> None:
        """Refresh tokens and codes included."""
        super().revoke_tokens()
        self.sign_in.revoke_families()

    def grant(self, request: Request) -> Terms:
        """Check Basic authentication and what the grant type asks for."""
        parameters = read_parameters(request, FORM, MULTIPART, JSON)
        credentials = basic_credentials(request)
        signs_in = self.sign_in.is_client(credentials)
        if not signs_in:
            self.check_basic(credentials)
        match parameters.get("grant_type"):
            case "client_credentials" if not signs_in:
                check_names(parameters, "grant_type")
                return self.terms()
            case "authorization_code" | "refresh_token" if signs_in:
                return self.sign_in.grant(parameters)
            case "client_credentials" | "authorization_code" | "refresh_token":
                raise Refusal(400, "unauthorized_client", "This application uses the other grant")
            case None:
                raise Refusal(400, "invalid_request", "The parameter grant_type is missing")
            case _:
                raise Refusal(400, "unsupported_grant_type", "There is no such grant type")

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """State nothing but the tokens, and a lifetime that nobody could know."""
        terms = token.terms
        members: dict[str, JsonValue] = {"access_token": token.text}
        if terms.refresh_token:
            members["refresh_token"] = terms.refresh_token
        if terms.family is not None and terms.lifetime_s != self.sign_in.usual_lifetime_s:
            members["expires_in"] = terms.lifetime_s
        return members

    def api_result(self) -> JsonValue:
        """Nothing but success."""
        return {"ok": True}
