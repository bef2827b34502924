"""Paysera Checkout."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from tokendeck.sandbox.dialects.dialect import Dialect
from tokendeck.sandbox.dialects.reading import FORM, check_client_credentials, read_parameters
from tokendeck.sandbox.issuer import Standing
from tokendeck.sandbox.message import json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tokendeck.sandbox.issuer import Terms, Token
    from tokendeck.sandbox.message import JsonValue, Reply, Request
    from tokendeck.sandbox.script import Endpoint

REQUESTS_PER_WINDOW = 50
WINDOW = timedelta(minutes=1)


class Paysera(Dialect):
    """
    Source: Paysera Checkout, "Authentication" and "Rate Limits".

    The page shows two error bodies: for invalid credentials and for an expired token. The sandbox's choice: 401 for the
    first, other errors in the same shape, "Token is invalid" where a token is not merely expired, and a rate limit
    window that begins with a caller's first request. Only the API counts towards the limit, whatever the call's
    outcome.
    """

    provider = "paysera"
    paths: ClassVar[Mapping[Endpoint, str]] = {
        "token": "/auth/realms/Paysera/protocol/openid-connect/token",
        "api": "/checkout-project/integration/v1/methods",
    }
    credential_fields = ("client_id", "client_secret")
    usual_lifetime_s: ClassVar[int | None] = 3600
    mints_jwt = True
    failed_client = "Invalid client credentials"

    def __init__(self, now: Callable[[], datetime], lifetime_s: int | None, fields: Mapping[str, str]) -> None:
        """Begin with full rate limits."""
        super().__init__(now, lifetime_s, fields)
        self._windows: dict[str, tuple[datetime, int]] = {}

    def grant(self, request: Request) -> Terms:
        """Check the form's three parameters."""
        parameters = read_parameters(request, FORM)
        self.check_in_body(request, parameters, "grant_type")
        check_client_credentials(parameters)
        return self.terms("profile email")

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """All six members of the page's example."""
        return {
            "access_token": token.text,
            "expires_in": token.terms.lifetime_s,
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": token.terms.scope,
        }

    def answer_api(self, request: Request, *, address_off_list: bool = False) -> Reply:
        """Answer within the rate limit, beyond it with 429; each answer carries the three rate limit headers."""
        now = self.now()
        began_at, used = self._windows.get(request.peer, (now, 0))
        if not began_at <= now < began_at + WINDOW:
            began_at, used = now, 0
        used += 1
        self._windows[request.peer] = began_at, used
        if used > REQUESTS_PER_WINDOW:
            reply = json_reply(429, {"error": "too_many_requests", "error_description": "Rate limit exceeded"})
        else:
            reply = super().answer_api(request, address_off_list=address_off_list)
        return reply.with_headers(
            ("X-RateLimit-Limit", str(REQUESTS_PER_WINDOW)),
            ("X-RateLimit-Remaining", str(max(0, REQUESTS_PER_WINDOW - used))),
            ("X-RateLimit-Reset", str(math.ceil((began_at + WINDOW - now).total_seconds()))),
        )

    def api_result(self) -> JsonValue:
        """Two payment methods."""
        return {"methods": [{"key": "card"}, {"key": "bank_transfer"}]}

    def bad_token(self, standing: Standing) -> str:
        """The page's words for an expired token, the sandbox's for any other."""
        return "Token is expired" if standing is Standing.EXPIRED else "Token is invalid"
