"""Requests out and answers back, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.oauth.conftest import START, MakeEndpoint
from tokendeck.core.errors import BadUrl, FieldError, NetworkStep, Unreachable
from tokendeck.core.provider import BodyKind
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from tests.oauth.servers import Exchange, Script, Server
    from tokendeck.oauth.endpoint import HttpEndpoint

MEBIBYTE = 1024 * 1024


def post(server: Server, **parameters: str) -> Request:
    filled = {name: Text(Secret(value)) for name, value in parameters.items()}
    return Request("POST", server.url(), BodyKind.FORM, filled)


async def test_a_request_arrives_as_built(server: Server, endpoint: HttpEndpoint) -> None:
    request = Request("POST", server.url("/a/b?c=d%20e"), BodyKind.FORM, {"a": Text("b c")}, {"X-One": Text("1")})

    await endpoint.send(request)

    (got,) = server.received
    assert (got.method, got.target, got.body) == ("POST", "/a/b?c=d%20e", b"a=b+c")
    assert got.headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": got.headers["user-agent"],
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "5",
        "x-one": "1",
    }


async def test_an_empty_post_says_that_it_is_empty(server: Server, endpoint: HttpEndpoint) -> None:
    await endpoint.send(Request("POST", server.url()))

    assert server.received[0].headers["content-length"] == "0"


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "302 Found", "401 Unauthorized", "500 Oops", "599 x"])
async def test_any_status_is_an_answer(server: Server, endpoint: HttpEndpoint, status: str) -> None:
    server.script = lambda exchange: exchange.answer(b"", status, Location="/elsewhere", X_Odd="Grüße")

    answer = await endpoint.send(post(server))

    assert answer.status == int(status[:3])
    assert answer.headers["x-odd"] == "Grüße"
    assert (answer.body, answer.too_long, answer.cut_off) == (b"", False, False)


async def test_headers_come_by_lower_case_name_and_repeated_ones_together(
    server: Server, endpoint: HttpEndpoint
) -> None:
    async def twice(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")

    server.script = twice

    answer = await endpoint.send(post(server))

    assert answer.headers["x-a"] == "1, 2"


async def test_an_answer_knows_when_it_was_asked_for_and_how_long_each_step_took(
    server: Server, endpoint: HttpEndpoint
) -> None:
    first = await endpoint.send(post(server))
    second = await endpoint.send(post(server))

    assert (first.asked_at.wall, second.asked_at.wall) == (START, START + timedelta(seconds=1))
    assert set(first.timings_ms) == {"connect", "first_byte", "body"}
    assert set(second.timings_ms) == {"first_byte", "body"}, "the connection was kept"
    assert server.connections == 1
    assert sum(first.timings_ms.values()) <= first.latency / timedelta(milliseconds=1)


@pytest.mark.promise(40)
async def test_no_more_than_a_mebibyte_is_read(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = lambda exchange: exchange.answer(b"x" * 10 * MEBIBYTE)

    answer = await endpoint.send(post(server))

    assert (len(answer.body), answer.too_long, answer.cut_off) == (MEBIBYTE, True, False)


async def test_a_mebibyte_is_not_too_long(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = lambda exchange: exchange.answer(b"x" * MEBIBYTE)

    answer = await endpoint.send(post(server))

    assert (len(answer.body), answer.too_long) == (MEBIBYTE, False)


async def test_a_zipped_answer_is_unzipped(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = lambda exchange: exchange.answer(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")

    answer = await endpoint.send(post(server))

    assert (answer.body, answer.cut_off) == (b'{"a": 1}', False)


@pytest.mark.promise(40)
async def test_a_zipped_answer_is_unzipped_up_to_a_mebibyte(server: Server, endpoint: HttpEndpoint) -> None:
    bomb = gzip.compress(bytes(64 * MEBIBYTE))
    server.script = lambda exchange: exchange.answer(bomb, Content_Encoding="gzip")

    answer = await endpoint.send(post(server))

    assert (len(answer.body), answer.too_long) == (MEBIBYTE, True)


@pytest.mark.parametrize("body", [gzip.compress(b'{"a": 1}' * 99)[:-8], b"no gzip at all"], ids=["half", "other"])
async def test_an_answer_that_cannot_be_unzipped_is_cut_off(
    server: Server, endpoint: HttpEndpoint, body: bytes
) -> None:
    server.script = lambda exchange: exchange.answer(body, "503 Busy", Content_Encoding="GZIP")

    answer = await endpoint.send(post(server))

    assert (answer.status, answer.cut_off) == (503, True)


async def test_an_empty_answer_is_whole_even_if_it_says_that_it_is_zipped(
    server: Server, endpoint: HttpEndpoint
) -> None:
    server.script = lambda exchange: exchange.answer(b"", Content_Encoding="gzip")

    answer = await endpoint.send(post(server))

    assert not answer.cut_off


async def test_an_answer_that_ends_early_is_cut_off(server: Server, endpoint: HttpEndpoint) -> None:
    async def half(exchange: Exchange) -> None:
        exchange.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access')
        exchange.close()

    server.script = half

    answer = await endpoint.send(post(server))

    assert (answer.status, answer.cut_off, answer.too_long) == (200, True, False)
    assert answer.body == b'{"access'


async def test_a_server_that_hangs_up_gives_no_answer(server: Server, endpoint: HttpEndpoint) -> None:
    async def hang_up(exchange: Exchange) -> None:
        exchange.close()

    server.script = hang_up

    with pytest.raises(Unreachable) as caught:
        await endpoint.send(post(server))

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.ANSWER, False)
    assert caught.value.host == f"127.0.0.1:{server.port}"


async def test_a_server_that_speaks_no_http_gives_no_answer(server: Server, endpoint: HttpEndpoint) -> None:
    async def gibberish(exchange: Exchange) -> None:
        exchange.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")

    server.script = gibberish

    with pytest.raises(Unreachable) as caught:
        await endpoint.send(post(server, client_secret="s3cret"))

    assert caught.value.step is NetworkStep.ANSWER
    assert "s3cret" not in repr(caught.value)


async def test_a_reset_is_told_in_the_systems_words(server: Server, endpoint: HttpEndpoint) -> None:
    async def reset(exchange: Exchange) -> None:
        exchange.reset()

    server.script = reset

    with pytest.raises(Unreachable) as caught:
        await endpoint.send(post(server))

    assert (caught.value.step, caught.value.detail) == (NetworkStep.ANSWER, "Connection reset by peer")


async def test_silence_ends_with_the_read_timeout(server: Server, make_endpoint: MakeEndpoint) -> None:
    async def hold(_: Exchange) -> None:
        await server.held.wait()

    server.script = hold

    with pytest.raises(Unreachable) as caught:
        await make_endpoint(read_s=0.05).send(post(server))

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.ANSWER, True)


async def test_half_an_answer_and_silence_end_with_the_read_timeout(
    server: Server, make_endpoint: MakeEndpoint
) -> None:
    server.script = _half_then_hold(server)

    with pytest.raises(Unreachable) as caught:
        await make_endpoint(read_s=0.05).send(post(server))

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.ANSWER, True)


async def test_the_total_timeout_ends_an_answer_that_never_does(server: Server, make_endpoint: MakeEndpoint) -> None:
    server.script = _half_then_hold(server)

    with pytest.raises(Unreachable) as caught:
        await make_endpoint(total_s=0.2).send(post(server))

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.ANSWER, True)


async def test_a_server_that_does_not_read_lets_the_sending_time_out(
    server: Server, make_endpoint: MakeEndpoint
) -> None:
    server.reads = False

    with pytest.raises(Unreachable) as caught:
        await make_endpoint(read_s=0.2).send(
            Request("POST", server.url(), BodyKind.FORM, {"a": Text("x" * 32 * MEBIBYTE)})
        )

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.SEND, True)


def _half_then_hold(server: Server) -> Script:
    async def script(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await server.held.wait()

    return script


async def test_nobody_listening_is_a_refused_connection(endpoint: HttpEndpoint, closed_port: int) -> None:
    with pytest.raises(Unreachable) as caught:
        await endpoint.send(Request("GET", f"http://127.0.0.1:{closed_port}/"))

    assert (caught.value.step, caught.value.detail) == (NetworkStep.CONNECT, "Connection refused")


async def test_a_name_that_does_not_resolve_is_told_as_that(endpoint: HttpEndpoint) -> None:
    # A label of 64 characters is refused by the resolver itself: no name server is asked.
    with pytest.raises(Unreachable) as caught:
        await endpoint.send(Request("GET", f"https://{'a' * 64}.example/"))

    assert caught.value.step is NetworkStep.NAME_LOOKUP
    assert caught.value.detail


@pytest.mark.promise(8)
@pytest.mark.parametrize(
    "url",
    ["http://192.0.2.1/token", "ftp://127.0.0.1/", "https://user:pw@127.0.0.1/", "/token", "https://a b.example/"],
)
async def test_what_no_request_goes_to_is_refused_before_anything_is_opened(endpoint: HttpEndpoint, url: str) -> None:
    with pytest.raises(BadUrl):
        await endpoint.send(Request("POST", url))


async def test_nothing_is_sent_of_a_request_that_cannot_be_sent_whole(server: Server, endpoint: HttpEndpoint) -> None:
    request = Request("GET", server.url(), headers={"X-A": Text(Secret("a\r\nX-Evil: 1"))})

    with pytest.raises(FieldError):
        await endpoint.send(request)

    assert server.connections == 0


async def test_cookies_are_not_kept(server: Server, endpoint: HttpEndpoint) -> None:
    server.script = lambda exchange: exchange.answer(Set_Cookie="session=1; Path=/")

    await endpoint.send(post(server))
    await endpoint.send(post(server))

    assert [("cookie" in got.headers) for got in server.received] == [False, False]


async def test_cancelling_closes_the_connection_and_leaves_the_endpoint_usable(
    server: Server, endpoint: HttpEndpoint
) -> None:
    arrived = asyncio.Event()

    async def hold(exchange: Exchange) -> None:
        if exchange.connection > 1:
            await exchange.answer()
            return
        arrived.set()
        await server.held.wait()

    server.script = hold
    sending = asyncio.ensure_future(endpoint.send(post(server)))
    await arrived.wait()

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert (await endpoint.send(post(server))).status == 200


async def test_fifty_requests_at_once_open_the_client_once(server: Server, endpoint: HttpEndpoint) -> None:
    answers = await asyncio.gather(*(endpoint.send(post(server, n=str(number))) for number in range(50)))

    assert {answer.status for answer in answers} == {200}
    assert sorted(got.body for got in server.received) == sorted(f"n={number}".encode() for number in range(50))


async def test_a_closed_endpoint_can_be_closed_again_and_used_again(server: Server, endpoint: HttpEndpoint) -> None:
    await endpoint.aclose()
    await endpoint.send(post(server))
    await endpoint.aclose()
    await endpoint.aclose()

    answer = await endpoint.send(post(server))

    assert answer.status == 200
    assert server.connections == 2


@pytest.mark.promise(44)
async def test_a_token_of_64_kib_comes_and_goes(server: Server, endpoint: HttpEndpoint) -> None:
    token = "aB3_" * 16384
    server.script = lambda exchange: exchange.answer(token.encode())
    headers = {"Authorization": Text("Bearer ", Secret(token))}

    answer = await endpoint.send(Request("GET", server.url(), headers=headers))

    assert answer.body.decode() == token
    assert server.received[0].headers["authorization"] == f"Bearer {token}"
