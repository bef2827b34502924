"""The `[grants.…]` and `[test_calls.…]` tables: what is sent, where to, and how the answer is read."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.provider import (
    AnswerShape,
    Authorize,
    BodyKind,
    ClientAuthMethod,
    Exchange,
    Grant,
    GrantKind,
    Renewal,
    RenewalPolicy,
    TestCall,
)
from tokendeck.core.renewal import DEFAULT_LEAD
from tokendeck.core.template import Template
from tokendeck.providers.client_auth import check_carried, for_token_endpoint, read_client_auth
from tokendeck.providers.templates import checked_template, template_at
from tokendeck.providers.vocabulary import (
    DEVICE_NAMES,
    REFRESH_NAMES,
    SIGN_IN_NAMES,
    TOKEN_NAMES,
    Place,
    Vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.providers.table import Table

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A token: RFC 9110, section 5.6.2."""

OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
"""What the sending itself decides."""

ATTEMPT_PARAMETERS = frozenset(
    {"response_type", "redirect_uri", "state", "code_challenge", "code_challenge_method", "response_mode", "request"}
)
"""What every attempt to sign in sets by itself, or what would lead its answer elsewhere."""

FLOW_NAMES = {
    GrantKind.CLIENT_CREDENTIALS: frozenset[str](),
    GrantKind.AUTHORIZATION_CODE: SIGN_IN_NAMES,
    GrantKind.DEVICE_CODE: DEVICE_NAMES,
}


class MintMethod(Enum):
    """By which methods tokens are asked for."""

    POST = "POST"
    PUT = "PUT"
    GET = "GET"


class CallMethod(Enum):
    """By which methods test calls are made."""

    GET = "GET"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


def read_grant(table: Table, grant_id: str, words: Vocabulary) -> Grant:
    """Read one `[grants.ID]` table; `words` are the names that its templates may use."""
    kind = table.choice("kind", GrantKind, _kind_of(grant_id))
    for part, owner in (("authorize", GrantKind.AUTHORIZATION_CODE), ("device", GrantKind.DEVICE_CODE)):
        if part in table and kind is not owner:
            raise table.error(part, f"nothing: kind {kind.value} has none")
    mint = _read_exchange(table, words.with_flow(FLOW_NAMES[kind]), None)
    for name in sorted(FLOW_NAMES[kind]):
        _check_sends(table, mint, name)
    lifetime = table.seconds("lifetime_s", least=1)
    never_expires = table.flag("never_expires", default=False)
    if never_expires and lifetime is not None:
        raise table.error("never_expires", "either this or lifetime_s")
    grant = Grant(
        id=grant_id,
        name=table.text("name", grant_id.replace("_", " ").capitalize()),
        kind=kind,
        mint=mint,
        refresh=_read_refresh(table, words, mint),
        answer=_read_answer(table.table("answer")),
        renewal=_read_renewal(table.table("renewal")),
        declared_lifetime=lifetime,
        never_expires=never_expires,
        authorize=_read_authorize(table.table("authorize"), words) if kind is GrantKind.AUTHORIZATION_CODE else None,
        device=_read_device(table, words, mint) if kind is GrantKind.DEVICE_CODE else None,
        revoke=_read_about_token(table, "revoke", words, mint),
        introspect=_read_about_token(table, "introspect", words, mint),
    )
    table.finish()
    return grant


def read_test_call(table: Table, call_id: str, words: Vocabulary) -> TestCall:
    """Read one `[test_calls.ID]` table."""
    call = TestCall(
        id=call_id,
        name=table.text("name"),
        method=table.choice("method", CallMethod, CallMethod.GET).value,
        url=template_at(table, "url", words, Place.URL),
        headers=_read_headers(table, words, Place.NEEDED, taken={"authorization"}),
    )
    table.finish()
    return call


def _kind_of(grant_id: str) -> GrantKind | None:
    return next((kind for kind in GrantKind if kind.value == grant_id), None)


def _read_authorize(table: Table, words: Vocabulary) -> Authorize:
    parameters = table.table("parameters")
    authorize = Authorize(
        url=template_at(table, "url", words, Place.URL),
        parameters={name: _sign_in_parameter(parameters, name, words) for name in parameters.names()},
        issuer=table.text("issuer", ""),
        names_issuer=table.flag("names_issuer", default=False),
    )
    if authorize.names_issuer and not authorize.issuer:
        raise table.error("names_issuer", "an issuer beside it, to compare with")
    table.finish()
    return authorize


def _sign_in_parameter(parameters: Table, name: str, words: Vocabulary) -> Template:
    if name in ATTEMPT_PARAMETERS:
        raise parameters.error(name, "another parameter: Tokendeck sets this one itself")
    return template_at(parameters, name, words, Place.QUERY)


def _read_device(table: Table, words: Vocabulary, mint: Exchange) -> Exchange:
    if "device" not in table:
        raise table.error("device", "a table: it says where a device code is asked for")
    device = table.table("device")
    exchange = _read_elsewhere(device, words, mint)
    device.finish()
    return exchange


