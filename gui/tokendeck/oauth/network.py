"""The network, as requests go out: each in one piece."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterable


class Network(httpcore.AnyIOBackend):
    """Opens connections as httpcore does; what is written on them waits for the end of its request."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect. Raises what httpcore raises."""
        return OnePiece(await super().connect_tcp(host, port, timeout, local_address, socket_options))


class OnePiece(httpcore.AsyncNetworkStream):
    """
    Sends head and content of a request together.

    httpcore writes them one after the other, which wakes the other side twice and costs a system call more; at the end
    of a request it writes nothing, in so many words.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        """Write to `stream`, and read from it."""
        self._stream = stream
        self._waiting = b""
        self._socket: socket.socket | None = stream.get_extra_info("socket")
        self._poll = select.poll() if self._socket is not None and hasattr(select, "poll") else None
        if self._socket is not None and self._poll is not None:
            self._poll.register(self._socket.fileno(), select.POLLIN)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's own
        """Let `buffer` wait for the rest; nothing at all is the end, and sends what waits."""
        self._waiting += buffer
        if not buffer:
            waiting, self._waiting = self._waiting, b""
            await self._stream.write(waiting, timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's own
        """Read; empty at the end."""
        return await self._stream.read(max_bytes, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own
    ) -> httpcore.AsyncNetworkStream:
        """Shake hands. Raises what httpcore raises."""
        return OnePiece(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own
        """
        Tell about the connection.

        Whether there is something to read is asked of every kept connection at every request, and told without the
        detour through all that anyio could tell: a third of what a request takes otherwise.
        """
        if info == "is_readable" and self._poll is not None and self._socket is not None and self._socket.fileno() >= 0:
            return bool(self._poll.poll(0))
        return self._stream.get_extra_info(info)
