"""The exact request that a connection sends: built once, sent by `oauth`, shown masked by the window."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tokendeck.core.client_proof import PROVING_PARAMETERS, BasicAuth, ClientCertificate, proof_of
from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import BadUrl, FieldError
from tokendeck.core.frozen import dataclass, field
from tokendeck.core.origin import origin_of
from tokendeck.core.pem import certificate_complaint, private_key_complaint
from tokendeck.core.provider import BodyKind, ClientAuthMethod, Exchange, Provider, TestCall
from tokendeck.core.secret import Secret, Text
from tokendeck.core.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.core.client_proof import ClientProof
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Field, Grant
    from tokendeck.core.token import TokenSet


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, ready but for its encoding."""

    method: str
    url: str
    """Absolute; never holds a secret."""

    body: BodyKind = BodyKind.NONE
    parameters: Mapping[str, object] = field(default_factory=dict)
    """By name: `Text`, constants of JSON, or dicts and lists of them; in a form only `Text` and constants."""

    headers: Mapping[str, Text] = field(default_factory=dict)
    proof: ClientProof | None = None
    """How the client proves itself; None where the parameters do, or nobody has to."""

    @property
    def origin(self) -> str:
        """Where it goes, as `origin_of` spells it."""
        return _origin_of(self.url)


# Asked several times for each request, and few URLs make up most of them; that none holds a secret lets them be kept.
_origin_of = lru_cache(maxsize=64)(origin_of)


def connection_values(
    provider: Provider, connection: Connection, secrets: Mapping[str, Secret]
) -> dict[str, str | Secret]:
    """
    Give everything that templates may name: base URLs, then what the user filled in.

    A `base_url` of the connection takes the place of every base URL of its environment. Empty values are left out, so
    that a template which needs one is noticed. Raises `BadUrl` for a `base_url` to which no path can be added.
    """
    environment = provider.environment(connection.environment)
    values: dict[str, str | Secret] = dict(environment.base_urls) if environment else {}
    names = {name for one in provider.environments for name in one.base_urls} | {BASE_URL}
    moved = connection.overrides.get(BASE_URL) or connection.values.get(BASE_URL)
    if moved and "?" in moved:
        raise BadUrl(moved, "a base URL without a ? part, since paths are added to it")
    if moved:
        values |= dict.fromkeys(names, moved.rstrip("/"))
    values |= {key: value for key, value in connection.values.items() if value and key not in names}
    values |= {key: secret for key, secret in secrets.items() if secret}
    return values


def build_mint(exchange: Exchange, values: Mapping[str, str | Secret], *, optional: frozenset[str]) -> Request:
    """
    Build the request that asks for a token.

    Args:
        exchange: the grant's mint or refresh.
        values: from `connection_values`, and for a refresh the `refresh_token`.
        optional: fields that may stay empty; a parameter that names an empty one is left out.

    Whatever else would prove the client is left out: it proves itself in one way at a time (RFC 6749, section 2.3).

    Raises:
        FieldError: a required field is empty, or a secret would stand in the URL.
        BadUrl: the URL is none that requests are sent to.

    """
    url, auth, absent = _url(exchange.url, values), exchange.client_auth, optional - values.keys()
    proof = proof_of(auth, values, url)
    if proof is not None and auth.user is not None and auth.password is not None:
        proving = auth.user.names | auth.password.names
        absent |= {name for name in proving if isinstance(values[name], Secret)}
    parameters = _fill_all(exchange.parameters, values, absent)
    if proof is not None and not isinstance(proof, BasicAuth):
        parameters = {name: value for name, value in parameters.items() if name not in PROVING_PARAMETERS}
    if isinstance(proof, ClientCertificate) and auth.user is not None:
        # A certificate does not say which client it belongs to: RFC 8705, section 2.
        parameters = {"client_id": auth.user.fill(values), **parameters}
    return Request(
        method=exchange.method,
        url=url,
        body=exchange.body,
        parameters=parameters,
        headers={
            name: template.fill(values) for name, template in exchange.headers.items() if not template.names & absent
        },
        proof=proof,
    )


