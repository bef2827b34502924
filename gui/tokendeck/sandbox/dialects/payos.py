"""PayOS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tokendeck.sandbox.dialects.dialect import Dialect
from tokendeck.sandbox.dialects.reading import JSON, read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.sandbox.dialects.reading import Refusal
    from tokendeck.sandbox.issuer import Terms, Token
    from tokendeck.sandbox.message import JsonValue, Request
    from tokendeck.sandbox.script import Endpoint


class PayOS(Dialect):
    """
    Source: PayOS, "Authentication".

    The page names no grant, and shows neither a token answer nor an error body, only 401 for failed authentication. The
    sandbox's choice: `access_token` alone, tokens that live for an hour without saying so, errors with `error` and
    `message`, 400, 405 and 415 for malformed requests, and an empty list of payments.
    """

    provider = "payos"
    paths: ClassVar[Mapping[Endpoint, str]] = {"token": "/api/v1/oauth2/token", "api": "/api/v1/payment"}
    credential_fields = ("merchantId", "clientSecret")
    usual_lifetime_s: ClassVar[int | None] = 3600
    failed_client = "Authentication failed"

    def grant(self, request: Request) -> Terms:
        """Check the JSON body's two members."""
        self.check_in_body(request, read_parameters(request, JSON))
        return self.terms()

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """State nothing but the token."""
        return {"access_token": token.text}

    def api_result(self) -> JsonValue:
        """No payments."""
        return {"payments": []}

    def error_members(self, refusal: Refusal) -> dict[str, JsonValue]:
        """Not the RFC's names: nothing on the page suggests them."""
        return {"error": "unauthorized" if refusal.status == 401 else "bad_request", "message": refusal.description}
