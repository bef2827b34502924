"""
From the start of a process to what is seen on the screen.

A list counts as painted once the colour of its providers' squares is seen, in as many rows as fit: the pixels are
watched from outside, and the program knows nothing of it.
"""

from __future__ import annotations

import shutil
import statistics
import time
from typing import TYPE_CHECKING

from bench.homes import furnish
from bench.rows import absent, judged
from bench.stage import SCRIPTS, alternate, quotients
from tokendeck.app.places import resources
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.rows import Row
    from bench.stage import Stage

NAMES = ("start", "start 10,000", "start KeePassXC")
FEW, MANY = 5, 10_000
LINES_A_ROW = 8
"""Of a provider's square that no letter interrupts, at the least."""

KEEPASSXC_SETTINGS = """[General]
ConfigVersion=2
UpdateCheckMessageShown=true

[GUI]
CheckForUpdates=false
"""


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Give the rows of starting."""
    color = Catalog(resources() / "providers").provider("pyng").color
    few, many = (furnish(stage.folder / f"start-{count}", count) for count in (FEW, MANY))
    start = str(SCRIPTS / "tokendeck")

    def rows_painted() -> bool:
        return stage.display.lines_with(color) >= FEW * LINES_A_ROW

    def first_sight(seen: Callable[[], bool], *command: str, **more: str) -> float:
        stage.until(lambda: not stage.display.is_painted())  # the window before has gone
        started = time.perf_counter()
        with stage.child(*command, **more) as child:
            stage.until(seen, by=child)
            return time.perf_counter() - started

    sides = [
        lambda: first_sight(stage.display.is_painted, *stage.program("bare_window")),
        lambda: first_sight(rows_painted, start, TOKENDECK_HOME=str(few.folder)),
        lambda: first_sight(rows_painted, start, TOKENDECK_HOME=str(many.folder)),
    ]
    keepassxc = keepassxc_command(stage)
    if keepassxc:
        sides.append(lambda: first_sight(stage.display.is_painted, *keepassxc))
    found = alternate(rounds, *sides)
    bare_s, few_s, many_s, *other_s = (statistics.median(side) for side in zip(*found, strict=True))
    bare = f"a bare PySide6 window with an empty table, {bare_s * 1000:.0f} ms"
    rows = [
        judged(NAMES[0], quotients(found), measured=f"{few_s * 1000:.0f} ms", baseline=bare, limit=1.7),
        judged(
            NAMES[1],
            quotients(found, 2, 1),
            measured=f"{many_s * 1000:.0f} ms",
            baseline=f"the same with 5 connections, {few_s * 1000:.0f} ms",
            limit=1.5,
        ),
    ]
    if not other_s:
        return [*rows, absent(NAMES[2], "KeePassXC is not installed (keepassxc)")]
    other = judged(NAMES[2], quotients(found, 3), measured=f"{other_s[0] * 1000:.0f} ms", baseline=bare, limit=None)
    return [*rows, other]


def keepassxc_command(stage: Stage) -> list[str]:
    """Give what starts KeePassXC as if it had been started before; nothing where it is not installed."""
    program = shutil.which("keepassxc")
    if program is None:
        return []
    settings = stage.folder / "keepassxc.ini"
    settings.write_text(KEEPASSXC_SETTINGS, encoding="utf-8")
    return [program, "--config", str(settings), "--localconfig", str(settings.with_suffix(".local"))]
