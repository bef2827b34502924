from __future__ import annotations

import asyncio
import errno
import getpass
import io
import os
import signal
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tokendeck import __version__
from tokendeck.cli.console import BROKEN_PIPE, FALLBACK_WIDTH, Console
from tokendeck.cli.main import INTERRUPTED, TERMINATED, main
from tokendeck.core.errors import PortInUse, StoreUnwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from tests.cli.stage import Shown, Stage
    from tokendeck.cli.options import Options
    from tokendeck.cli.program import Program
    from tokendeck.core.token import TokenSet

ADD = ("add", "acme", "shop", "--set", "client_id=me")


@pytest.fixture
def unread_pipe() -> Iterator[TextIO]:
    """A pipe whose reader has left."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stdout:
        yield stdout


def test_the_version_is_the_packages(stage: Stage) -> None:
    shown = stage.run("--version")

    assert (shown.code, shown.out) == (0, f"tokendeck {__version__}\n")
    assert stage.options == []


def test_wrong_usage_is_exit_code_2_and_builds_nothing(stage: Stage) -> None:
    shown = stage.run("nonsense")

    assert (shown.code, shown.out) == (2, "")
    assert "usage: tokendeck" in shown.err
    assert stage.options == []


def test_the_window_is_not_opened_here(stage: Stage) -> None:
    shown = stage.run("--demo")

    assert shown.code == 2
    assert "--help" in shown.err


def test_the_program_is_built_once_for_the_home_asked_for(stage: Stage) -> None:
    stage.run("providers", "--home", "/data")

    (options,) = stage.options
    assert options.home == Path("/data")


def test_a_program_that_cannot_be_built_says_why() -> None:
    def refuse(_: Options) -> Program:
        raise StoreUnwritable("/data", "Read-only file system")

    stderr = io.StringIO()
    code = main(["list"], refuse, stdin=io.StringIO(), stdout=io.StringIO(), stderr=stderr)

    assert code == 4
    assert "/data" in stderr.getvalue()


@pytest.mark.parametrize(("value", "shows"), [("1", True), ("0", False), ("", False)])
def test_the_environment_can_ask_for_tracebacks(stage: Stage, value: str, shows: bool) -> None:  # noqa: FBT001 - a table's column
    stage.environ["TOKENDECK_DEBUG"] = value

    assert ("Traceback" in stage.run("token", "absent").err) is shows


def test_a_result_that_nobody_reads_ends_quietly(stage: Stage, unread_pipe: TextIO) -> None:
    stage.engine.keep("shop")

    shown = stage.run("list", stdout=unread_pipe)

    assert (shown.code, shown.err) == (BROKEN_PIPE, "")
    unread_pipe.flush()  # as the interpreter does when it ends


def test_help_that_nobody_reads_ends_quietly(stage: Stage, unread_pipe: TextIO) -> None:
    shown = stage.run("--help", stdout=unread_pipe)

    assert shown.err == ""
    unread_pipe.flush()


def test_an_output_that_takes_no_more_is_told_of(stage: Stage) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> NoReturn:
            raise OSError(errno.ENOSPC, "No space left on device")

    stage.engine.keep("shop")

    shown = stage.run("token", "shop", stdout=Full())

    assert shown.code == 1
    assert "No space left on device" in shown.err


def test_a_remark_that_nobody_can_read_costs_nothing(stage: Stage) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> NoReturn:
            raise BrokenPipeError

    console = Console(io.StringIO("y\n"), io.StringIO(), Gone(), getpass.getpass)

    console.remark("Saved.")

    assert console.confirm("Really?")
    assert stage.options == []


def waits_for(stage: Stage, signalled: Callable[[], None]) -> None:
    """Let a token request hang until it is cancelled; the signal comes once it is on the wire."""

    async def answer(_: str) -> TokenSet:
        signalled()
        await asyncio.Event().wait()
        raise AssertionError

    stage.engine.keep("shop")
    stage.engine.answer = answer


def test_ctrl_c_drains_and_is_reported_as_a_shell_would(stage: Stage) -> None:
    waits_for(stage, lambda: signal.raise_signal(signal.SIGINT))

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out, shown.err) == (INTERRUPTED, "", "")
    assert stage.engine.drained


def test_sigterm_drains_and_a_second_one_does_not_cut_it_short(stage: Stage) -> None:
    async def drain() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        await asyncio.to_thread(lambda: None)

    waits_for(stage, lambda: signal.raise_signal(signal.SIGTERM))
    stage.program.draining = drain

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out, shown.err) == (TERMINATED, "", "")
    assert stage.engine.drained


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_how_the_sandbox_ends(stage: Stage, number: signal.Signals) -> None:
    async def serve(port: int, announce: Callable[[str], None]) -> None:
        announce(f'{{"port": {port}}}')
        signal.raise_signal(number)
        await asyncio.Event().wait()

    stage.program.sandbox = serve

    shown = stage.run("sandbox", "--port", "8080")

    assert (shown.code, shown.out, shown.err) == (0, '{"port": 8080}\n', "")


def test_a_sandbox_that_ends_by_itself_is_done(stage: Stage) -> None:
    async def serve(port: int, announce: Callable[[str], None]) -> None:
        announce(str(port))

    stage.program.sandbox = serve

    assert stage.run("sandbox").code == 0


def test_a_port_in_use_is_a_usage_error(stage: Stage) -> None:
    async def serve(port: int, _: Callable[[str], None]) -> None:
        raise PortInUse(port)

    stage.program.sandbox = serve

    shown = stage.run("sandbox", "--port", "8080")

    assert shown.code == 2
    assert "8080" in shown.err


def test_ctrl_c_ends_a_question_at_once(stage: Stage) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)

    class Interrupted(str):
        __slots__ = ()

        def strip(self, _: str | None = None) -> str:
            signal.raise_signal(signal.SIGINT)
            return "too late"

    shown = stage.run(*ADD, person=True, hidden=(Interrupted(),))

    assert shown.code == INTERRUPTED
    assert stage.engine.records() == ()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_question_without_an_answer_is_told_of(stage: Stage) -> None:
    shown = stage.run(*ADD, person=True, hidden=(EOFError(),))

    assert shown.code == 2
    assert "--secrets-from" in shown.err


def test_a_terminal_that_would_show_the_secret_is_not_asked(stage: Stage) -> None:
    def would_echo(_: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        raise AssertionError

    console = Console(io.StringIO(), io.StringIO(), io.StringIO(), would_echo)

    with pytest.raises(Exception, match="secrets-from"):
        console.ask_secret("Client secret")
    assert stage.options == []


def test_a_command_runs_in_any_thread(stage: Stage) -> None:
    stage.engine.keep("shop")
    shown: list[Shown] = []
    thread = threading.Thread(
        target=lambda: shown.append(stage.run("remove", "shop", person=True, stdin="y\n")), name="command"
    )

    thread.start()
    thread.join()

    assert [one.code for one in shown] == [0]


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("columns", "width"), [(40, 40), (0, FALLBACK_WIDTH)])
def test_results_fit_the_terminal(columns: int, width: int) -> None:
    import fcntl
    import struct
    import termios

    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(slave, "w") as stdout:
        console = Console(io.StringIO(), stdout, io.StringIO(), getpass.getpass)

        assert console.width == width
    os.close(master)


def test_results_for_programs_need_not_fit() -> None:
    assert Console(io.StringIO(), io.StringIO(), io.StringIO(), getpass.getpass).width is None


def test_a_terminal_whose_size_is_not_known_counts_as_80_columns(stage: Stage) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    stage.engine.keep("a name of more than eighty characters, as nobody would ever give to a connection, or would they")
    screen = Screen()

    stage.run("list", stdout=screen)

    assert max(map(len, screen.getvalue().splitlines())) == FALLBACK_WIDTH
