from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.clients import connection, send
from tokendeck.sandbox import GiganticBody, Sandbox
from tokendeck.sandbox.wire import LARGEST_BODY_BYTES, MOST_DISCARDED_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.sandbox.clients import Caller, HandClock

GET = b"GET /nowhere HTTP/1.1\r\nHost: sandbox\r\n\r\n"


async def test_one_connection_carries_many_requests(caller: Caller, sandbox: Sandbox) -> None:
    for _ in range(3):
        await caller.mint("paysera")

    assert len(sandbox._conversations) == 1


async def test_pipelined_requests_are_answered_in_order(sandbox: Sandbox) -> None:
    answers = await send(sandbox, GET + GET.replace(b"nowhere", b"elsewhere"))

    assert answers.count(b"HTTP/1.1 404 Not Found") == 2
    assert [record.path for record in sandbox.received] == ["/nowhere", "/elsewhere"]


async def test_an_http_1_0_client_and_one_that_says_close_get_one_answer(sandbox: Sandbox) -> None:
    old = await send(sandbox, b"GET / HTTP/1.0\r\n\r\n" + GET)
    closing = await send(sandbox, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET)

    assert old.lower().count(b"connection: close") == closing.lower().count(b"connection: close") == 1
    assert len(sandbox.received) == 2


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 300_000, 431),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n", 413),
    ],
)
async def test_what_is_no_request_is_answered_and_the_connection_closed(
    sandbox: Sandbox, data: bytes, status: int
) -> None:
    answer = await send(sandbox, data)

    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in answer.lower()
    assert sandbox.received == []


async def test_a_client_that_sends_too_much_can_still_read_why_it_is_refused(caller: Caller) -> None:
    declared = await caller.http.post("/oauth/token", content=b"x" * (LARGEST_BODY_BYTES + 1))

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65536

    chunked = await caller.http.post("/oauth/token", content=pieces())

    assert (declared.status_code, chunked.status_code) == (413, 413)


async def test_the_largest_body_and_a_chunked_one_are_read_whole(caller: Caller, sandbox: Sandbox) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    await caller.http.post("/nowhere", content=b"x" * LARGEST_BODY_BYTES)
    await caller.http.post("/nowhere", content=pieces())

    assert [len(record.body) for record in sandbox.received] == [LARGEST_BODY_BYTES, 2]


async def test_a_client_that_sends_without_end_is_cut_off(sandbox: Sandbox) -> None:
    async with connection(sandbox) as (reader, writer):
        writer.write(b"nonsense\r\n\r\n" + b"x" * (MOST_DISCARDED_BYTES + LARGEST_BODY_BYTES))
        await reader.readuntil(b"\r\n\r\n")

        await asyncio.wait(sandbox._conversations)


async def test_a_client_that_waits_for_100_continue_is_told_to_go_on(sandbox: Sandbox) -> None:
    async with connection(sandbox) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        told = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"{}")
        answer = await reader.readuntil(b"\r\n\r\n")

    assert told.startswith(b"HTTP/1.1 100 ")
    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_a_proxy_request_is_seen_and_refused(sandbox: Sandbox) -> None:
    connect = await send(sandbox, b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n")
    absolute = await send(sandbox, b"GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\n\r\n")

    assert connect.startswith(b"HTTP/1.1 404 ")
    assert absolute.startswith(b"HTTP/1.1 404 ")
    assert [record.path for record in sandbox.received] == ["api.example:443", "http://api.example/"]


async def test_a_long_answer_before_a_close_arrives_whole(sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", GiganticBody(), times=1)

    answer = await send(sandbox, b"POST /api/v1/oauth2/token HTTP/1.0\r\n\r\n")

    assert len(answer.partition(b"\r\n\r\n")[2]) == 10_000_000


async def test_a_client_that_goes_away_in_the_middle_harms_nobody(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", GiganticBody(), times=1)
    async with connection(sandbox) as (reader, writer):
        writer.write(b"POST /api/v1/oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")

    assert await caller.mint("payos")


async def test_stopping_ends_idle_half_sent_and_unread_connections(clock: HandClock) -> None:
    sandbox = Sandbox(now=clock)
    await sandbox.start()
    sandbox.inject("payos", "token", GiganticBody(), times=1)
    async with connection(sandbox) as idle, connection(sandbox) as half, connection(sandbox) as unread:
        half[1].write(b"POST / HTTP/1.1\r\n")
        unread[1].write(b"POST /api/v1/oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        await unread[0].readuntil(b"\r\n\r\n")

        await sandbox.stop()

        assert await idle[0].read() == b""
        assert sandbox._conversations == {}


@pytest.mark.parametrize("turns", range(8))
async def test_a_connection_accepted_while_stopping_is_closed(clock: HandClock, turns: int) -> None:
    sandbox = Sandbox(now=clock)
    await sandbox.start()
    with socket.create_connection(("127.0.0.1", sandbox._port), timeout=5) as client:
        for _ in range(turns):  # each turn of the loop brings the connection one step nearer
            await asyncio.sleep(0)

        await sandbox.stop()
        for _ in range(8):
            await asyncio.sleep(0)

        with suppress(ConnectionResetError):  # where it had not been accepted
            assert client.recv(1) == b""


async def test_an_error_of_the_sandbox_itself_is_logged_and_costs_one_connection(
    clock: HandClock, expect_log: Callable[[str, str], None]
) -> None:
    calls: list[None] = []

    def broken_once() -> object:
        calls.append(None)
        if len(calls) == 1:
            raise RuntimeError
        return clock()

    async with Sandbox(now=broken_once) as sandbox:  # type: ignore[arg-type]  # it is broken on purpose
        lost = await send(sandbox, GET)
        answered = await send(sandbox, GET)

    expect_log("tokendeck.sandbox.server", "an error of the sandbox")
    assert lost == b""
    assert answered.startswith(b"HTTP/1.1 404 ")
