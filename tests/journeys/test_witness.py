"""That the witness of test_no_trace.py would see a secret, wherever one was left."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.canary import Canary
from tests.journeys.shell import Result
from tests.journeys.witness import Witness
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    from pathlib import Path

WAITS = """
import sys, tempfile
with tempfile.TemporaryFile(dir=sys.argv[1]) as nameless:
    nameless.write(sys.stdin.readline().strip().encode())
    nameless.flush()
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(Canary(), tmp_path, handed_over=[tmp_path / "handed over"])


def where(witness: Witness) -> set[str]:
    return {leak.partition(" in ")[2].partition(" → ")[0] for leak in witness.leaks}


def test_a_secret_in_a_file_is_seen(witness: Witness, tmp_path: Path) -> None:
    secret = witness._canary.plant("client secret")
    (tmp_path / "handed over").write_text(secret, "utf-8")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "log").write_text(f"it said {secret}.", "utf-8")

    witness.search_files()

    assert where(witness) == {"the file state/log"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_secret_that_a_process_or_its_child_shows_is_seen(witness: Witness, tmp_path: Path) -> None:
    argument, variable, nameless = (witness._canary.plant_token(name) for name in ("argument", "variable", "nameless"))
    starts_one = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAITS!r}, {str(tmp_path)!r}, {argument!r}])"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts_one],
        env={"SECRET": variable},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(f"{nameless}\n")
    parent.stdin.flush()
    parent.stdout.readline()

    witness.search_processes(parent.pid)
    parent.communicate()

    assert where(witness) == {"/proc/…/cmdline", "/proc/…/environ", "/proc/…/fd"}
    assert {leak.partition(" ")[0] for leak in witness.leaks} == {"argument", "variable", "nameless"}


def test_a_token_is_seen_wherever_it_was_not_asked_for(witness: Witness) -> None:
    token = witness._canary.plant_token("token")

    asked_for = witness.hear(Result(0, f"{token}\n", ""), but=token)
    leaks_asked_for = set(witness.leaks)
    witness.hear(Result(0, f"{token}\n", f"here it is: {token}"))

    assert asked_for.out == f"{token}\n"
    assert leaks_asked_for == set()
    assert where(witness) == {"stdout", "stderr"}


async def test_every_token_that_was_issued_is_a_secret(witness: Witness) -> None:
    sandbox = Sandbox()
    pair = sandbox.sign_in.sign_in()

    witness.learn(sandbox)
    witness.hear(Result(0, pair.access_token, pair.refresh_token))

    assert where(witness) == {"stdout", "stderr"}
