"""What the window costs while nobody touches it: processor time, wakes, memory."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from bench.homes import furnish
from bench.rows import absent, judged
from bench.stage import SCRIPTS, alternate, cpu_s, quotients, resident_mb, wakes
from bench.starting import keepassxc_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rows import Row
    from bench.stage import Stage

NAMES = ("idle visible", "idle hidden", "memory", "memory KeePassXC")
FEW, MANY = 20, 10_000
WATCHED_S = 4.0
"""A whole nap of the engine, and four ticks."""

MOST_OF_A_CORE = 0.01


def measure_idle(stage: Stage, rounds: int) -> list[Row]:
    """Give the rows of idleness."""
    home = furnish(stage.folder / "rest", FEW)
    with stage.child(*stage.program("inside", *home.options)) as window:
        window.answer()
        window.ask("rest")
        window.settle()
        pid = window.process.pid
        visible = [_over(WATCHED_S, lambda: cpu_s(pid)) for _ in range(rounds)]
        window.ask("hide")
        window.settle()
        woken_before, ticked_before = wakes(pid), window.ask("ticks")
        hidden = [_over(WATCHED_S, lambda: cpu_s(pid)) for _ in range(max(rounds // 2, 1))]
        ticked = window.ask("ticks") - ticked_before
        woken = wakes(pid) - woken_before
    spent, watched_s = statistics.median(visible) / WATCHED_S, WATCHED_S * len(hidden)
    return [
        judged(
            NAMES[0],
            [one / WATCHED_S / MOST_OF_A_CORE for one in visible],
            measured=f"{spent:.2%} of a core",
            baseline=f"{MOST_OF_A_CORE:.0%} of a core, {FEW} connections counting down",
            limit=1.0,
        ),
        judged(
            NAMES[1],
            [float(ticked)] * len(hidden),
            measured=f"{ticked} ticks in {watched_s:g} s",
            baseline=f"no tick at all; for any reason it woke {woken / watched_s:.1f} times a second, "
            f"{statistics.median(hidden) / WATCHED_S:.2%} of a core",
            limit=0.0,
        ),
    ]


def _over(seconds: float, read: Callable[[], float]) -> float:
    before = read()
    time.sleep(seconds)
    return read() - before


def measure_memory(stage: Stage, rounds: int) -> list[Row]:
    """Give the rows of memory: what is resident once a program has nothing more to do."""
    home = furnish(stage.folder / "memory", MANY)

    def resident(*command: str) -> float:
        with stage.child(*command) as child:
            stage.until(stage.display.is_painted, by=child)
            child.settle()
            return resident_mb(child.process.pid)

    sides = [
        lambda: resident(*stage.program("bare_window")),
        lambda: resident(str(SCRIPTS / "tokendeck"), *home.options),
    ]
    keepassxc = keepassxc_command(stage)
    if keepassxc:
        sides.append(lambda: resident(*keepassxc))
    found = alternate(rounds, *sides)
    bare_mb, mine_mb, *other_mb = (statistics.median(side) for side in zip(*found, strict=True))
    bare = f"a bare PySide6 window with an empty table, {bare_mb:.0f} MB"
    mine = judged(NAMES[2], quotients(found), measured=f"{mine_mb:.0f} MB", baseline=bare, limit=2.2)
    if not other_mb:
        return [mine, absent(NAMES[3], "KeePassXC is not installed (keepassxc)")]
    other = judged(NAMES[3], quotients(found, 2), measured=f"{other_mb[0]:.0f} MB", baseline=bare, limit=None)
    return [mine, other]
