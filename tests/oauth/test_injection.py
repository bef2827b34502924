"""Whatever a field holds, a request stays one request with the headers that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import connection, facts
from tests.oauth.servers import serving
from tests.providers.samples import read
from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import BadUrl, FieldError
from tokendeck.core.provider import BodyKind, ClientAuthMethod
from tokendeck.core.request import Request, build_call, build_mint, check_fields, connection_values
from tokendeck.core.secret import Secret, Text
from tokendeck.core.template import Template
from tokendeck.core.token import TokenSet
from tokendeck.oauth.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.oauth.endpoint import HttpEndpoint

HOSTILE = (
    "\r\nX-Evil: 1",
    "a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\r\n X-Evil: 1",
    "a\x00b",
    "a\x0bX-Evil: 1",
    "a\x7f",
    "a\x85X-Evil: 1",
    "a\u2028X-Evil: 1",
    "a\u010d\u010aX-Evil: 1",  # what cuts them to Latin-1 makes a line break of these
    "Gr\u00fc\u00dfe",
    "\u03a9",
    "\U0001f511",
    '"; filename="evil',
    "a&evil=1",
)
CONTROLS = tuple(value for value in HOSTILE if any(one in value for one in "\r\n\x00\x0b\x7f"))

EVERYWHERE = read(
    """
    id = "everywhere"
    name = "Everywhere"
    source = { page = "Everywhere", read = 2026-11-20 }
    environments.production.base_url = "https://everywhere.example"
    fields = [{ key = "plain", label = "Plain" }, { key = "hidden", label = "Hidden", secret = true },
              { key = "password", label = "Password", secret = true }]

    [grants.client_credentials]
    url = "{base_url}/token/{plain}"
    client_auth = { method = "basic", user = "{plain}", password = "{password}" }
    headers = { X-Plain = "{plain}", X-Hidden = "k {hidden}" }
    parameters = { plain = "{plain}", hidden = "<{hidden}>" }

    [test_calls.call]
    name = "Call"
    url = "{base_url}/call/{plain}"
    headers = { X-Plain = "{plain}", X-Hidden = "{hidden}" }
    """
)
(MINT,) = (grant.mint for grant in EVERYWHERE.grants)
(CALL,) = EVERYWHERE.test_calls
HEADERS = {
    *("host", "accept", "accept-encoding", "user-agent", "content-type", "content-length", "authorization"),
    *("x-plain", "x-hidden"),
}


def requests(base_url: str, **given: str) -> list[Request | Exception]:
    """Give every request that these values make, or why there is none."""
    own = connection(
        provider="everywhere", overrides={BASE_URL: base_url}, values={"plain": given.get("plain", "plain")}
    )
    filled = connection_values(EVERYWHERE, own, {key: Secret(given.get(key, key)) for key in ("hidden", "password")})
    certificate = Template.parse("{plain}")
    auths = [replace(MINT.client_auth, method=method, certificate=certificate) for method in ClientAuthMethod]
    mints = [replace(MINT, client_auth=auth, body=body) for auth in auths for body in BodyKind]
    made: list[Request | Exception] = []
    for one in mints:
        try:
            made.append(build_mint(one, filled, optional=frozenset()))
        except (FieldError, BadUrl) as error:
            made.append(error)
    try:
        made.append(build_call(CALL, filled, TokenSet(Secret("token"), None, facts())))
    except (FieldError, BadUrl) as error:
        made.append(error)
    return made


@pytest.mark.promise(10)
@pytest.mark.parametrize("key", ["plain", "hidden", "password"])
@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
async def test_no_field_adds_a_header_or_a_request(endpoint: HttpEndpoint, key: str, value: str) -> None:
    sent = 0
    async with serving() as server:
        for request in requests(server.url(""), **{key: value}):
            if isinstance(request, Exception):
                continue
            try:
                await endpoint.send(request)
            except FieldError:
                continue
            sent += 1

    assert len(server.received) == sent
    assert server.fragments == []
    for got in server.received:
        assert got.headers.keys() <= HEADERS
        assert "evil" not in got.headers["host"]
        assert got.target.isascii()
        assert got.target.startswith(("/token/", "/call/"))


@pytest.mark.parametrize("key", ["plain", "hidden"])
@pytest.mark.parametrize("value", CONTROLS, ids=ascii)
def test_a_control_character_is_refused_before_it_is_saved(key: str, value: str) -> None:
    filled: dict[str, str | Secret] = {"plain": "plain", "hidden": Secret("hidden"), "password": Secret("password")}

    complaints = list(check_fields(EVERYWHERE, "client_credentials", filled | {key: Secret(value)}))

    assert [(error.key, error.expected) for error in complaints] == [(key, "one line, without control characters")]


@pytest.mark.parametrize("value", CONTROLS, ids=ascii)
@pytest.mark.parametrize(
    "place",
    [
        lambda value: Request("GET", "https://a.example/", headers={"X-Field": Text(Secret(value))}),
        lambda value: Request("GET", "https://a.example/", headers={"X-Field": Text("k ", Secret(value), " k")}),
        lambda value: Request("GET", "https://a.example/", headers={f"X-{value}": Text("k")}),
    ],
    ids=["whole", "part", "name"],
)
def test_a_control_character_goes_into_no_header(place: Callable[[str], Request], value: str) -> None:
    with pytest.raises(FieldError):
        encode(place(value))


@given(st.text(st.characters(codec=None), max_size=40))
def test_what_goes_into_a_header_is_one_line_of_the_very_text(value: str) -> None:
    try:
        wire = encode(Request("GET", "https://a.example/", headers={"X-Field": Text(Secret(value))}))
    except FieldError:
        return

    sent = wire.headers[b"X-Field"]
    assert sent.decode("utf-8") == value
    assert not any(byte < 0x20 or byte == 0x7F for byte in sent)
