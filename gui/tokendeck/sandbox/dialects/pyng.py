"""PYNG Checkout."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

from tokendeck.sandbox.dialects.dialect import AWKWARD, Dialect
from tokendeck.sandbox.dialects.reading import (
    FORM,
    Refusal,
    basic_credentials,
    check_client_credentials,
    check_names,
    read_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.sandbox.issuer import Terms, Token
    from tokendeck.sandbox.message import JsonValue, Request
    from tokendeck.sandbox.script import Endpoint


class Pyng(Dialect):
    """
    Source: PYNG Checkout, "Authentication".

    The page shows one error body, for failed client authentication, and no API call. The sandbox's choice: other errors
    in the same shape with RFC 6749's codes, an API path that only proves the token, and 401 `invalid_token` there.
    """

    provider = "pyng"
    paths: ClassVar[Mapping[Endpoint, str]] = {"token": "/checkout/oauth2/token", "api": "/checkout/some-endpoint"}
    credential_fields = ("username", "password")
    usual_lifetime_s: ClassVar[int | None] = 3600
    secret_ending = AWKWARD
    content_type = "application/json;charset=UTF-8"
    failed_client = "Client authentication failed"

    def random_fields(self) -> dict[str, str]:
        """Credentials and the scope that onboarding gives."""
        return super().random_fields() | {"scope": f"pyng_scope_{secrets.token_hex(4)}"}

    def grant(self, request: Request) -> Terms:
        """Check Basic authentication and the form's two parameters; what is granted differs from what was asked."""
        parameters = read_parameters(request, FORM)
        self.check_basic(basic_credentials(request))
        check_names(parameters, "grant_type", "scope")
        check_client_credentials(parameters)
        if parameters["scope"] != self.fields["scope"]:
            raise Refusal(400, "invalid_scope", "The scope is not one given at onboarding")
        return self.terms("pyng_granted_scope_1 pyng_granted_scope_2")

    def token_members(self, token: Token) -> dict[str, JsonValue]:
        """All four members that the page requires."""
        return {
            "access_token": token.text,
            "token_type": "Bearer",
            "expires_in": token.terms.lifetime_s,
            "scope": token.terms.scope,
        }

    def api_result(self) -> JsonValue:
        """Nothing but success."""
        return {"ok": True}
