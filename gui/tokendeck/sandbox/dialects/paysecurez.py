"""PaySecurez."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tokendeck.sandbox.dialects.dialect import Dialect
from tokendeck.sandbox.dialects.reading import JSON, read_parameters
from tokendeck.sandbox.message import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.sandbox.dialects.reading import Refusal
    from tokendeck.sandbox.issuer import Standing, Terms, Token
    from tokendeck.sandbox.message import JsonValue, Request
    from tokendeck.sandbox.script import Endpoint


class PaySecurez(Dialect):
    """
    Source: PaySecurez, "Authentication".

    The page shows one error body, for an expired or invalid token, and `/some-endpoint` as a placeholder. The sandbox's
    choice: the same shape for every error, and an answer of its own at the placeholder.
    """

    provider = "paysecurez"
    paths: ClassVar[Mapping[Endpoint, str]] = {"token": "/api/token", "api": "/some-endpoint"}
    credential_fields = ("client_id", "client_secret")
    usual_lifetime_s: ClassVar[int | None] = 1800
    mints_jwt = True
    failed_client = "Invalid client credentials"

    def grant(self, request: Request) -> Terms:
        """Check the JSON body's two members."""
        self.check_in_body(request, read_parameters(request, JSON))
        return self.terms()

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """All three members of the page's example."""
        return {"access_token": token.text, "expires_in": token.terms.lifetime_s, "token_type": "Bearer"}

    def api_result(self) -> JsonValue:
        """Nothing but success."""
        return {"ok": True}

    def error_members(self, refusal: Refusal) -> dict[str, JsonValue]:
        """Status, its reason phrase, and what went wrong."""
        return {"statusCode": refusal.status, "message": phrase(refusal.status), "error": refusal.description}

    def bad_token(self, standing: Standing) -> str:  # noqa: ARG002 - the page has the same words for all of them
        """The page's words."""
        return "Invalid or expired token"
