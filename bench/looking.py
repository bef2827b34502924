"""What the window does while somebody looks: it ticks, and it is searched."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from bench.homes import furnish
from bench.rows import judged
from bench.stage import alternate, quotients

if TYPE_CHECKING:
    from bench.rows import Row
    from bench.stage import Child, Stage

NAMES = ("tick", "search")
FEW, MANY = 20, 10_000
TICKS = 20
TYPED = 3
WORD = "shop 12"
KEYSTROKE_MS = 16.0


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Give the rows of looking; two windows are open all the while, and take turns."""
    few, many = (furnish(stage.folder / f"look-{count}", count) for count in (FEW, MANY))
    with (
        stage.child(*stage.program("inside", *few.options)) as small,
        stage.child(*stage.program("inside", *many.options)) as large,
    ):
        for window in (small, large):
            window.answer()
            window.ask("rest")
            window.settle()
        ticks = alternate(rounds, lambda: _tick(small), lambda: _tick(large))
        keystrokes_ms = [key for (key,) in alternate(rounds, lambda: _slowest_key(large))]
    few_ms, many_ms = (statistics.median(side) for side in zip(*ticks, strict=True))
    key_ms = statistics.median(keystrokes_ms)
    return [
        judged(
            NAMES[0],
            quotients(ticks),
            measured=f"{many_ms:.1f} ms",
            baseline=f"the same tick with 20 connections, {few_ms:.1f} ms",
            limit=1.5,
        ),
        judged(
            NAMES[1],
            [one / KEYSTROKE_MS for one in keystrokes_ms],
            measured=f"{key_ms:.1f} ms",
            baseline=f"{KEYSTROKE_MS:g} ms for the slowest key of a word typed and erased, list painted",
            limit=1.0,
        ),
    ]


def _tick(window: Child) -> float:
    return float(statistics.median(window.ask("tick", times=TICKS)))


def _slowest_key(window: Child) -> float:
    """Give what the slowest key usually takes: of several times that the word is typed and erased, key by key."""
    times = [window.ask("search", word=WORD) for _ in range(TYPED)]
    return float(max(map(statistics.median, zip(*times, strict=True))))
