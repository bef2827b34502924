from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokendeck.cli.running.server import MOST_CLIENTS, listening
from tokendeck.cli.running.wire import MOST_REQUEST_BYTES

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")


@pytest.fixture
def path(home: Path) -> str:
    return str(home / "run" / "s")


@pytest.fixture
async def clients(path: str) -> AsyncIterator[Clients]:
    async with AsyncExitStack() as stack:
        yield Clients(path, stack)


class Clients:
    """Connections that are closed when the test ends."""

    def __init__(self, path: str, stack: AsyncExitStack) -> None:
        self._path = path
        self._stack = stack
        self._writers: list[StreamWriter] = []

    async def connect(self) -> tuple[StreamReader, StreamWriter]:
        reader, writer = await asyncio.open_unix_connection(self._path, limit=4 * MOST_REQUEST_BYTES)
        self._stack.callback(self._writers.append, writer)  # kept until all are closed
        self._stack.callback(writer.transport.abort)
        return reader, writer

    async def ask(self, line: bytes) -> bytes:
        reader, writer = await self.connect()
        writer.write(line)
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def echo(line: bytes) -> bytes:
    return line.upper()


async def test_a_line_is_answered_by_a_line(path: str, clients: Clients) -> None:
    async with listening(path, echo):
        assert await clients.ask(b"hello\n") == b"HELLO\n"
        assert await clients.ask(b"again\nand more") == b"AGAIN\n"


@pytest.mark.promise(22)
async def test_the_socket_is_for_its_owner_alone_and_goes_with_the_app(path: str) -> None:
    async with listening(path, echo):
        mode = Path(path).stat().st_mode & 0o777

    assert mode == 0o600
    assert not Path(path).exists()


@pytest.mark.promise(22)
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")
async def test_another_user_is_sent_away_without_a_word(path: str) -> None:
    asked: list[bytes] = []

    async def answer(line: bytes) -> bytes:
        asked.append(line)
        return b"a secret\n"

    async with listening(path, answer):
        barred = await as_nobody(path)
        for folder in list(Path(path).parents)[:3]:
            folder.chmod(0o755)
        Path(path).chmod(0o666)
        let_through = await as_nobody(path)

    assert barred == "PermissionError"
    assert let_through in {"b''", "ConnectionResetError", "BrokenPipeError"}
    assert asked == []


async def as_nobody(path: str) -> str:
    """Ask as another user; give what came, or the error's name."""
    program = (
        "import os, socket\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try:\n"
        f"    s = socket.socket(socket.AF_UNIX); s.connect({path!r}); s.sendall(b'hello\\n'); print(s.recv(100))\n"
        "except OSError as error:\n"
        "    print(type(error).__name__)\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", program), env={}, stdout=subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().strip()


async def test_what_a_dead_app_left_is_replaced(path: str, clients: Clients) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)

    async with listening(path, echo):
        assert await clients.ask(b"hello\n") == b"HELLO\n"


async def test_where_nothing_can_listen_that_is_told(home: Path) -> None:
    with pytest.raises(OSError, match=r"."):
        async with listening(str(home / "nowhere" / "s"), echo):
            pass


async def test_a_request_without_end_is_not_read_to_it(path: str, clients: Clients) -> None:
    async with listening(path, echo):
        assert await clients.ask(b"x" * (2 * MOST_REQUEST_BYTES)) == b""
        assert await clients.ask(b"hello\n") == b"HELLO\n"


async def test_a_request_of_the_largest_size_is_answered(path: str, clients: Clients) -> None:
    async with listening(path, echo):
        assert len(await clients.ask(b"x" * (MOST_REQUEST_BYTES - 1) + b"\n")) == MOST_REQUEST_BYTES


async def test_a_client_that_leaves_in_the_middle_disturbs_nobody(path: str, clients: Clients) -> None:
    async with listening(path, echo):
        _, writer = await clients.connect()
        writer.write(b"half a requ")
        await writer.drain()
        writer.transport.abort()

        assert await clients.ask(b"hello\n") == b"HELLO\n"


async def test_a_client_that_asks_nothing_is_sent_away_and_keeps_nobody_waiting(path: str, clients: Clients) -> None:
    async with listening(path, echo, patience_s=0.05):
        silent, _ = await clients.connect()
        answered = await clients.ask(b"hello\n")

        assert answered == b"HELLO\n"
        assert await silent.read() == b""


async def test_a_client_that_does_not_read_its_answer_is_sent_away(path: str, clients: Clients) -> None:
    begun = asyncio.Event()

    async def answer(_: bytes) -> bytes:
        begun.set()
        return b"x" * 10_000_000 + b"\n"

    async with listening(path, answer, patience_s=0.05):
        reader, writer = await clients.connect()
        writer.write(b"hello\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams have transports of both directions
        await begun.wait()
        await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name() == "answer the command line"])
        writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
        try:
            read = len(await reader.read())
        except ConnectionResetError:
            read = 0

    assert read < 10_000_000


async def test_one_client_too_many_is_sent_away_and_the_next_is_welcome(path: str, clients: Clients) -> None:
    begun, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def answer(line: bytes) -> bytes:
        begun.release()
        await go_on.wait()
        return line

    async with listening(path, answer):
        waiting = [asyncio.create_task(clients.ask(b"hello\n")) for _ in range(MOST_CLIENTS)]
        for _ in waiting:
            await begun.acquire()
        refused = await clients.ask(b"hello\n")
        go_on.set()
        answered = await asyncio.gather(*waiting)
        welcome = await clients.ask(b"hello\n")

    assert refused == b""
    assert answered == [b"hello\n"] * MOST_CLIENTS
    assert welcome == b"hello\n"


async def test_an_app_that_ends_sends_away_whoever_waits(path: str, clients: Clients) -> None:
    begun = asyncio.Event()

    async def answer(_: bytes) -> bytes:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with listening(path, answer):
        waiting = asyncio.create_task(clients.ask(b"hello\n"))
        await begun.wait()

    assert await waiting == b""
