"""Servers on loopback that a test scripts byte by byte, and that remember what they got."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Script = Callable[["Exchange"], Awaitable[None]]

ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER without waiting: closing then resets the connection."""


@dataclass
class Exchange:
    """One request as it arrived, and the means to answer it."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case name."""

    body: bytes
    connection: int
    """Counts the connections to this server, from 1."""

    writer: asyncio.StreamWriter

    def write(self, content: bytes) -> None:
        self.writer.write(content)

    async def answer(self, body: bytes = b"{}", status: str = "200 OK", **headers: str) -> None:
        named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)
        await self.writer.drain()

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        self.writer.transport.abort()


@dataclass
class Server:
    """Answers each request as its script says, by default `200 {}`."""

    port: int = 0
    scheme: str = "http"
    script: Script = Exchange.answer
    received: list[Exchange] = field(default_factory=list)
    fragments: list[bytes] = field(default_factory=list)
    """What came of requests that never came whole; empty where not a byte of one did."""

    connections: int = 0
    held: asyncio.Event = field(default_factory=asyncio.Event)
    """For scripts that never come to an end by themselves; set when the server stops."""

    reads: bool = True
    """Whether it takes anything in from the connections that it accepts."""

    hangs_up: bool = False
    """Whether it closes each connection at once."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def url(self, path: str = "/token", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = self.connections
        self.writers.append(writer)
        if self.hangs_up:
            writer.close()
        if not self.reads:
            await self.held.wait()
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                head = (await self._head(reader)).decode()
                line, *lines = head.rstrip("\r\n").split("\r\n")
                method, target, _ = line.split(" ")
                headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                exchange = Exchange(method, target, headers, body, connection, writer)
                self.received.append(exchange)
                await self.script(exchange)
        writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            self.fragments += [error.partial] if error.partial else []
            raise


@asynccontextmanager
async def serving(script: Script = Exchange.answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve on 127.0.0.1 until the context ends."""
    server = Server(scheme="https" if tls else "http", script=script)
    talks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.ensure_future(server.converse(reader, writer))
        talks.add(talk)

    listener = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls, limit=1024 * 1024)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        server.held.set()
        for writer in server.writers:
            writer.transport.abort()
        await asyncio.gather(*talks)
        await listener.wait_closed()
