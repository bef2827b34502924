"""Where the command line begins and ends: argv in, exit code out."""

from __future__ import annotations

import getpass
import io
import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, assert_never

from tokendeck.cli import changing, discovering, guarding, listing, signing_in, using
from tokendeck.cli.console import BROKEN_PIPE, Console
from tokendeck.cli.errors import Mistyped
from tokendeck.cli.invocation import (
    Add,
    Confirm,
    Discover,
    Doctor,
    List,
    Login,
    NewVault,
    Passphrase,
    Providers,
    RecoveryKey,
    Refresh,
    RefreshAll,
    Remove,
    Revoke,
    Sandbox,
    Test,
    Token,
)
from tokendeck.cli.parser import parse
from tokendeck.cli.session import Session
from tokendeck.core.frozen import replace
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from typing import TextIO

    from tokendeck.cli.invocation import Command, Invocation
    from tokendeck.cli.options import Options
    from tokendeck.cli.program import Program

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


def main(
    argv: Sequence[str],
    program_for: Callable[[Options], Program],
    *,
    open_window: Callable[[Options], int] | None = None,
    stdin: TextIO,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str] = os.environ,
    ask_hidden: Callable[[str], str] = getpass.getpass,
) -> int:
    """
    Carry out one command line and give the exit code.

    Args:
        argv: without the program's name.
        program_for: builds the program for a data folder; it may raise any `TokendeckError`.
        open_window: takes over where no command is given, and gives the exit code; None where there can be no window.
        stdin: answers, and secrets read with `--secrets-from -`.
        stdout: results.
        stderr: everything else.
        environ: only TOKENDECK_DEBUG is read here.
        ask_hidden: puts a question and reads the answer without echo.

    """
    console = Console(stdin, stdout, stderr, ask_hidden)
    help_or_version = io.StringIO()  # argparse passes over what cannot be printed
    try:
        invocation = parse(argv, stdout=help_or_version, stderr=stderr)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 2
        return code or console.last_result(help_or_version.getvalue().rstrip())
    options = invocation.options
    if environ.get("TOKENDECK_DEBUG", "0") not in {"", "0"}:
        options = replace(options, debug=True)
    if invocation.command is None and open_window is not None:
        return open_window(options)
    return run(invocation, Session(program_for, options, console, Wording()))


def run(invocation: Invocation, session: Session) -> int:
    """Carry out what `parse` read and give the exit code. Raises nothing."""
    try:
        code = _carry_out(invocation.command, session)
    except BrokenPipeError:
        code = BROKEN_PIPE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the end of the program: whatever it is becomes a sentence
        code = session.explain(error)
    if isinstance(invocation.command, Sandbox) and code in {INTERRUPTED, TERMINATED}:
        return 0  # there is no other way to end it
    return code


def _carry_out(command: Command | None, session: Session) -> int:
    match command:
        case None:
            raise Mistyped("Name a command; `tokendeck --help` lists them.")
        case List():
            return _in_loop(listing.list_connections(session, command))
        case Add():
            return _in_loop(changing.add(session, command))
        case Token():
            return _in_loop(using.print_token(session, command))
        case Test():
            return _in_loop(using.test_connection(session, command))
        case Refresh():
            return _in_loop(using.refresh(session, command))
        case RefreshAll():
            return _in_loop(using.refresh_all(session))
        case Login():
            return _in_loop(signing_in.login(session, command))
        case Revoke():
            return _in_loop(signing_in.revoke(session, command))
        case Confirm():
            return _in_loop(changing.confirm(session, command))
        case Remove():
            return _in_loop(changing.remove(session, command))
        case Providers():
            return listing.show_providers(session, command)
        case Discover():
            return _in_loop(discovering.discover(session, command))
        case Sandbox():
            return _in_loop(_serve_sandbox(session, command))
        case RecoveryKey():
            return _in_loop(guarding.make_recovery_key(session, command))
        case Passphrase():
            return _in_loop(guarding.choose_passphrase(session, command))
        case NewVault():
            return _in_loop(guarding.start_new_vault(session, command))
        case Doctor():
            return _in_loop(listing.examine(session, command))
        case _:
            assert_never(command)


async def _serve_sandbox(session: Session, command: Sandbox) -> int:
    await session.program.serve_sandbox(command.port, session.console.result)
    return 0


def _in_loop(work: Coroutine[Any, Any, int]) -> int:
    import asyncio  # loads ssl, which `--help` and `providers` do without

    return asyncio.run(_until_terminated(work))


async def _until_terminated(work: Coroutine[Any, Any, int]) -> int:
    """Let SIGTERM cancel the work as asyncio lets Ctrl+C, so that what is on the wire is awaited and saved."""
    import asyncio

    task = asyncio.current_task()
    terminated = False

    def terminate() -> None:
        nonlocal terminated
        if task is not None and not terminated:  # a second one does not cut the draining short
            terminated = True
            task.cancel()

    if threading.current_thread() is threading.main_thread():
        with suppress(NotImplementedError):  # Windows, where nobody sends SIGTERM
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    try:
        return await work
    except asyncio.CancelledError:
        if not terminated:
            raise
        return TERMINATED  # ours, and it ends here: this is the whole task
