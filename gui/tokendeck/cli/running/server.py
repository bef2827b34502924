"""The socket of a running app: who is let in, how much is read, how long is waited."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from tokendeck.cli.running.wire import MOST_REQUEST_BYTES, is_own

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator, Awaitable, Callable

log = logging.getLogger(__name__)

MOST_CLIENTS = 64
PATIENCE_S = 10.0
"""How long a client may take to say what it wants, and again to take the answer."""


@asynccontextmanager
async def listening(
    path: str, answer: Callable[[bytes], Awaitable[bytes]], *, patience_s: float = PATIENCE_S
) -> AsyncIterator[None]:
    """
    Answer at `path` inside the context. Raises `OSError` where nothing can listen there.

    Whoever calls this holds the home's lock: a socket found at `path` was left by a process that is dead, and is
    replaced.

    Args:
        path: in a folder that only this user can enter.
        answer: takes a line and gives a line, and raises nothing.
        patience_s: for each client, to write and to read.

    """
    room = _Room(answer, patience_s)
    server = await asyncio.start_unix_server(room.welcome, path, limit=MOST_REQUEST_BYTES)
    os.chmod(path, 0o600)  # noqa: PTH101 - the work of an instant, as below
    try:
        yield
    finally:
        server.close()
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - the path is text, and pathlib slow to load
        await room.clear()


class _Room:
    """The clients that are being answered."""

    def __init__(self, answer: Callable[[bytes], Awaitable[bytes]], patience_s: float) -> None:
        self._answer = answer
        self._patience_s = patience_s
        self._tasks: set[asyncio.Task[None]] = set()

    def welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Begin to answer a client; one too many, or of another user, is sent away without a word."""
        if len(self._tasks) >= MOST_CLIENTS or not is_own(writer.get_extra_info("socket")):
            log.info("a client was sent away")
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._attend(reader, writer), name="answer the command line")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def clear(self) -> None:
        """Send everybody away; what was begun for them in the engine goes on there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attend(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._patience_s):
                line = await reader.readuntil(b"\n")
            writer.write(await self._answer_while_there(line, reader))
            writer.close()
            async with asyncio.timeout(self._patience_s):
                await writer.wait_closed()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            log.info("a client was not answered: %s", type(error).__name__)
            writer.transport.abort()
        except asyncio.CancelledError:
            writer.transport.abort()
            raise

    async def _answer_while_there(self, line: bytes, reader: StreamReader) -> bytes:
        """Give the answer, unless the client goes away first; what is on the wire for it goes on."""
        answering = asyncio.ensure_future(self._answer(line))
        leaving = asyncio.ensure_future(reader.read(1))
        try:
            await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise asyncio.IncompleteReadError(b"", None)
            return await answering
        finally:
            answering.cancel()
            leaving.cancel()
