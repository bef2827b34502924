"""Kept connections: a dead one costs a GET nothing, and never makes a POST go out twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import NetworkStep, Unreachable
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from tests.oauth.servers import Exchange, Server
    from tokendeck.oauth.endpoint import HttpEndpoint


def request(server: Server, method: str) -> Request:
    if method == "POST":
        return Request("POST", server.url(), BodyKind.FORM, {"refresh_token": Text(Secret("r3fresh"))})
    return Request(method, server.url())


async def test_a_get_goes_out_again_on_a_new_connection(server: Server, endpoint: HttpEndpoint) -> None:
    await endpoint.send(request(server, "GET"))
    server.script = _break_the_first_connection

    answer = await endpoint.send(request(server, "GET"))

    assert answer.status == 200
    assert [got.connection for got in server.received] == [1, 1, 2]
    assert "connect" in answer.timings_ms


async def test_what_a_head_was_answered_with_is_never_taken_for_another_answer(
    server: Server, endpoint: HttpEndpoint
) -> None:
    server.script = lambda exchange: exchange.answer(b'{"to": "%s"}' % exchange.method.encode())

    answers = [await endpoint.send(request(server, method)) for method in ("GET", "HEAD", "POST", "HEAD", "GET")]

    assert [one.body for one in answers] == [b'{"to": "GET"}', b"", b'{"to": "POST"}', b"", b'{"to": "GET"}']


async def test_a_post_is_never_sent_twice(server: Server, endpoint: HttpEndpoint) -> None:
    await endpoint.send(request(server, "POST"))
    server.script = _break_the_first_connection

    with pytest.raises(Unreachable) as caught:
        await endpoint.send(request(server, "POST"))

    assert caught.value.step is NetworkStep.ANSWER
    assert [got.connection for got in server.received] == [1, 1]


async def test_a_get_that_fails_on_a_new_connection_fails(server: Server, endpoint: HttpEndpoint) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    await endpoint.send(request(server, "GET"))
    server.script = reset

    with pytest.raises(Unreachable):
        await endpoint.send(request(server, "GET"))

    assert [got.connection for got in server.received] == [1, 1, 2]


async def test_a_connection_that_the_server_closed_is_not_used(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = lambda exchange: exchange.answer(Connection="close")

    for _ in range(3):
        await endpoint.send(request(server, "POST"))

    assert [got.connection for got in server.received] == [1, 2, 3]


async def _break_the_first_connection(exchange: Exchange) -> None:
    if exchange.connection == 1:
        exchange.reset()
    else:
        await exchange.answer()
