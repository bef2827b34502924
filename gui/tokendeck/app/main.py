"""What `tokendeck` does with its arguments."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tokendeck.app.hardening import complete_streams, harden
from tokendeck.app.places import find_places
from tokendeck.cli.options import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokendeck.cli.options import Options


def run(argv: Sequence[str], told: bytes = b"") -> int:
    """
    Carry out a command, or open the window where none is given; give the exit code.

    Neither imports what only the other needs: a command loads no Qt, the window loads asyncio after its first paint.

    Args:
        argv: without the program's name.
        told: what the running app has answered to `token` already; empty where it was not asked.

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
            return LocalProgram(places, options.passphrase_file, told)

        return main(argv, program_for, open_window=_open, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)


def _open(options: Options) -> int:
    if options.demo:
        from tokendeck.app.demo import run_demo

        return run_demo()
    gc.disable()  # till the first paint: what is made on the way there stays, and looking for garbage only takes time
    from tokendeck.app.window import run_window

    return run_window(options.home, options.passphrase_file, debug=options.debug)
