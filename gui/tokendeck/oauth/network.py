"""The network below httpcore, on asyncio's transports: what arrived is never lost, and requests go out whole."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator

T = TypeVar("T")

HEAD_START_S = 0.25
"""Before the next address of a host is tried beside the one before: RFC 8305, section 5."""

MOST_UNREAD = 256 * 1024
"""Bytes; whoever sends more has to wait until somebody reads."""


class Network(httpcore.AsyncNetworkBackend):
    """
    Opens connections.

    httpcore's own does the same by way of anyio, which takes an eighth of a refresh.
    """

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to whichever address of a host answers first. Raises `ConnectError` or `ConnectTimeout`."""
        del local_address, socket_options  # nobody chooses them
        with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                try:
                    transport, arrivals = await asyncio.get_running_loop().create_connection(
                        Arrivals, host, port, happy_eyeballs_delay=HEAD_START_S
                    )
                except UnicodeError:  # what can be no name: nobody was asked for it
                    raise socket.gaierror(socket.EAI_NONAME, "label empty or too long") from None
        return OnePiece(transport, arrivals)


class Arrivals(asyncio.Protocol):
    """What has come in on a connection, and how it ended; the one is given before the other is told."""

    def __init__(self) -> None:
        """Wait for the connection."""
        self.transport: asyncio.Transport | None = None
        """Where it comes from; another one once there is TLS."""

        self._unread = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    def check_open(self) -> asyncio.Transport:
        """Give the transport. Raises what the connection ended in, where it has."""
        if self.transport is None or self.transport.is_closing():
            raise self._error or ConnectionResetError
        return self.transport

    def check_silent(self) -> None:
        """Raise what OpenSSL says of no TLS where bytes came before any: they would be read as if they came by it."""
        if self._unread:
            error = ssl.SSLError(ssl.SSLErrorNumber.SSL_ERROR_SSL, "bytes came before the handshake")
            error.reason = "WRONG_VERSION_NUMBER"
            raise error

    def is_of_no_use(self) -> bool:
        """Tell whether it has ended, or brought what nobody has read."""
        return self._has_ended or bool(self._unread)

    async def read(self, most: int) -> bytes:
        """Wait for bytes and give `most` of them; none at the end. Raises what the connection ended in."""
        if not self._unread and not self._has_ended:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if not self._unread and self._error is not None:
            raise self._error
        chunk = bytes(self._unread[:most])
        del self._unread[:most]
        if len(self._unread) <= MOST_UNREAD and self.transport is not None and not self._has_ended:
            self.transport.resume_reading()
        return chunk

    async def write(self, content: bytes) -> None:
        """Send, and wait until it is on its way. Raises what the connection ended in."""
        self.check_open().write(content)
        await self._may_write.wait()
        if self._error is not None:
            raise self._error

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take in where it comes from."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self._unread += data
        if len(self._unread) > MOST_UNREAD and self.transport is not None:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note that no more will come."""
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note how it ended."""
        self._has_ended = True
        self._error = exc
        self._may_write.set()
        self._wake()

    def pause_writing(self) -> None:
        """Keep writers waiting."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Let them go on."""
        self._may_write.set()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class OnePiece(httpcore.AsyncNetworkStream):
    """
    Sends head and content of a request together.

    httpcore writes them one after the other, which wakes the other side twice and costs a system call more. At the end
    of a request whose length was told it writes nothing, in so many words; of any other, reading begins then.
    """

    def __init__(self, transport: asyncio.Transport, arrivals: Arrivals) -> None:
        """Take an open connection."""
        self._transport = transport
        self._arrivals = arrivals
        self._waiting = b""
        self._socket: socket.socket = transport.get_extra_info("socket")
        self._poll: select.poll | None = None
        with suppress(AttributeError):  # Windows has none
            self._poll = select.poll()
            self._poll.register(self._socket.fileno(), select.POLLIN)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        """Let `buffer` wait for the rest; nothing at all is the end, and sends what waits. Raises `WriteError`."""
        self._waiting += buffer
        if buffer:
            return
        waiting, self._waiting = self._waiting, b""
        with _told_as(httpcore.WriteTimeout, httpcore.WriteError):
            await _within(timeout, self._arrivals.write(waiting))

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Read; nothing at the end. Raises `ReadError`, and `WriteError` where something still waited to be sent."""
        if self._waiting:
            await self.write(b"")
        with _told_as(httpcore.ReadTimeout, httpcore.ReadError):
            return await _within(timeout, self._arrivals.read(max_bytes))

    async def aclose(self) -> None:
        """Close the connection at once: nothing is on its way that anybody waits for."""
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands. Raises `ConnectError` or `ConnectTimeout`."""
        try:
            with _told_as(httpcore.ConnectTimeout, httpcore.ConnectError):
                self._arrivals.check_open()
                self._arrivals.check_silent()
                async with asyncio.timeout(timeout):
                    secured = await asyncio.get_running_loop().start_tls(
                        self._transport, self._arrivals, ssl_context, server_hostname=server_hostname
                    )
        except BaseException:
            self._transport.abort()
            raise
        assert secured is not None
        self._arrivals.transport = secured
        return OnePiece(secured, self._arrivals)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        """Give what httpcore asks about: `ssl_object`, and whether there `is_readable` what nobody has asked for."""
        if info != "is_readable":
            return self._transport.get_extra_info(info)
        if self._arrivals.is_of_no_use() or self._socket.fileno() < 0:
            return True
        return bool(self._poll.poll(0) if self._poll is not None else select.select([self._socket], [], [], 0)[0])


async def _within(seconds: float | None, step: Coroutine[Any, Any, T]) -> T:
    """Wait for a step of an exchange, for so long at most; the most usual limit is none."""
    if seconds is None:
        return await step
    async with asyncio.timeout(seconds):
        return await step


@contextmanager
def _told_as(timeout: type[Exception], other: type[Exception]) -> Iterator[None]:
    """Translate what sockets and TLS raise. A system's own timeout is a TimeoutError too."""
    try:
        yield
    except TimeoutError as error:
        raise timeout from error
    except OSError as error:
        raise other from error
