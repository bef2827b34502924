"""The bench itself, on one row with as few rounds as there can be; nothing here asserts a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the bench needs Linux"),
    pytest.mark.skipif(shutil.which("Xvfb") is None and os.environ.get("CI") != "true", reason="no Xvfb"),
    pytest.mark.timeout(120),  # where eight tests run at once, a window takes its time
]

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )


def test_a_row_is_measured_on_the_real_window_printed_and_written(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"

    ended = bench("--only", "start", "--rounds", "1", "--output", file)

    assert ended.returncode == 0, ended.stderr
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert [row["name"] for row in rows] == ["start", "start 10,000", "start KeePassXC"]
    for row in rows[:2]:
        assert row.keys() >= {"name", "ratio", "limit", "ok", "baseline", "rounds", "spread"}
        assert row["ratio"] > 0
        assert row["rounds"] == 1
    assert "bare PySide6 window" in ended.stdout


def test_two_results_are_compared(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    row = {"name": "start", "measured": "1 ms", "ratio": 1.5, "limit": 1.7, "ok": True, "baseline": "", "rounds": 1}
    file.write_text(json.dumps([row | {"spread": 0.1, "or_more": False}]), encoding="utf-8")

    ended = bench("--compare", file, file)

    assert (ended.returncode, ended.stdout) == (0, "start: 1.50 → 1.50 (+0%, much the same)\n")


def test_a_row_that_is_not_there_is_named() -> None:
    ended = bench("--only", "nothing")

    assert ended.returncode == 2
    assert "no row begins with nothing: start," in ended.stderr
