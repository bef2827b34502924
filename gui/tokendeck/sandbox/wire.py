"""
HTTP/1.1 over one connection: reads requests with h11, writes replies, whole or broken on purpose.

It knows nothing of providers, tokens or faults.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING, TypeAlias, assert_never

import h11

from tokendeck.sandbox.message import Cut, Delivery, Dropped, Reply, Request, Unreadable, Whole, header_bytes, phrase

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable

Respond: TypeAlias = "Callable[[Request | Unreadable], Awaitable[Delivery]]"

LARGEST_HEAD_BYTES = 256 * 1024
"""Room for a token of 64 KiB in a header."""

LARGEST_BODY_BYTES = 1024 * 1024
READ_BYTES = 64 * 1024
MOST_DISCARDED_BYTES = 64 * 1024 * 1024
BODILESS = frozenset({204, 304})


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond) -> None:
    """
    Answer one request after the other until either side closes.

    Args:
        reader: what the client sends.
        writer: what the client gets; the caller closes it.
        respond: called once for each request, and at last with `Unreadable` where the client sends no valid one.

    Raises:
        OSError: the client went away in the middle.

    """
    wire = _Wire(reader, writer)
    while (request := await wire.read()) is not None:
        match await respond(request):
            case Whole(reply):
                await wire.send(reply)
            case Cut(reply):
                await wire.send_half(reply)
                return
            case Dropped(reset):
                if reset:
                    wire.reset()
                return
            case other:
                assert_never(other)
        if isinstance(request, Unreadable):
            await wire.discard_rest()
            return
        if not wire.next_request():
            return


class _Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD_BYTES)
        peer = writer.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        self._head_only = False

    async def read(self) -> Request | Unreadable | None:
        """Give the next request; None where the client closed between two."""
        try:
            head = await self._event()
            if not isinstance(head, h11.Request):
                return None
            self._head_only = head.method == b"HEAD"
            body = await self._body(head)
        except h11.RemoteProtocolError as error:
            return Unreadable(error.error_status_hint)
        if body is None:
            return Unreadable(413)
        return Request(
            method=head.method.decode("ascii"),
            target=head.target.decode("latin-1"),
            headers=tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers),
            body=body,
            peer=self._peer,
        )

    async def send(self, reply: Reply) -> None:
        parts = [self._head(reply)]
        if not self._head_only and reply.status not in BODILESS:
            parts.append(self._frame(h11.Data(data=reply.body)))
        parts.append(self._frame(h11.EndOfMessage()))
        # Not `writelines`: from Python 3.12 on, an empty piece in it stays in the transport's buffer for good.
        self._writer.write(b"".join(parts))
        await self._writer.drain()

    async def send_half(self, reply: Reply) -> None:
        half = 0 if self._head_only else len(reply.body) // 2
        self._writer.write(self._head(reply) + reply.body[:half])
        await self._writer.drain()

    def reset(self) -> None:
        """Close so that the client gets a RST: lingering for no time at all, socket(7)."""
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._writer.transport.abort()

    def next_request(self) -> bool:
        """Make ready for another request; False where the connection ends with this one."""
        if self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
            return False
        self._h11.start_next_cycle()
        return True

    async def discard_rest(self) -> None:
        """Let a client that is still sending read its answer: closing over unread bytes would reset the connection."""
        self._writer.write_eof()
        left = MOST_DISCARDED_BYTES
        while left > 0 and (data := await self._reader.read(READ_BYTES)):
            left -= len(data)

    async def _event(self) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        """Give the next event, never `NEED_DATA`."""
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            if self._h11.they_are_waiting_for_100_continue:
                self._writer.write(self._frame(h11.InformationalResponse(status_code=100, headers=[])))
            self._h11.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def _body(self, head: h11.Request) -> bytes | None:
        """Read the body; None where it is larger than the sandbox reads."""
        declared = dict(head.headers).get(b"content-length", b"0")
        if int(declared) > LARGEST_BODY_BYTES:
            return None
        body = b""
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > LARGEST_BODY_BYTES:
                return None
        return body

    def _head(self, reply: Reply) -> bytes:
        headers = header_bytes(reply.headers)
        if reply.status not in BODILESS:
            headers.append((b"Content-Length", str(len(reply.body)).encode()))
        if self._h11.their_state is not h11.DONE:
            headers.append((b"Connection", b"close"))
        return self._frame(h11.Response(status_code=reply.status, headers=headers, reason=phrase(reply.status)))

    def _frame(self, event: h11.Event) -> bytes:
        return self._h11.send(event) or b""
