"""Files are chosen in the real, hardened window: in Qt's own dialog, and in the desktop portal's."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("AT-SPI is how Linux speaks to assistive technology", allow_module_level=True)

from tests.journeys.access_tree import demo_on_a_hidden_display, missing_programs
from tests.portal import Portal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.access_tree import Tree

pytestmark = [
    pytest.mark.promise(46),
    pytest.mark.skipif(
        bool(missing_programs()) and os.environ.get("CI") != "true",
        reason=f"not installed here: {', '.join(missing_programs())}",
    ),
    pytest.mark.timeout(120),
]


def test_qts_own_file_dialog_opens(home: Path) -> None:
    (home / "pyng.env").write_text("PYNG_USERNAME=from-qt\n", encoding="utf-8")
    with demo_on_a_hidden_display(home) as window:
        ask_for_a_file(window)
        window.find("text", "File name:").write(str(home / "pyng.env"))
        window.press("Open")

        window.until_written("API username", "from-qt")


def test_the_desktop_portals_file_dialog_opens(home: Path) -> None:
    (home / "pyng.env").write_text("PYNG_USERNAME=from-the-portal\n", encoding="utf-8")
    portals: list[Portal] = []

    def desktop(address: str) -> Portal:
        portals.append(Portal(address))
        return portals[0]

    with demo_on_a_hidden_display(home, with_desktop=desktop, QT_QPA_PLATFORMTHEME="xdgdesktopportal") as window:
        ask_for_a_file(window)

        while window.find("text", "API username").text != "from-the-portal":
            portals[0].choose(home / "pyng.env")

    assert portals[0].titles == ["Fill from a file"]


def ask_for_a_file(window: Tree) -> None:
    window.find("push button", "Copy a token of Web shop checkout")  # the demo is furnished
    window.press("Add a connection")
    window.press("PYNG Checkout, ", "list item")
    window.press("Continue")
    window.press("Fill from a file…")
