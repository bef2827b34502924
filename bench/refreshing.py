"""Five hundred connections refreshed at once: how long the window stands still, and how many are saved in a second."""

from __future__ import annotations

import importlib.util
import statistics
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.homes import furnish
from bench.rows import absent, judged
from bench.stage import alternate
from tokendeck.engine.politeness import IN_FLIGHT

if TYPE_CHECKING:
    from bench.rows import Row
    from bench.stage import Stage

NAMES = ("stall", "refreshes", "refreshes Authlib")
CONNECTIONS = 500
ORIGINS = 10
DUE = timedelta(seconds=30)
"""Left of an hour: all are due when the program starts."""

LONGEST_STALL_MS = 33.0
LEAST_SHARE = 0.5


def measure(stage: Stage, rounds: int) -> list[Row]:
    """
    Give the rows of refreshing.

    Each round starts the program with everything due, and has it refresh everything once more. The longest gap of both
    counts as stall; the second, when nothing is imported any more, as speed.
    """
    gaps_ms: list[float] = []
    with (
        stage.child(*stage.program("origins", str(ORIGINS))) as origins,
        stage.child(*stage.program("bare_httpx")) as bare,
    ):
        accounts = origins.answer()

        def fetch(library: str) -> float:
            took_s = bare.ask("measure", accounts=accounts, count=CONNECTIONS, at_once=IN_FLIGHT, library=library)
            return CONNECTIONS / float(took_s)

        def refresh() -> float:
            home = furnish(stage.folder / f"refresh-{len(gaps_ms)}", CONNECTIONS, left=DUE, accounts=accounts)
            with stage.child(*stage.program("inside", *home.options)) as window:
                window.answer()
                waves = window.ask("first_wave"), window.ask("wave")
            gaps_ms.append(max(wave["longest_gap_s"] for wave in waves) * 1000)
            return CONNECTIONS / float(waves[1]["took_s"])

        sides = [lambda: fetch("httpx"), refresh]
        if importlib.util.find_spec("authlib"):
            sides.append(lambda: fetch("authlib"))
        found = alternate(rounds, *sides)
    del gaps_ms[0]  # of the round that is thrown away
    bare_a_s, mine_a_s, *other_a_s = (statistics.median(side) for side in zip(*found, strict=True))
    baseline = f"bare httpx on plain asyncio, {IN_FLIGHT} at once, {bare_a_s:.0f} a second"
    rows = [
        judged(
            NAMES[0],
            [gap / LONGEST_STALL_MS for gap in gaps_ms],
            measured=f"{statistics.median(gaps_ms):.0f} ms",
            baseline=f"{LONGEST_STALL_MS:g} ms, the longest gap of a 5 ms timer while {CONNECTIONS} refresh at once",
            limit=1.0,
        ),
        judged(
            NAMES[1],
            [mine / bare for bare, mine, *_ in found],
            measured=f"{mine_a_s:.0f} a second",
            baseline=baseline,
            limit=LEAST_SHARE,
            or_more=True,
        ),
    ]
    if not other_a_s:
        return [*rows, absent(NAMES[2], "Authlib is not installed")]
    ratios = [other / bare for bare, _, other in found]
    other = judged(NAMES[2], ratios, measured=f"{other_a_s[0]:.0f} a second", baseline=baseline, limit=None)
    return [*rows, other]
