"""What `tokendeck` does with its arguments, and what it switches off before anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tokendeck import __version__
from tokendeck.app.hardening import harden
from tokendeck.app.main import run

HARDENED = """
import os, resource, sys
from tokendeck.app.main import run
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
code = run(["list"])
print(code, resource.getrlimit(resource.RLIMIT_CORE)[0], "SSLKEYLOGFILE" in os.environ)
"""

DUMPABLE = """
import ctypes
from tokendeck.app.hardening import harden
harden()
PR_GET_DUMPABLE = 3
print(ctypes.CDLL(None).prctl(PR_GET_DUMPABLE))
"""


@pytest.mark.parametrize(
    ("argv", "code", "stream", "said"),
    [
        (["--version"], 0, "out", __version__),
        (["--help"], 0, "out", "tokendeck"),
        (["providers"], 0, "out", "paysera: Paysera Checkout"),
        (["list"], 0, "err", "There are no connections yet."),
        (["lst"], 2, "err", "lst"),
        (["token", "Nobody"], 5, "err", "There is no connection called “Nobody”."),
    ],
    ids=["version", "help", "a list", "an empty list", "no command", "nobody's token"],
)
def test_each_command_line_gives_its_exit_code(
    capsys: pytest.CaptureFixture[str], argv: list[str], code: int, stream: str, said: str
) -> None:
    ended = run(argv)

    assert ended == code
    assert said in getattr(capsys.readouterr(), stream)


@pytest.mark.skipif(sys.platform == "win32", reason="sh closes streams so")
@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("--help >&-", 1, "The output cannot be written: Bad file descriptor.\n"),
        ("providers >&-", 1, "The output cannot be written: Bad file descriptor.\n"),
        ("list 2>&-", 0, ""),
        ("lst 2>&-", 2, ""),
        ("add paysera Mine --set client_id=me --secrets-from - <&-", 2, "client_secret: expected a value.\n"),
        ("list <&- >&- 2>&-", 0, ""),
        ("doctor --json <&- >&- 2>&-", 1, ""),
    ],
)
def test_streams_that_were_closed_are_no_reason_to_crash(command: str, code: int, told: str) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'"$0" -m tokendeck {command}', sys.executable], capture_output=True, text=True, check=False
    )

    assert ended.returncode == code
    assert ended.stderr.startswith(told)
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    ("command", "code"), [("--help >/dev/full", 1), ("providers >/dev/full", 1), ("list 2>/dev/full", 0)]
)
def test_a_stream_that_takes_nothing_is_no_reason_to_crash(command: str, code: int) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'"$0" -m tokendeck {command}', sys.executable], capture_output=True, text=True, check=False
    )

    assert ended.returncode == code
    assert ended.stderr == ("The output cannot be written: No space left on device.\n" if code else "")


@pytest.mark.skipif(sys.platform == "win32", reason="sh closes streams so")
def test_no_file_takes_the_place_of_a_closed_stream() -> None:
    program = "import os; from tokendeck.app.main import complete_streams as c; c(); print(os.open('/dev/null', 0) > 2)"

    ended = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" <&- 2>&-', sys.executable, program], capture_output=True, text=True, check=True
    )

    assert ended.stdout == "True\n"


@pytest.mark.promise(46)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_no_core_is_dumped_and_no_tls_key_logged(home: Path) -> None:
    environment = {**os.environ, "SSLKEYLOGFILE": str(home / "keys")}

    ended = subprocess.run(
        [sys.executable, "-c", HARDENED], env=environment, capture_output=True, text=True, timeout=50, check=True
    )

    assert ended.stdout.splitlines()[-1] == "0 0 False"
    assert not (home / "keys").exists()


@pytest.mark.promise(46)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
def test_a_desktop_portal_may_still_look_at_who_asks_for_a_file() -> None:
    """It looks into /proc of the program that asks, which is shut where a process says that it cannot be dumped."""
    ended = subprocess.run([sys.executable, "-c", DUMPABLE], capture_output=True, text=True, timeout=50, check=True)

    assert ended.stdout.strip() == "1"


@pytest.mark.promise(11)
def test_hardening_twice_changes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "keys")

    harden()
    harden()

    assert "SSLKEYLOGFILE" not in os.environ
