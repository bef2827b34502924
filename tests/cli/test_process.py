"""What only a process of its own can show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.canary import Canary

ROOT = Path(__file__).resolve().parents[2]

ADDS_A_CONNECTION = """
import sys
from tests.cli.stage import Stage
from tokendeck.cli.main import main

stage = Stage()
argv = ["add", "acme", "shop", "--set", "client_id=me"]
code = main(argv, lambda _: stage.program, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)
(secrets,) = stage.engine.secrets.values()
print(secrets["client_secret"].fingerprint())
sys.exit(code)
"""

FILLS_THE_DISK = """
import sys
from tests.cli.stage import Stage
from tokendeck.cli.main import main

stage = Stage()
stage.engine.keep("shop")
sys.exit(main(["list"], lambda _: stage.program, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr))
"""

LOADED = """
import sys
import tokendeck.cli.main
heavy = {"PySide6", "asyncio", "cryptography", "httpcore", "keyring", "qasync", "ssl"}
print(*sorted(heavy & sys.modules.keys()))
"""


@pytest.mark.promise(1)
@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
def test_a_secret_typed_at_a_terminal_is_not_shown(canary: Canary) -> None:
    secret = canary.plant_token("client secret")
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ADDS_A_CONNECTION],
        cwd=ROOT,
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
        start_new_session=True,  # else getpass would ask at the terminal that runs the tests
    )
    os.close(slave)

    shown = read_until(master, b"Client secret: ")
    os.write(master, f"{secret}\n".encode())
    shown += read_until(master, b"tokendeck test shop")
    out, _ = process.communicate()
    os.close(master)

    assert process.returncode == 0
    assert out.decode().strip() == Secret(secret).fingerprint()
    assert canary.found_in(shown) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_output_that_takes_no_more_is_told_of_once() -> None:
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [sys.executable, "-c", FILLS_THE_DISK],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert process.returncode == 1
    assert process.stderr == "The output cannot be written: No space left on device.\n"


def test_nothing_is_loaded_that_most_commands_do_without() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, check=True, capture_output=True, text=True)

    assert loaded.stdout.split() == []


def read_until(terminal: int, wanted: bytes) -> bytes:
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 1024)
    return shown
