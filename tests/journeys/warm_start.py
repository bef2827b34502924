"""
Imports what the command line needs, then forks for each command that it is sent.

Run as a program by `WarmStart`. What it forks is a process as any other, with arguments, environment, folder and
streams of its own; only Python's start and the imports, most of a command's time, are behind it.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import select
import signal
import socket
import sys
from typing import Any

LONGEST_ORDER = 1 << 20
STREAMS = (0, 1, 2)
IMPORTED = (
    "anyio._backends._asyncio",
    "argparse",
    "asyncio",
    "certifi",
    "concurrent.futures.thread",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.kdf.argon2",
    "getpass",
    "httpcore",
    "keyring.backends.SecretService",
    "tokendeck.app.examination",
    "tokendeck.app.main",
    "tokendeck.app.program",
    "tokendeck.cli.main",
    "tokendeck.cli.running.client",
    "tokendeck.core.wording.errors",
    "tokendeck.core.wording.findings",
    "tokendeck.core.wording.verdicts",
    "tokendeck.oauth.exchange",
    "tokendeck.oauth.tls",
    "tokendeck.storage.keyrings",
)


def serve(listener: socket.socket) -> dict[str, Any] | None:
    """Give, in a process of its own, what to run; None in this one, once whoever started it is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if listener not in ready:
            return None
        connection, _ = listener.accept()
        sent, streams, _, _ = socket.recv_fds(connection, LONGEST_ORDER, len(STREAMS))
        if os.fork() == 0:
            listener.close()
            _wait_for_the_next(connection, streams)
            for stream, standard in zip(streams, STREAMS, strict=True):
                os.dup2(stream, standard)
                os.close(stream)
            order: dict[str, Any] = json.loads(sent)
            return order
        connection.close()
        for stream in streams:
            os.close(stream)


def _wait_for_the_next(connection: socket.socket, streams: list[int]) -> None:
    """Fork once more and return in the child; tell in the parent how the child ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        connection.close()
        return
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(order: dict[str, Any]) -> None:
    """Take over what a process of its own has of its own."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv[1:] = order["arguments"]
    random.seed()


def main() -> int:
    for name in IMPORTED:
        importlib.import_module(name)
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        order = serve(listener)
    if order is None:
        return 0
    become(order)
    from tokendeck.__main__ import main as tokendeck

    return tokendeck()


if __name__ == "__main__":
    sys.exit(main())
