"""The demo where there is no display: it works off screen, prints what it shows, and leaves a picture."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tokendeck.app.furnishing import SHOWN

PNG = b"\x89PNG\r\n\x1a\n"
DISPLAYS = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """What the demo printed, and the folder for temporary files that it was given."""
    temporary = tmp_path_factory.mktemp("demo")
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    ended = subprocess.run(
        [sys.executable, "-m", "tokendeck", "--demo"],
        env={**environment, "TMPDIR": str(temporary), "HOME": str(temporary)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return ended, temporary


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lack a display")
def test_it_prints_its_connections_in_their_states(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    ended, _ = shown

    header, *rows = ended.stdout.splitlines()[: len(SHOWN) + 1]
    by_name = {row[: header.index("PROVIDER")].strip(): row for row in rows}

    assert ended.returncode == 0, ended.stderr
    assert by_name.keys() == {one.name for one in SHOWN}
    for name, words in (
        ("Web shop checkout", "Live"),
        ("Merchant 20417", "not stated"),
        ("Debtor sync", "never expires"),
        ("Refund desk", "On demand"),
        ("Old shop", "Needs attention"),
        ("Debtor sync, test company", "Paused"),
        ("Debtor portal", "Sign in"),
    ):
        assert words in by_name[name]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lack a display")
def test_it_saves_a_picture_and_says_where(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    ended, _ = shown

    path = Path(ended.stdout.splitlines()[-1].removeprefix("A picture of the window: "))
    picture = QImage(str(path))
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}

    assert path.read_bytes().startswith(PNG)
    assert len(colors) > 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lack a display")
def test_it_says_nothing_else_and_leaves_no_home_behind(
    shown: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    ended, temporary = shown

    assert ended.stderr == ""
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can lack a display")
def test_it_ends_in_good_order_where_nothing_can_be_printed(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAYS}

    ended = subprocess.run(
        ["sh", "-c", '"$0" -m tokendeck --demo >&-', sys.executable],
        env={**environment, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, "The output cannot be written: Bad file descriptor.\n")
