"""What a row says of its rounds, and what became of it since."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bench.rows import absent, compare, judged, read, table, write
from bench.trend import append, line

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"name", "ratio", "limit", "ok", "baseline", "rounds", "spread"}

START = judged("start", [1.4, 1.6, 9.0], measured="300 ms", baseline="a bare window", limit=1.7)
SPEED = judged("refreshes", [0.4, 0.44], measured="200 a second", baseline="httpx", limit=0.5, or_more=True)
OTHER = absent("start Other", "Other is not installed")


@pytest.mark.parametrize(
    ("ratios", "or_more", "holds"),
    [
        ([0.5], False, True),
        ([0.51], False, False),
        ([0.5], True, True),
        ([0.49], True, False),
        ([0, 0.4, 9], False, True),
    ],
)
def test_the_median_counts_and_the_limit_is_the_most_or_the_least(
    ratios: list[float], *, or_more: bool, holds: bool
) -> None:
    row = judged("row", ratios, measured="", baseline="", limit=0.5, or_more=or_more)

    assert row.ok is holds
    assert row.rounds == len(ratios)


def test_spread_is_the_middle_half_of_the_rounds() -> None:
    assert judged("row", [1, 2, 3, 4, 5], measured="", baseline="", limit=None).spread == 2
    assert judged("row", [7], measured="", baseline="", limit=None).spread == 0


def test_the_table_says_pass_or_short_and_what_the_least_is() -> None:
    head, start, speed, other = table([START, SPEED, OTHER]).splitlines()

    assert head.split()[:4] == ["row", "measured", "ratio", "limit"]
    assert " 1.60 " in start
    assert " pass " in start
    assert " 0.5 or more " in speed
    assert " short " in speed
    assert other.endswith("Other is not installed")
    assert "short" not in other


def test_rows_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"

    write([START, SPEED, OTHER], file)

    assert read(file) == [START, SPEED, OTHER]
    assert all(row.keys() >= KEYS for row in json.loads(file.read_text(encoding="utf-8")))


def test_a_comparison_says_what_is_better_or_worse_and_what_holds() -> None:
    slower = judged("start", [2.0], measured="", baseline="", limit=1.7)
    faster = judged("refreshes", [0.6], measured="", baseline="", limit=0.5, or_more=True)
    same = judged("start", [1.61], measured="", baseline="", limit=1.7)

    assert compare([START, SPEED], [slower, faster]).splitlines() == [
        "start: 1.60 → 2.00 (+25%, worse); short now",
        "refreshes: 0.42 → 0.60 (+43%, better); holds now",
    ]
    assert compare([START, SPEED], [same, OTHER]).splitlines() == [
        "start: 1.60 → 1.61 (+1%, much the same)",
        "refreshes: only before",
        "start Other: only now",
    ]


def test_the_trend_has_a_line_for_each_run(tmp_path: Path) -> None:
    kept = line([START, SPEED, OTHER], day=date(2026, 11, 30), commit="0a1b2c3", machine="a machine")

    append(kept, tmp_path / "trend.tsv")
    append(kept, tmp_path / "trend.tsv")

    assert (tmp_path / "trend.tsv").read_text(encoding="utf-8").splitlines() == [
        "date\tcommit\tmachine\tratios",
        *["2026-11-30\t0a1b2c3\ta machine\tstart=1.60; refreshes=0.42!"] * 2,
    ]
