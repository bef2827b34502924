"""
Who may talk at the socket, and one round trip.

Imports next to nothing, so that a client which only asks for a token can start as fast as the interpreter does.
"""

from __future__ import annotations

import os
import socket
import sys
import time

MOST_REQUEST_BYTES = 256 * 1024
"""Room for two secrets of 16 KiB of which JSON escapes every character."""

MOST_ANSWER_BYTES = 1024 * 1024
"""Room for a token of 64 KiB many times over."""

# struct ucred on Linux (unix(7)) and struct xucred on macOS (unix(4)): the user id follows the first four bytes.
PEER_CREDENTIALS = {"linux": (socket.SOL_SOCKET, 17, 12), "darwin": (0, 1, 76)}


class NobodyThere(Exception):
    """No app runs for this home."""


class NoAnswer(Exception):
    """An app runs, but did not answer in time or at all."""


def is_own(connection: socket.socket) -> bool:
    """Tell whether the other side runs as this user; where the system does not say, the folder has to be enough."""
    if sys.platform == "win32" or sys.platform not in PEER_CREDENTIALS:
        return True
    credentials = connection.getsockopt(*PEER_CREDENTIALS[sys.platform])
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


def exchange(path: str, request: bytes, deadline_s: float) -> bytes:
    """
    Send a line and give the line that answers it.

    Raises:
        NobodyThere: nothing was sent.
        NoAnswer: not within `deadline_s`, or the other side ended first.

    """
    end = time.monotonic() + deadline_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(deadline_s)
        try:
            connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise NobodyThere from None
        except OSError:
            raise NoAnswer from None
        try:
            return _round_trip(connection, request, end)
        except OSError:
            raise NoAnswer from None


def _round_trip(connection: socket.socket, request: bytes, end: float) -> bytes:
    if not is_own(connection):
        raise NoAnswer
    connection.sendall(request)
    answer = bytearray()
    while not answer.endswith(b"\n"):
        connection.settimeout(max(end - time.monotonic(), 0.001))
        piece = connection.recv(65536)
        if not piece or len(answer) + len(piece) > MOST_ANSWER_BYTES:
            raise NoAnswer
        answer += piece
    return bytes(answer)
