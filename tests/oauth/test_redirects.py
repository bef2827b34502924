"""Redirects: never for token endpoints, inside the origin only for test calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oauth.servers import serving
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text
from tokendeck.oauth.endpoint import redirect_target
from tokendeck.oauth.exchange import Reply, _parsed

if TYPE_CHECKING:
    from tests.oauth.servers import Exchange, Script, Server
    from tokendeck.oauth.endpoint import HttpEndpoint


def redirecting(location: str, *, status: str = "302 Found", times: int = 1) -> Script:
    """Redirect the first `times` requests, then answer."""
    left = [None] * times

    async def script(exchange: Exchange) -> None:
        if left:
            left.pop()
            await exchange.answer(b"", status, Location=location)
        else:
            await exchange.answer()

    return script


def call(server: Server, path: str = "/v1/methods", method: str = "GET") -> Request:
    return Request(method, server.url(path), headers={"Authorization": Text("Bearer ", Secret("t0ken-abc"))})


@pytest.mark.promise(9)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
async def test_a_token_endpoint_is_not_followed_anywhere(server: Server, endpoint: HttpEndpoint, status: str) -> None:
    async with serving() as elsewhere:
        for location in (elsewhere.url("/token"), "/other"):
            server.script = redirecting(location, status=status)
            request = Request("POST", server.url(), BodyKind.FORM, {"client_secret": Text(Secret("s3cret"))})

            answer = await endpoint.send(request)

            assert answer.status == int(status[:3])
    assert elsewhere.connections == 0
    assert len(server.received) == 2


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("location", ["/v2/methods?a=b#part", "../v2/methods?a=b", "?page=2", "//HOST/v2/methods?a=b"])
async def test_a_call_follows_inside_its_origin(
    server: Server, endpoint: HttpEndpoint, location: str, method: str
) -> None:
    server.script = redirecting(location.replace("HOST", f"127.0.0.1:{server.port}"))

    answer = await endpoint.send(call(server, method=method), follow_same_origin=True)

    assert answer.status == 200
    first, second = server.received
    assert second.method == first.method
    assert second.target in {"/v2/methods?a=b", "/v1/methods?page=2"}
    assert second.headers["authorization"] == "Bearer t0ken-abc"


ELSEWHERE = (
    # Another port, name or scheme
    "http://127.0.0.1:THERE/",
    "//127.0.0.1:THERE/",
    "http://localhost:HERE/",
    "https://127.0.0.1:HERE/",
    "ws://127.0.0.1:THERE/",
    "http://127.0.0.1/",
    # Other spellings of what may or may not be the same host
    "HTTP://127.0.0.1:THERE/",
    "hTTp://LOCALHOST:THERE/",
    "http://127.0.0.1.:HERE/",
    "http://127.1:HERE/",
    "http://2130706433:HERE/",
    "http://0x7f000001:HERE/",
    "http://0177.0.0.1:HERE/",
    "http://0:THERE/",
    "http://[::1]:THERE/",
    "http://[::ffff:127.0.0.1]:THERE/",
    "http://127\u30020\u30020\u30021:THERE/",
    "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:THERE/",
    "http://xn--127-0-0-1:THERE/",
    "http://127.0.0.1:HERE.evil.example/",
    "http://127.0.0.1%2eevil.example:THERE/",
    # Users, passwords, and what may be taken for them
    "http://127.0.0.1:HERE@127.0.0.1:THERE/",
    "//127.0.0.1:HERE@127.0.0.1:THERE/",
    "http://user:password@127.0.0.1:HERE/",
    "http://127.0.0.1:HERE%40127.0.0.1:THERE/",
    "http://127.0.0.1:HERE\\@127.0.0.1:THERE/",
    # Slashes and blanks that browsers mend
    "\\\\127.0.0.1:THERE\\",
    "/\\127.0.0.1:THERE/",
    "http:\\\\127.0.0.1:THERE/",
    "\thttp://127.0.0.1:THERE/",
    "http://127.0.0.1\t:THERE/",
    "ht\ttp://127.0.0.1:THERE/",
    "http://127.0.0.1:HERE/, http://127.0.0.1:THERE/",
)
INSIDE_AT_MOST = ("///127.0.0.1:THERE/", "http:///127.0.0.1:THERE/", "http:/127.0.0.1:THERE/", "http:127.0.0.1:THERE/")
"""What some read as another host, and RFC 3986 as a path or as nothing."""


@pytest.mark.promise(9)
async def test_another_origin_sees_no_request(server: Server, endpoint: HttpEndpoint) -> None:
    async with serving() as elsewhere:
        for location in (*ELSEWHERE, *INSIDE_AT_MOST):
            ports = location.replace("HERE", str(server.port)).replace("T" + str(server.port), str(elsewhere.port))
            server.script = redirecting(ports)

            answer = await endpoint.send(call(server), follow_same_origin=True)

            assert answer.status == 302 or location in INSIDE_AT_MOST, location
    assert elsewhere.connections == 0
    assert {got.headers["host"] for got in server.received} == {f"127.0.0.1:{server.port}"}


async def test_the_case_of_the_scheme_makes_no_other_origin(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = redirecting(f"HTTP://127.0.0.1:{server.port}/v2")

    answer = await endpoint.send(call(server), follow_same_origin=True)

    assert (answer.status, server.received[-1].target) == (200, "/v2")


PIECES = (
    *("http:", "https:", "HTTP:", "//", "/", "\\", "@", ":", "?", "#", "%", "%40", "%2f", "%00", ".", "..", " ", "\t"),
    *("127.0.0.1", "127.0.0.1:8000", "localhost", "evil.test", "[::1]", "8000", "08000", "a"),
    *("\x1f", "\xad", "\u212a", "\u3002", "\uff0f"),
)
REQUEST = Request("GET", "http://127.0.0.1:8000/v1/methods")


@pytest.mark.promise(9)
@settings(max_examples=1000)
@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_is_followed_is_inside_for_the_sender_too(location: str) -> None:
    """Two readers of one URL must not see two hosts: ours allows it, httpcore opens the connection."""
    target = redirect_target(REQUEST, REQUEST.url, Reply(302, {"location": location}, b"", False, False, {}))  # noqa: FBT003 - its fields

    if target:
        url = _parsed(target)
        assert (url.scheme, url.host, url.port) == (b"http", b"127.0.0.1", 8000)


@pytest.mark.parametrize(
    "location", ["", "http://192.0.2.1/", "file:///etc/passwd", "http://[::1", "https://127.0.0.1:PORT/", "data:,x"]
)
async def test_a_location_that_leads_nowhere_good_is_not_followed(
    server: Server, endpoint: HttpEndpoint, location: str
) -> None:
    server.script = redirecting(location.replace("PORT", str(server.port)))

    answer = await endpoint.send(call(server), follow_same_origin=True)

    assert (answer.status, len(server.received)) == (302, 1)


@pytest.mark.promise(10)
@pytest.mark.parametrize("location", ["/v2?access_token=t0ken-abc", "/v2?access_token=%740ken-abc"])
async def test_a_redirect_that_puts_the_token_into_a_url_is_not_followed(
    server: Server, endpoint: HttpEndpoint, location: str
) -> None:
    server.script = redirecting(location)

    answer = await endpoint.send(call(server), follow_same_origin=True)

    assert (answer.status, len(server.received)) == (302, 1)


@pytest.mark.parametrize("status", ["302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_call_that_changes_something_is_never_sent_again(
    server: Server, endpoint: HttpEndpoint, status: str
) -> None:
    server.script = redirecting("/v2", status=status)

    answer = await endpoint.send(call(server, method="POST"), follow_same_origin=True)

    assert (answer.status, len(server.received)) == (int(status[:3]), 1)


async def test_five_redirects_are_followed_and_no_more(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = redirecting("/again", times=5)
    assert (await endpoint.send(call(server), follow_same_origin=True)).status == 200
    server.received.clear()
    server.script = redirecting("/again", times=6)

    answer = await endpoint.send(call(server), follow_same_origin=True)

    assert (answer.status, len(server.received)) == (302, 6)


async def test_what_is_no_redirect_is_an_answer_even_with_a_location(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = redirecting("/v2", status="201 Created")

    answer = await endpoint.send(call(server), follow_same_origin=True)

    assert (answer.status, len(server.received)) == (201, 1)
