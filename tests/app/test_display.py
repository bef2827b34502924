from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tokendeck.app.display import can_open, is_seen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("environ", "platform", "seen", "opens"),
    [
        ({}, "linux", False, False),
        ({"DISPLAY": ":0"}, "linux", True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux", False, True),
        ({"QT_QPA_PLATFORM": "offscreen:fonts"}, "linux", False, True),
        ({}, "darwin", True, True),
        ({}, "win32", True, True),
    ],
)
def test_a_display_is_told_from_none(environ: dict[str, str], platform: str, seen: bool, opens: bool) -> None:  # noqa: FBT001 - a table
    assert is_seen(environ, platform) is seen
    assert can_open(environ, platform) is opens


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lack a display")
def test_without_a_display_the_window_says_what_to_do_instead(home: Path) -> None:
    without = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    }

    ended = subprocess.run(
        [sys.executable, "-m", "tokendeck", "--home", str(home)],
        env=without,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert ended.returncode == 1
    assert "tokendeck --demo" in ended.stderr
