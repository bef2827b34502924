"""A token from the shell, with the window open."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.homes import furnish
from bench.oidc_agent import ACCOUNT, NOT_THERE, agent
from bench.rows import absent, judged
from bench.stage import SCRIPTS, alternate, quotients

if TYPE_CHECKING:
    from bench.rows import Row
    from bench.stage import Stage

NAMES = ("token", "token oidc-agent")


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Give the rows of asking for a token."""
    home = furnish(stage.folder / "ask", 5)
    environment = stage.environment | {"TOKENDECK_HOME": str(home.folder)}

    def run(*command: str) -> float:
        started = time.perf_counter()
        ended = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, close_fds=False
        )
        took_s = time.perf_counter() - started
        if ended.returncode:
            raise RuntimeError(f"{command} ended with {ended.returncode}: {ended.stderr.decode()}")
        return took_s * 1000

    with stage.child(*stage.program("inside", *home.options)) as window, agent(stage) as variables:
        window.answer()
        window.ask("rest")
        window.settle()
        sides = [lambda: run(sys.executable, "-c", "pass"), lambda: run(str(SCRIPTS / "tokendeck"), "token", "Shop 0")]
        if variables is not None:
            environment |= variables
            sides.append(lambda: run("oidc-token", ACCOUNT))
        found = alternate(rounds, *sides)
    bare_ms, mine_ms, *other_ms = (statistics.median(side) for side in zip(*found, strict=True))
    bare = f"an empty interpreter (python -c pass), {bare_ms:.1f} ms"
    mine = judged(NAMES[0], quotients(found), measured=f"{mine_ms:.1f} ms", baseline=bare, limit=2.5)
    if not other_ms:
        return [mine, absent(NAMES[1], NOT_THERE)]
    other = judged(NAMES[1], quotients(found, 2), measured=f"{other_ms[0]:.1f} ms", baseline=bare, limit=None)
    return [mine, other]