def mint_request(
    provider: Provider,
    connection: Connection,
    secrets: Mapping[str, Secret],
    *,
    refresh_token: Secret | None = None,
    brought: Mapping[str, str | Secret] | None = None,
) -> Request:
    """
    Build the request for a token: a refresh where there is a refresh token, else a mint. Raises as `build_mint`.

    What signing in `brought` is named by the mint's templates beside the connection's own values.
    """
    grant = provider.grant(connection.grant)
    if refresh_token is None or grant.refresh is None:
        return grant_request(grant.mint, provider, connection, secrets, brought or {})
    return grant_request(grant.refresh, provider, connection, secrets, {"refresh_token": refresh_token})


def grant_request(
    exchange: Exchange,
    provider: Provider,
    connection: Connection,
    secrets: Mapping[str, Secret],
    brought: Mapping[str, str | Secret],
) -> Request:
    """
    Build one of a grant's requests. Raises as `build_mint`.

    Its templates may name what was `brought` beside the connection's own values.
    """
    values = connection_values(provider, connection, secrets) | dict(brought)
    optional = frozenset(one.key for one in provider.fields_of(connection.grant) if not one.required)
    return build_mint(exchange, values, optional=optional)


def build_call(
    call: TestCall, values: Mapping[str, str | Secret], token: TokenSet, *, grant: Grant | None = None
) -> Request:
    """
    Build a test call; raises as `build_mint` does.

    The token travels in the Authorization header only: RFC 6750, section 2.1. Where the client of its `grant` shows a
    certificate, the call shows the same one, since the token may be bound to it: RFC 8705, section 3.
    """
    auth = grant.mint.client_auth if grant else None
    shown = proof_of(auth, values, "") if auth is not None and auth.method is ClientAuthMethod.TLS else None
    headers = {name: template.fill(values) for name, template in call.headers.items()}
    headers["Authorization"] = Text(f"{token.token_type} ", token.access_token)
    return Request(method=call.method, url=_url(call.url, values), headers=headers, proof=shown)


def origins_of(provider: Provider, connection: Connection) -> tuple[str, ...]:
    """
    Give every origin that this connection's own descriptor sends to: token endpoints first, then test calls.

    These are what a user confirms by adding the connection. Raises as `build_mint` does.
    """
    values = connection_values(provider, connection, {})
    grant = provider.grant(connection.grant)
    exchanges = (grant.mint, grant.refresh, grant.device, grant.revoke, grant.introspect)
    templates = [exchange.url for exchange in exchanges if exchange is not None]
    templates += [call.url for call in provider.test_calls]
    return tuple(dict.fromkeys(origin_of(_url(template, values)) for template in templates))


def check_fields(provider: Provider, grant_id: str, filled: Mapping[str, str | Secret]) -> Iterable[FieldError]:
    """Give what is wrong with the filled-in fields, in the form's order: missing, malformed or unknown."""
    fields = provider.fields_of(grant_id)
    for one in fields:
        value = filled.get(one.key, "")
        complaint = _complaint(one, value.reveal() if isinstance(value, Secret) else value)
        if complaint:
            yield FieldError(one.key, complaint)
    for key in sorted(filled.keys() - {one.key for one in fields}):
        yield FieldError(key, "a field that this provider has: " + ", ".join(one.key for one in fields))


def _complaint(field: Field, text: str) -> str:
    """Say what should stand in a field instead of `text`; empty where it is right."""
    if not text.strip():
        return "a value" if field.required else ""
    if field.multiline:
        return private_key_complaint(text) if field.secret else certificate_complaint(text)
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
        return "one line, without control characters"
    if field.is_url:
        try:
            origin_of(text)
        except BadUrl as error:
            return error.expected
    elif field.pattern and not re.fullmatch(field.pattern, text):
        return field.pattern_hint or f"text like {field.example}"
    return ""


def _url(template: Template, values: Mapping[str, str | Secret]) -> str:
    text = template.fill(values)
    if text.is_secret:
        raise FieldError(template.source, "a URL without a secret in it")
    url = text.reveal()
    origin_of(url)
    return url


def _fill_all(
    parameters: Mapping[str, object], values: Mapping[str, str | Secret], absent: frozenset[str]
) -> dict[str, object]:
    filled = {name: _fill(value, values, absent) for name, value in parameters.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _fill(value: object, values: Mapping[str, str | Secret], absent: frozenset[str]) -> object:
    """Fill one parameter; None means leave it out."""
    match value:
        case Template():
            return None if value.names & absent else value.fill(values)
        case dict():
            return _fill_all(value, values, absent)
        case list():
            return [one for one in (_fill(item, values, absent) for item in value) if one is not None]
        case _:
            return value
