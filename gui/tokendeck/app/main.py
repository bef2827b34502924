"""What `tokendeck` does with its arguments."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run(argv: Sequence[str]) -> int:
    """
    Carry out a command, or open the window where none is given; give the exit code.

    Neither imports what only the other needs: a command loads no Qt, the window loads asyncio after its first paint.
    """
    harden()
    if not argv:
        return _open_window()
    from tokendeck.app.program import LocalProgram
    from tokendeck.cli import main as command_line
    from tokendeck.cli.parser import parse

    try:
        invocation = parse(argv, stdout=sys.stdout, stderr=sys.stderr)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    if invocation.command is not None:
        return command_line.main(argv, LocalProgram.for_options, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)
    if invocation.options.demo:
        from tokendeck.app.demo import run_demo

        return run_demo()
    return _open_window(invocation.options.home, invocation.options.passphrase_file)


def _open_window(home: Path | None = None, passphrase_file: Path | None = None) -> int:
    gc.disable()  # till the first paint: what is made on the way there stays, and looking for garbage only takes time
    from tokendeck.app.window import run_window

    return run_window(home, passphrase_file)


def harden() -> None:
    """Switch off what would write secrets where nobody looks for them: TLS key logs and core dumps."""
    os.environ.pop("SSLKEYLOGFILE", None)
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
