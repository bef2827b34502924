from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from tokendeck.cli.errors import AppSilent
from tokendeck.cli.running.client import RunningApp
from tokendeck.cli.running.wire import (
    MOST_ANSWER_BYTES,
    NoAnswer,
    NobodyThere,
    exchange,
    is_own,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")

LOADED = """
import sys
before = set(sys.modules)
import tokendeck.cli.running.place, tokendeck.cli.running.wire
print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))
"""

LISTENS = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen()
print("ready", flush=True)
for _ in range(2):
    try:
        print(listener.accept()[0].recv(100))
    except ConnectionResetError:
        print(b"")
"""


@pytest.fixture
def run(home: Path) -> Path:
    """The runtime folder that the environment names."""
    return home / "run"


@pytest.fixture
def other_side(run: Path) -> Iterator[Callable[[Callable[[socket.socket], None]], str]]:
    """Lets a thread accept one connection and treat it as told; gives the path."""
    threads = []
    path = str(run / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()

        def begin(treat: Callable[[socket.socket], None]) -> str:
            def accept() -> None:
                connection, _ = listener.accept()
                with connection:
                    treat(connection)

            threads.append(threading.Thread(target=accept))
            threads[-1].start()
            return path

        yield begin
        for thread in threads:
            thread.join()


def test_one_line_goes_and_one_comes(other_side: Callable[[Callable[[socket.socket], None]], str]) -> None:
    def treat(connection: socket.socket) -> None:
        asked = connection.recv(100)
        connection.sendall(b"you said ")
        connection.sendall(asked)

    assert exchange(other_side(treat), b"hello\n", 20) == b"you said hello\n"


def test_a_socket_that_nobody_listens_at_is_nobody(run: Path) -> None:
    left = run / "left"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))

    for path in (left, run / "missing", run / "missing" / "deeper", left / "below"):
        with pytest.raises(NobodyThere):
            exchange(str(path), b"hello\n", 20)


def test_a_socket_that_cannot_be_asked_is_no_answer(run: Path) -> None:
    with pytest.raises(NoAnswer):
        exchange(str(run / ("x" * 200)), b"hello\n", 20)


def test_an_app_that_hangs_is_waited_for_until_the_deadline(run: Path) -> None:
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(run / "mute"))
        mute.listen()

        with pytest.raises(NoAnswer):
            exchange(str(run / "mute"), b"hello\n", 0.05)


@pytest.mark.parametrize("half", [b"", b"half an answ"])
def test_an_app_that_ends_before_it_has_answered_is_no_answer(
    other_side: Callable[[Callable[[socket.socket], None]], str], half: bytes
) -> None:
    def treat(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(half)

    with pytest.raises(NoAnswer):
        exchange(other_side(treat), b"hello\n", 20)


def test_an_answer_without_end_is_not_read_to_it(
    other_side: Callable[[Callable[[socket.socket], None]], str],
) -> None:
    sent = 0

    def treat(connection: socket.socket) -> None:
        nonlocal sent
        try:
            while True:
                sent += connection.send(b"x" * 65536)
        except OSError:
            return

    with pytest.raises(NoAnswer):
        exchange(other_side(treat), b"hello\n", 20)
    assert sent < 3 * MOST_ANSWER_BYTES


@pytest.mark.promise(22)
def test_both_ends_know_whose_the_other_one_is() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert is_own(here)
        assert is_own(there)


@pytest.mark.promise(22)
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")
async def test_a_socket_of_another_user_is_told_nothing(home: Path) -> None:
    path = home / "open" / "s"
    path.parent.mkdir()
    path.parent.chmod(0o777)
    for folder in (home, home.parent):
        folder.chmod(0o755)
    stranger = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", LISTENS, path), stdout=subprocess.PIPE
    )
    assert stranger.stdout is not None
    assert await stranger.stdout.readline() == b"ready\n"

    with pytest.raises(NoAnswer):
        exchange(str(path), b"a secret\n", 20)
    with pytest.raises(AppSilent):
        await RunningApp(str(path)).show()
    told, _ = await stranger.communicate()

    assert told.split() == [b"b''", b"b''"]


def test_a_client_that_starts_fast_can_use_it() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)

    assert not {"argparse", "asyncio", "dataclasses", "json", "pathlib", "typing"} & set(loaded.stdout.split())