def _read_refresh(table: Table, words: Vocabulary, mint: Exchange) -> Exchange | None:
    refresh = table.table("refresh")
    if "refresh" not in table:
        return None
    exchange = _read_exchange(refresh, words.with_flow(REFRESH_NAMES), mint)
    refresh.finish()
    _check_sends(refresh, exchange, "refresh_token")
    return exchange


def _read_about_token(table: Table, name: str, words: Vocabulary, mint: Exchange) -> Exchange | None:
    part = table.table(name)
    if name not in table:
        return None
    exchange = _read_elsewhere(part, words.with_flow(TOKEN_NAMES), mint)
    part.finish()
    _check_sends(part, exchange, "token")
    return exchange


def _read_elsewhere(table: Table, words: Vocabulary, mint: Exchange) -> Exchange:
    """Read a request that never goes to where tokens are asked for, so that its address must be told."""
    table.text("url")
    return _read_exchange(table, words, mint)


def _read_exchange(table: Table, words: Vocabulary, mint: Exchange | None) -> Exchange:
    """Read one request; what the file leaves out beside a `mint` is as in that one, but for the parameters."""
    method = table.choice("method", MintMethod, MintMethod(mint.method) if mint else MintMethod.POST)
    body = table.choice("body", BodyKind, mint.body if mint else BodyKind.FORM)
    if method is MintMethod.GET and body is not BodyKind.NONE:
        raise table.error("body", 'none: a GET has no body (write body = "none")')
    url = mint.url if mint and "url" not in table else template_at(table, "url", words, Place.URL)
    auth = mint.client_auth if mint and "client_auth" not in table else read_client_auth(table, words)
    check_carried(table, auth, body)
    if mint:
        auth = for_token_endpoint(auth, mint.url)
    taken = {"authorization"} if auth.method is not ClientAuthMethod.NONE else set[str]()
    if body is BodyKind.MULTIPART:
        taken.add("content-type")
    headers = _read_headers(table, words, Place.OMISSIBLE, taken)
    return Exchange(
        url=url,
        method=method.value,
        body=body,
        client_auth=auth,
        parameters=_read_parameters(table, words, body),
        headers=mint.headers if mint and "headers" not in table else headers,
    )


def _check_sends(table: Table, exchange: Exchange, name: str) -> None:
    """Refuse an exchange that would leave out the very thing that it is for."""
    if name and name not in _names_in([exchange.parameters, exchange.headers]):
        raise table.error("parameters", f"{{{name}}} among them: nothing else would send it")


def _names_in(value: object) -> frozenset[str]:
    match value:
        case Template():
            return value.names
        case dict():
            return _names_in(list(value.values()))
        case list():
            return frozenset[str]().union(*map(_names_in, value))
        case _:
            return frozenset()


def _read_parameters(table: Table, words: Vocabulary, body: BodyKind) -> Mapping[str, object]:
    parameters = table.table("parameters")
    if parameters and body is BodyKind.NONE:
        raise table.error("parameters", 'nothing, or another body than "none" to carry them')
    flat = body is not BodyKind.JSON
    return {name: _parameter(parameters, name, parameters.value(name), words, flat=flat) for name in parameters.names()}


def _parameter(table: Table, key: str, value: object, words: Vocabulary, *, flat: bool) -> object:
    match value:
        case dict() | list() if flat:
            raise table.error(key, "text, a number, true or false: only a JSON body holds lists and tables")
        case dict():
            return {name: _parameter(table, f"{key}.{name}", item, words, flat=flat) for name, item in value.items()}
        case list():
            return [_parameter(table, f"{key}[{index}]", item, words, flat=flat) for index, item in enumerate(value)]
        case str():
            return checked_template(table, key, value, words, Place.OMISSIBLE)
        case bool() if flat:
            return Template.parse("true" if value else "false")
        case _ if flat:
            return Template.parse(str(value))
        case _:
            return value


def _read_headers(table: Table, words: Vocabulary, place: Place, taken: set[str]) -> Mapping[str, Template]:
    headers = table.table("headers")
    for name in headers.names():
        if not HEADER_NAME.fullmatch(name):
            raise headers.error(name, "a header's name")
        if name.lower() in OWN_HEADERS | taken:
            raise headers.error(name, "another header: Tokendeck sets this one itself")
    return {name: template_at(headers, name, words, place) for name in headers.names()}


def _read_answer(table: Table) -> AnswerShape:
    usual = AnswerShape()
    shape = AnswerShape(*(table.text(name, getattr(usual, name)) for name in AnswerShape.__match_args__))
    table.finish()
    return shape


def _read_renewal(table: Table) -> Renewal:
    lead = table.seconds("lead_s", least=0)
    renewal = Renewal(
        policy=table.choice("policy", RenewalPolicy, RenewalPolicy.AHEAD),
        lead=DEFAULT_LEAD if lead is None else lead,
        every=table.seconds("every_s", least=timedelta(minutes=1).total_seconds()),
    )
    table.finish()
    return renewal
