"""The network below httpcore, on a transport under the test's hand and on real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any

import httpcore
import pytest

from tests.oauth.servers import serving
from tokendeck.core.errors import NetworkStep, TlsFault
from tokendeck.oauth.faults import unreachable
from tokendeck.oauth.network import MOST_UNREAD, Arrivals, Network, OnePiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oauth.servers import Exchange


class Transport(asyncio.Transport):
    """Keeps what it is told to do."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__({"socket": end, "ssl_object": "TLS"})
        self.written: list[bytes] = []
        self.is_paused = False
        self.is_aborted = False

    def write(self, data: Any) -> None:  # noqa: ANN401 - asyncio's own
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


@pytest.fixture
def transport(ends: tuple[socket.socket, socket.socket]) -> Transport:
    return Transport(ends[0])


@pytest.fixture
def arrivals(transport: Transport) -> Arrivals:
    arrivals = Arrivals()
    arrivals.connection_made(transport)
    return arrivals


@pytest.fixture
def stream(transport: Transport, arrivals: Arrivals) -> OnePiece:
    return OnePiece(transport, arrivals)


async def test_head_and_content_go_out_together_at_the_end_of_a_request(transport: Transport, stream: OnePiece) -> None:
    for piece in (b"head", b"content"):
        await stream.write(piece)
    before = list(transport.written)

    await stream.write(b"")

    assert (before, transport.written) == ([], [b"headcontent"])


async def test_what_arrived_is_read_before_the_error_that_came_after_it(arrivals: Arrivals, stream: OnePiece) -> None:
    arrivals.data_received(b"the answer")
    arrivals.connection_lost(ConnectionResetError())

    assert await stream.read(3) == b"the"
    assert await stream.read(100) == b" answer"
    with pytest.raises(httpcore.ReadError):
        await stream.read(100)


async def test_the_end_reads_as_nothing(arrivals: Arrivals, stream: OnePiece) -> None:
    reading = asyncio.create_task(stream.read(100))
    await asyncio.sleep(0)

    arrivals.eof_received()
    arrivals.connection_lost(None)

    assert await reading == b""
    assert await stream.read(100) == b""


async def test_a_reader_that_was_cancelled_loses_nothing(arrivals: Arrivals, stream: OnePiece) -> None:
    reading = asyncio.create_task(stream.read(100))
    await asyncio.sleep(0)
    reading.cancel()
    arrivals.data_received(b"late")
    await asyncio.wait([reading])

    assert await stream.read(100) == b"late"


async def test_whoever_sends_more_than_is_read_has_to_wait(
    transport: Transport, arrivals: Arrivals, stream: OnePiece
) -> None:
    arrivals.data_received(bytes(MOST_UNREAD + 1))
    assert transport.is_paused

    await stream.read(1)

    assert not transport.is_paused


async def test_a_writer_waits_until_the_other_side_takes_it(
    transport: Transport, arrivals: Arrivals, stream: OnePiece
) -> None:
    await stream.write(b"long")
    arrivals.pause_writing()
    writing = asyncio.create_task(stream.write(b""))
    await asyncio.sleep(0)
    assert (transport.written, writing.done()) == ([b"long"], False)

    arrivals.resume_writing()

    await writing


async def test_a_writer_learns_that_the_connection_was_lost_meanwhile(arrivals: Arrivals, stream: OnePiece) -> None:
    arrivals.pause_writing()
    writing = asyncio.create_task(stream.write(b""))
    await asyncio.sleep(0)

    arrivals.connection_lost(BrokenPipeError())

    with pytest.raises(httpcore.WriteError):
        await writing


async def test_nothing_is_written_on_a_connection_that_is_closed(transport: Transport, stream: OnePiece) -> None:
    await stream.aclose()

    with pytest.raises(httpcore.WriteError):
        await stream.write(b"")

    assert transport.written == []


async def test_no_hands_are_shaken_on_a_connection_that_is_closed(stream: OnePiece) -> None:
    await stream.aclose()

    with pytest.raises(httpcore.ConnectError):
        await stream.start_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "api.example", 1.0)


@pytest.mark.promise(8)
async def test_what_comes_before_the_handshake_is_never_read_as_if_it_came_by_tls(
    arrivals: Arrivals, stream: OnePiece
) -> None:
    arrivals.data_received(b"HTTP/1.1 200 OK\r\n")

    with pytest.raises(httpcore.ConnectError) as refused:
        await stream.start_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "api.example", 1.0)

    fault = unreachable(refused.value, "api.example", NetworkStep.TLS)
    assert (fault.step, fault.fault) == (NetworkStep.TLS, TlsFault.NO_TLS)


async def test_a_request_whose_end_is_no_empty_write_goes_out_before_its_answer_is_read(
    transport: Transport, arrivals: Arrivals, stream: OnePiece
) -> None:
    await stream.write(b"0\r\n\r\n")
    arrivals.data_received(b"the answer")

    assert await stream.read(100) == b"the answer"
    assert transport.written == [b"0\r\n\r\n"]


@pytest.mark.parametrize("point", ["read", "write"])
async def test_each_step_ends_in_time(arrivals: Arrivals, stream: OnePiece, point: str) -> None:
    arrivals.pause_writing()
    step = stream.read(1, 0.001) if point == "read" else stream.write(b"", 0.001)

    with pytest.raises(httpcore.TimeoutException):
        await step


def test_an_idle_connection_is_of_use_until_it_ends_or_brings_what_nobody_asked_for(
    ends: tuple[socket.socket, socket.socket], arrivals: Arrivals, stream: OnePiece
) -> None:
    idle = stream.get_extra_info("is_readable")
    ends[1].send(b"x")
    unasked = stream.get_extra_info("is_readable")
    ends[0].recv(1)
    arrivals.data_received(b"x")
    arrived = stream.get_extra_info("is_readable")

    assert (idle, unasked, arrived) == (False, True, True)


def test_a_closed_connection_is_of_no_use(ends: tuple[socket.socket, socket.socket], stream: OnePiece) -> None:
    ends[0].close()

    assert stream.get_extra_info("is_readable")
    assert stream.get_extra_info("ssl_object") == "TLS"


async def test_an_answer_is_whole_though_the_connection_is_reset_right_after_it() -> None:
    async def answer_and_reset(exchange: Exchange) -> None:
        await exchange.answer(b"{}")
        exchange.reset()

    async with serving(answer_and_reset) as hasty, httpcore.AsyncConnectionPool(network_backend=Network()) as pool:
        answer = await pool.request("GET", hasty.url())

    assert answer.content == b"{}"
