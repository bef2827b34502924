"""
The loopback listener for browsers that come back from signing in: RFC 8252, sections 7.3 and 8.3.

It hears one path under one name, by GET only, and logs nothing of what it hears. It knows no attempt: whoever opened it
judges what a browser brings, and says how it went.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

from tokendeck.core.errors import BadUrl, PortInUse
from tokendeck.oauth.callback_page import HEADERS, page_body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from tokendeck.core.connection import Connection
    from tokendeck.core.redirect import LoopbackRedirect

    Address: TypeAlias = tuple[int, str]
    Describe: TypeAlias = Callable[[Exception | None, Connection | None], tuple[str, str]]

ADDRESSES: dict[str, tuple[Address, ...]] = {
    "127.0.0.1": ((socket.AF_INET, "127.0.0.1"),),
    "::1": ((socket.AF_INET6, "::1"),),
    "localhost": ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")),
}
"""What is listened on, by the host of the redirect URI: always literals, which nobody else can answer to."""

KEEP_OTHERS_OFF = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""On Windows another program could take the port over; elsewhere nobody can, and a port just used is free again."""

WAITING_CONNECTIONS = 100
LARGEST_HEAD_BYTES = 32 * 1024
READ_BYTES = 16 * 1024
TRIES_FOR_TWO_PORTS = 20
LAST_PAGE_S = 0.5
"""How long the last page may take to its browser."""

NO_SUCH_PAGE = (HTTPStatus.NOT_FOUND, "Not found", "Tokendeck waits for a sign-in here, and for nothing else.")
NOT_BY_THIS_METHOD = (HTTPStatus.METHOD_NOT_ALLOWED, "Not allowed", NO_SUCH_PAGE[2])
OVER = ("This sign-in is over", "Go back to Tokendeck to see how it went.")


@dataclass(slots=True, eq=False)
class BrowserCallback:
    """A browser that asked for the right page and waits for it."""

    query: str
    """The part of the address behind its `?`."""

    _page: asyncio.Future[tuple[str, str]]
    _describe: Describe

    def answer(self, trouble: Exception | None, connection: Connection | None) -> None:
        """Show it how it went."""
        if not self._page.done():
            self._page.set_result(self._describe(trouble, connection))


class LoopbackListener:
    """Opens ports for attempts to sign in."""

    def __init__(self, describe: Describe, addresses: Mapping[str, tuple[Address, ...]] = ADDRESSES) -> None:
        """
        Take what the pages say, and what to listen on.

        Args:
            describe: gives heading and text of the page that says how it went.
            addresses: by the host of the redirect URI: family and literal.

        """
        self._describe = describe
        self._addresses = addresses

    async def open(self, redirect: LoopbackRedirect) -> OpenPort:
        """Listen where `redirect` leads. Raises `PortInUse`, and `BadUrl` for an address that this machine has not."""
        sockets = _bind(redirect, self._addresses[redirect.host])
        port = OpenPort(redirect, sockets[0].getsockname()[1], self._describe)
        await port.listen(sockets)
        return port


class OpenPort:
    """One port, open for one attempt."""

    def __init__(self, redirect: LoopbackRedirect, port: int, describe: Describe) -> None:
        """Take what is waited for."""
        self.port = port
        self._host = urlsplit(redirect.uri(port)).netloc.encode("ascii")
        self._path = redirect.path
        self._describe = describe
        self._arrived: asyncio.Queue[BrowserCallback] = asyncio.Queue()
        self._unanswered: set[asyncio.Future[tuple[str, str]]] = set()
        self.servers: list[asyncio.Server] = []
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def listen(self, sockets: list[socket.socket]) -> None:
        """Take up connections from now on."""
        self.servers = [
            await asyncio.start_server(self._converse, sock=one, backlog=WAITING_CONNECTIONS) for one in sockets
        ]

    async def next(self) -> BrowserCallback:
        """Wait for the next browser that asks for the right path by the right name."""
        return await self._arrived.get()

    async def close(self) -> None:
        """Send the pages that were answered, and listen no longer."""
        for server in self.servers:
            server.close()
        for page in self._unanswered:
            if not page.done():
                page.set_result(OVER)
        if self._answering:
            await asyncio.wait(self._answering, timeout=LAST_PAGE_S)
        for writer in self._conversations.values():
            writer.transport.abort()  # its conversation reads the end of the stream, and ends
        if self._conversations:
            await asyncio.wait(self._conversations)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request; browsers also connect ahead and send none, and those are left waiting."""
        task = asyncio.current_task()
        assert task is not None
        self._conversations[task] = writer
        try:
            with suppress(OSError, h11.RemoteProtocolError):
                await self._answer_one(reader, writer, task)
        finally:
            del self._conversations[task]
            self._answering.discard(task)
            writer.close()

    async def _answer_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, task: asyncio.Task[None]
    ) -> None:
        wire = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD_BYTES)
        while (event := wire.next_event()) is h11.NEED_DATA:
            wire.receive_data(await reader.read(READ_BYTES))
        if not isinstance(event, h11.Request):
            return
        self._answering.add(task)
        status, heading, text = await self._page_for(event)
        body = page_body(heading, text)
        fields = [*HEADERS, ("Allow", "GET"), ("Content-Length", str(len(body)))]
        head = wire.send(h11.Response(status_code=status, headers=fields))
        writer.write((head or b"") + (b"" if event.method == b"HEAD" else body))
        await writer.drain()

    async def _page_for(self, request: h11.Request) -> tuple[HTTPStatus, str, str]:
        path, _, query = request.target.decode("latin-1").partition("?")
        hosts = [value for name, value in request.headers if name == b"host"]
        if path != self._path or hosts != [self._host]:
            return NO_SUCH_PAGE
        if request.method != b"GET":
            return NOT_BY_THIS_METHOD
        page = asyncio.get_running_loop().create_future()
        self._unanswered.add(page)
        try:
            self._arrived.put_nowait(BrowserCallback(query, page, self._describe))
            return (HTTPStatus.OK, *(await page))
        finally:
            self._unanswered.discard(page)


def _bind(redirect: LoopbackRedirect, addresses: tuple[Address, ...]) -> list[socket.socket]:
    """Take the port on each address that this machine has; where it may be any, one that is free on all of them."""
    port = redirect.port
    for _ in range(1 if redirect.port else TRIES_FOR_TWO_PORTS):
        bound: list[socket.socket] = []
        port = redirect.port
        try:
            for family, address in addresses:
                with suppress(_NoSuchAddress):
                    bound.append(_bound(family, address, port))
                    port = bound[0].getsockname()[1]
        except PortInUse:
            for one in bound:
                one.close()
        else:
            if not bound:
                raise BadUrl(redirect.uri(redirect.port), "an address that this machine has, such as 127.0.0.1")
            return bound
    raise PortInUse(port)


def _bound(family: int, address: str, port: int) -> socket.socket:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # no IPv6 in this kernel
        raise _NoSuchAddress from None
    try:
        one.setsockopt(socket.SOL_SOCKET, KEEP_OTHERS_OFF, 1)
        one.bind((address, port))
    except OSError as error:
        one.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _NoSuchAddress from None
        raise PortInUse(port) from error
    return one


class _NoSuchAddress(Exception):
    """The machine has no such address."""
