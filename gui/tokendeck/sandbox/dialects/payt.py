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
    invalid,
    read_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.sandbox.issuer import Token
    from tokendeck.sandbox.message import JsonValue, Request
    from tokendeck.sandbox.script import Endpoint


class Payt(Dialect):
    """
    Source: Payt, "Connections".

    An application of the client_credentials grant, which is fixed per application. The page shows its parameter as a
    JSON object and as a multipart form; RFC 6749, section 4.4.2, has a form. All three are taken. It shows no token
    answer, no error body and no API call. The sandbox's choice: `access_token` alone, errors as RFC 6749 has them, an
    API path that only proves token and address, 401 `invalid_token` there, and `forbidden` for an address off the
    allow list.
    """

    provider = "payt"
    paths: ClassVar[Mapping[Endpoint, str]] = {"token": "/oauth/token", "api": "/api/some-endpoint"}
    credential_fields = ("client_id", "client_secret")
    usual_lifetime_s: ClassVar[int | None] = None
    secret_ending = AWKWARD
    failed_client = "Client authentication failed"

    def grant(self, request: Request) -> str:
        """Check Basic authentication and what the grant type asks for."""
        parameters = read_parameters(request, FORM, MULTIPART, JSON)
        self.check_basic(basic_credentials(request))
        match parameters.get("grant_type"):
            case "client_credentials":
                check_names(parameters, "grant_type")
            case "authorization_code" | "refresh_token":
                raise Refusal(400, "unauthorized_client", "This application uses the client_credentials grant")
            case None:
                invalid("The parameter grant_type is missing")
            case _:
                raise Refusal(400, "unsupported_grant_type", "There is no such grant type")
        return ""

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """State nothing but the token."""
        return {"access_token": token.text}

    def api_result(self) -> JsonValue:
        """Nothing but success."""
        return {"ok": True}
