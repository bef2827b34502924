"""A token as it was asked for: bare, as a header, as a command, as a variable, as JSON. Pure: values in, text out."""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.formats import expires_at
from tokendeck.cli.invocation import TokenForm
from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import FieldError
from tokendeck.core.expiry import source_word
from tokendeck.core.provider import ClientAuthMethod
from tokendeck.core.request import Request, build_call, connection_values, origins_of
from tokendeck.core.secret import Text

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider
    from tokendeck.core.token import TokenSet

BY_CERTIFICATE = ("--cert", "CERTIFICATE.pem", "--key", "KEY.pem")
"""A token that was got by a certificate is bound to it (RFC 8705, section 3), and of no use without."""


def token_text(form: TokenForm, tokens: TokenSet, connection: Connection, provider: Provider) -> str:
    """Give the access token in this form."""
    access_token = tokens.access_token.reveal()
    match form:
        case TokenForm.RAW:
            return access_token
        case TokenForm.HEADER:
            return f"Authorization: {tokens.token_type} {access_token}"
        case TokenForm.CURL:
            auth = provider.grant(connection.grant).mint.client_auth
            shows_certificate = auth.method is ClientAuthMethod.TLS
            return _curl(example_request(provider, connection, tokens), shows_certificate=shows_certificate)
        case TokenForm.ENV:
            return f"export {variable_name(connection.name)}={shlex.quote(access_token)}"
        case TokenForm.JSON:
            expiry, scope = tokens.facts.expiry, tokens.facts.scope
            return json.dumps(
                {
                    "access_token": access_token,
                    "token_type": tokens.token_type,
                    "expires_at": expires_at(expiry),
                    "expiry_source": source_word(expiry),
                    "scope": None if scope is None else " ".join(scope),
                }
            )
        case _:
            assert_never(form)


def variable_name(name: str) -> str:
    """Give the environment variable for a connection's token: `Paysera (live)` becomes `PAYSERA_LIVE_ACCESS_TOKEN`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Z0-9]+", plain.upper()) or ["TOKENDECK"]
    joined = "_".join([*words, "ACCESS_TOKEN"])
    return f"_{joined}" if joined[0].isdigit() else joined


def example_request(provider: Provider, connection: Connection, tokens: TokenSet) -> Request:
    """Give the first test call that needs no secret but the token; where there is none, a GET of the base URL."""
    values = connection_values(provider, connection, {})
    for call in provider.test_calls:
        try:
            return build_call(call, values, tokens)
        except FieldError:
            continue
    environment = provider.environment(connection.environment)
    names = [*(environment.base_urls if environment else ()), BASE_URL]
    base = next((value for name in names if isinstance(value := values.get(name), str)), None)
    return Request(
        method="GET",
        url=base or origins_of(provider, connection)[0],
        headers={"Authorization": Text(f"{tokens.token_type} ", tokens.access_token)},
    )


def _curl(request: Request, *, shows_certificate: bool) -> str:
    """Write a command; the files of a certificate that it has to show are for its user to fill in."""
    words = ["curl", *(BY_CERTIFICATE if shows_certificate else ())]
    if request.method != "GET":
        words += ["--request", request.method]
    for name, value in request.headers.items():
        words += ["--header", f"{name}: {value.reveal()}"]
    return shlex.join([*words, request.url])
