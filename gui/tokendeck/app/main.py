"""What `tokendeck` does with its arguments."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tokendeck.app.places import find_places
from tokendeck.cli.options import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokendeck.cli.options import Options


def run(argv: Sequence[str]) -> int:
    """
    Carry out a command, or open the window where none is given; give the exit code.

    Neither imports what only the other needs: a command loads no Qt, the window loads asyncio after its first paint.
    """
    harden()
    complete_streams()
    if not os.environ.get("TOKENDECK_DEBUG") and (options := read_options(argv)) is not None:
        return _open(options)
    from tokendeck.app.logbook import COMMANDS_LOG, Logbook
    from tokendeck.app.program import LocalProgram
    from tokendeck.cli.main import main

    with ExitStack() as until_the_end:

        def program_for(options: Options) -> LocalProgram:
            places = find_places(options.home)
            until_the_end.enter_context(Logbook(places.state / COMMANDS_LOG, debug=options.debug)).open()
            return LocalProgram(places, options.passphrase_file)

        return main(argv, program_for, open_window=_open, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)


def _open(options: Options) -> int:
    if options.demo:
        from tokendeck.app.demo import run_demo

        return run_demo()
    gc.disable()  # till the first paint: what is made on the way there stays, and looking for garbage only takes time
    from tokendeck.app.window import run_window

    return run_window(options.home, options.passphrase_file, debug=options.debug)


def complete_streams() -> None:
    """
    Put something in the place of standard streams that whoever started us has closed.

    Otherwise the next file to be opened, the store for one, would get the number of the missing one, and with it
    whatever a library writes to stderr. An output that was closed refuses what is written, as a full disk does.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_RDONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="replace"))


def harden() -> None:
    """Switch off what would write secrets where nobody looks for them: TLS key logs and core dumps."""
    os.environ.pop("SSLKEYLOGFILE", None)
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
