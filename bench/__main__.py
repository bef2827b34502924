"""What `make bench` and `make bench-compare` call."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import asking, looking, refreshing, resting, rows, starting, trend
from bench.machine import commit, machine
from bench.stage import ROOT, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OUTPUT = ROOT / "build" / "bench.json"


class Measure(NamedTuple):
    """Some rows that are measured together."""

    names: tuple[str, ...]
    take: Callable[[Stage, int], list[rows.Row]]
    rounds: int


MEASURES = (
    Measure(starting.NAMES, starting.measure, 15),
    Measure(looking.NAMES, looking.measure, 15),
    Measure(resting.NAMES[:2], resting.measure_idle, 6),
    Measure(refreshing.NAMES, refreshing.measure, 7),
    Measure(resting.NAMES[2:], resting.measure_memory, 5),
    Measure(asking.NAMES, asking.measure, 40),
)


def main(argv: Sequence[str]) -> int:
    """Measure, print, write; give the exit code: 0 however the rows turned out."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure how fast Tokendeck is.")
    parser.add_argument("--only", metavar="ROW", default="", help="measure what begins so: start, tick, idle, …")
    parser.add_argument("--rounds", metavar="N", type=int, help="instead of each row's own")
    parser.add_argument("--output", metavar="FILE", type=Path, default=OUTPUT, help="the JSON; build/bench.json")
    parser.add_argument("--trend", action="store_true", help="add a line to bench/trend.tsv")
    parser.add_argument("--loud", action="store_true", help="show what the measured programs say")
    parser.add_argument("--compare", metavar=("OLD", "NEW"), nargs=2, type=Path, help="compare two such files instead")
    chosen = parser.parse_args(argv)
    if chosen.compare:
        print(rows.compare(*map(rows.read, chosen.compare)))
        return 0
    wanted = [one for one in MEASURES if any(name.startswith(chosen.only) for name in one.names)]
    if not wanted:
        parser.error(f"no row begins with {chosen.only}: {', '.join(name for one in MEASURES for name in one.names)}")
    if sys.platform != "linux" or shutil.which("Xvfb") is None:
        print("The bench needs Linux and Xvfb (Debian: xvfb).", file=sys.stderr)
        return 1
    print(f"{machine()}; load {os.getloadavg()[0]:.1f} before", flush=True)
    found = [row for row in _measured(wanted, chosen.rounds) if row.name.startswith(chosen.only)]
    print(f"\n{rows.table(found)}")
    rows.write(found, chosen.output)
    if chosen.trend:
        trend.append(trend.line(found, day=datetime.now(UTC).date(), commit=commit(), machine=machine()))
    return 0


def _measured(wanted: Sequence[Measure], rounds: int | None) -> list[rows.Row]:
    found: list[rows.Row] = []
    for measure in wanted:
        started_s = time.monotonic()
        with (
            tempfile.TemporaryDirectory(prefix="tokendeck-bench-", ignore_cleanup_errors=True) as folder,
            Stage(Path(folder)) as stage,
        ):
            found += measure.take(stage, rounds or measure.rounds)
        print(f"{', '.join(measure.names)}: {time.monotonic() - started_s:.0f} s", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
