"""What `tokendeck` does with its arguments."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(argv: Sequence[str]) -> int:
    """
    Carry out a command, or open the window where none is given; give the exit code.

    Neither imports what only the other needs: a command loads no Qt, the window loads asyncio after its first paint.
    """
    harden()
    if not argv:
        from tokendeck.app.window import run_window
        from tokendeck.cli.invocation import Options

        return run_window(Options())
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
    from tokendeck.app.window import run_window

    return run_window(invocation.options)


def harden() -> None:
    """Switch off what would write secrets where nobody looks for them: TLS key logs and core dumps."""
    os.environ.pop("SSLKEYLOGFILE", None)
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
