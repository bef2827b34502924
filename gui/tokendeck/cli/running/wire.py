"""
Where the socket is, who may talk at it, and one round trip.

Imports next to nothing, so that a client which only asks for a token can start as fast as the interpreter does.
"""

from __future__ import annotations

import os
import socket
import stat
import sys
import time

TYPE_CHECKING = False  # type checkers know the name; `typing` takes long to load
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PATH_BYTES = 103
"""macOS takes 103 and a zero, Linux four more."""

MOST_REQUEST_BYTES = 256 * 1024
"""Room for two secrets of 16 KiB of which JSON escapes every character."""

MOST_ANSWER_BYTES = 1024 * 1024
"""Room for a token of 64 KiB many times over."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO

# struct ucred on Linux (unix(7)) and struct xucred on macOS (unix(4)): the user id follows the first four bytes.
PEER_CREDENTIALS = {"linux": (socket.SOL_SOCKET, 17, 12), "darwin": (0, 1, 76)}


class NobodyThere(Exception):
    """No app runs for this home."""


class NoAnswer(Exception):
    """An app runs, but did not answer in time or at all."""


def socket_path(
    name: str, environ: Mapping[str, str] = os.environ, *, runtime_folders: str = "/run/user"
) -> str | None:
    """
    Give the socket's path in a folder that belongs to this user alone; None where there is no such folder.

    Args:
        name: tells two homes apart.
        environ: names the runtime folder.
        runtime_folders: holds one for each user; a shell that cron or su started does not name its own.

    """
    if sys.platform == "win32":
        return None
    for folder in _folders(environ, runtime_folders):
        path = f"{folder}/tokendeck-{name}.socket"
        if _is_private(folder) and len(os.fsencode(path)) <= MOST_PATH_BYTES:
            return path
    return None


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


def _folders(environ: Mapping[str, str], runtime_folders: str) -> Iterator[str]:
    """Give where a socket may be, best first; the last one is made where it is missing."""
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):  # the XDG specification has a relative one ignored
        yield runtime
    yield f"{runtime_folders}/{os.getuid()}"
    folder = f"{environ.get('TMPDIR') or '/tmp'}/tokendeck-{os.getuid()}"  # noqa: S108 - checked to be ours alone
    _make_private(folder)
    yield folder


def _make_private(folder: str) -> None:
    """Make a folder, or take others' rights from one that is this user's own; what matters is what is there then."""
    try:
        if not os.path.lexists(folder):
            os.mkdir(folder, 0o700)  # noqa: PTH102 - pathlib takes long to load
        elif _is_own_folder(os.lstat(folder)):
            os.chmod(folder, 0o700)  # noqa: PTH101 - as above
    except OSError:
        return  # another start was first, or it cannot be done


def _is_private(folder: str) -> bool:
    try:
        facts = os.lstat(folder)
    except OSError:
        return False
    return _is_own_folder(facts) and not facts.st_mode & OTHERS


def _is_own_folder(facts: os.stat_result) -> bool:
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
