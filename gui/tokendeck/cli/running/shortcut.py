"""
`tokendeck token NAME` beside a running app, in little more than the time that Python takes to start.

Imports next to nothing, no JSON reader among it, and does only what goes well: whatever else comes up is the whole
command line's to tell.
"""

from __future__ import annotations

import os
import sys
from zlib import crc32

from tokendeck.cli.running.place import socket_path
from tokendeck.cli.running.wire import NoAnswer, NobodyThere, exchange

TYPE_CHECKING = False  # type checkers know the name; `typing` takes long to load
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HELLO_S = 10.0
WORK_S = 180.0
"""As in `messages` and `client`, which take long to load."""

REQUEST = b'{"protocol": 1, "ask": "%s", "with": {"is": "Mapping", "of": {%s}}}\n'
VALUE, ERROR, END = b'{"value": "', b'{"error": ', b'"}\n'
INTERRUPTED = 128 + 2


def print_token(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int | bytes:
    """
    Print a token that the running app gives; give the exit code.

    Gives the app's own words instead where it has refused, and nothing of it (empty) where nothing was asked of it or
    it left the command line to itself. What is given then is for `tokendeck.app.main.run`.
    """
    name, home = _wanted(argv, environ)
    path = _path(home, environ) if name else None
    if path is None:
        return b""
    try:
        exchange(path, REQUEST % (b"hello", b""), HELLO_S)  # one that is stuck is not waited for as long as for work
        asked = b'"name": "%s"' % name.encode("utf-8").hex().encode("ascii")
        answer = exchange(path, REQUEST % (b"plain_token", asked), WORK_S)
    except (NobodyThere, UnicodeEncodeError):
        return b""
    except NoAnswer:
        return _tell_silence()
    except KeyboardInterrupt:
        return INTERRUPTED
    if answer.startswith(VALUE) and answer.endswith(END):
        return _print(bytes.fromhex(answer[len(VALUE) : -len(END)].decode("ascii")).decode("utf-8"))
    return answer if answer.startswith(ERROR) else b""


def _wanted(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, str]:
    """Give name and home where a bare token is asked for and nothing else; an empty name otherwise."""
    home = environ.get("TOKENDECK_HOME", "") or _own_home(environ)
    match list(argv):
        case ["token", name]:
            pass
        case ["--home", home, "token", name]:
            pass
        case [option, "token", name] if option.startswith("--home="):
            home = option.removeprefix("--home=")
        case _:
            return "", ""
    if name.startswith("-") or environ.get("TOKENDECK_DEBUG", "0") not in {"", "0"}:
        return "", ""
    return name, home


def _own_home(environ: Mapping[str, str]) -> str:
    """Give the home that is used where none is named; empty where it takes more than a look to know."""
    if sys.platform != "linux":
        return ""
    data = environ.get("XDG_DATA_HOME", "")
    return f"{data if data.strip() else os.path.expanduser('~/.local/share')}/tokendeck"  # noqa: PTH111 - pathlib takes long to load


def _path(home: str, environ: Mapping[str, str]) -> str | None:
    """Give the socket of the home's app as `Places.name` leads to it; None where that takes more than a look."""
    if not os.path.isabs(home) or home.startswith("//") or home != os.path.normpath(home):  # noqa: PTH117 - as above
        return None
    return socket_path(f"{crc32(os.fsencode(home)):08x}", environ)


def _tell_silence() -> int:
    from tokendeck.cli.errors import AppSilent

    sys.stderr.write(f"{AppSilent.sentence}\n")
    return AppSilent.exit_code


def _print(token: str) -> int:
    try:
        sys.stdout.write(f"{token}\n")
        sys.stdout.flush()
    except OSError:
        import getpass

        from tokendeck.cli.console import Console  # knows what to do about a pipe that nobody reads, or a full disk

        return Console(sys.stdin, sys.stdout, sys.stderr, getpass.getpass).last_result(token)
    return 0
