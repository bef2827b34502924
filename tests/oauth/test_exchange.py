"""What an exchange adds to a request, and how it reads what comes with an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokendeck.core.request import Request
from tokendeck.core.secret import Text
from tokendeck.oauth.exchange import _added, _parsed
from tokendeck.oauth.wire import Wire

if TYPE_CHECKING:
    from tests.oauth.servers import Exchange, Server
    from tokendeck.oauth.endpoint import HttpEndpoint


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/v1;a=1/%2Fx?next=/y&q=a+b%20c", "/v1;a=1/%2Fx?next=/y&q=a+b%20c"),
        ('/ų|{x}?q=é^"<>', "/%C5%B3%7C%7Bx%7D?q=%C3%A9%5E%22%3C%3E"),
        ("", "/"),
        ("?q=1", "/?q=1"),
    ],
)
async def test_a_target_goes_out_as_written_but_for_what_may_not_stand_in_one(
    server: Server, endpoint: HttpEndpoint, written: str, sent: str
) -> None:
    await endpoint.send(Request("GET", server.url("") + written))

    assert [got.target for got in server.received] == [sent]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example/token", b"api.example"),
        ("https://api.example:443/token", b"api.example"),
        ("https://api.example:8443/token", b"api.example:8443"),
        ("http://127.0.0.1:80/token", b"127.0.0.1"),
        ("http://[::1]:8000/token", b"[::1]:8000"),
        ("https://[2001:db8::1]/token", b"[2001:db8::1]"),
    ],
)
def test_the_host_is_named_as_the_url_names_it(url: str, host: bytes) -> None:
    assert _added("GET", _parsed(url), Wire({}, b"")) == [(b"Host", host)]


async def test_a_host_of_its_own_goes_out_in_place_of_the_urls(server: Server, endpoint: HttpEndpoint) -> None:
    await endpoint.send(Request("GET", server.url(), headers={"HOST": Text("inner.example")}))

    assert [got.headers["host"] for got in server.received] == ["inner.example"]


@pytest.mark.parametrize(("method", "length"), [("POST", "0"), ("PUT", "0"), ("GET", None), ("DELETE", None)])
async def test_an_empty_body_is_announced_where_one_is_expected(
    server: Server, endpoint: HttpEndpoint, method: str, length: str | None
) -> None:
    await endpoint.send(Request(method, server.url()))

    assert [got.headers.get("content-length") for got in server.received] == [length]


async def test_headers_read_by_name_whatever_their_case_and_number(server: Server, endpoint: HttpEndpoint) -> None:
    async def answer(exchange: Exchange) -> None:
        headers = b"X-A: 1", b"x-a: 2", b"X-Utf: \xc5\xb3", b"X-Latin: \xe9", b"Content-Length: 0"
        exchange.write(b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"", b""]))

    server.script = answer

    headers = (await endpoint.send(Request("GET", server.url()))).headers

    assert (headers["x-a"], headers["x-utf"], headers["x-latin"]) == ("1, 2", "ų", "é")
