"""
Where the socket is.

Imports next to nothing: every start of the window looks there, and a client which only asks for a token has to start as
fast as the interpreter does.
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False  # type checkers know the name; `typing` takes long to load
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PATH_BYTES = 103
"""macOS takes 103 and a zero, Linux four more."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
