"""The real window, and other programs on the same display."""

from __future__ import annotations

import ctypes.util
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("X11 is what Linux has", allow_module_level=True)

from tests.journeys.access_tree import demo_on_a_hidden_display, missing_programs

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
MISSING = missing_programs() + ([] if ctypes.util.find_library("X11") else ["libX11"])
PATIENCE_S = 20.0

pytestmark = [
    pytest.mark.promise(45),
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("CI") != "true", reason=f"not installed here: {', '.join(MISSING)}"
    ),
    pytest.mark.timeout(120),
]


class Program:
    """A program of ours beside the window."""

    def __init__(self, file: str, display: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, HERE / file],
            env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def end(self) -> str:
        """End it; give what it had still to say."""
        return self._process.communicate(timeout=PATIENCE_S)[0]

    def stop(self) -> list[str]:
        self._process.terminate()
        return self.end().split()


class OtherProgram(Program):
    def pastes(self) -> dict[str, str]:
        """Give what pasting gives, by format."""
        return self._ask(None)

    def copies(self, text: str) -> None:
        self._ask(text)

    def _ask(self, text: str | None) -> dict[str, str]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(text)}\n")
        self._process.stdin.flush()
        held: dict[str, str] = json.loads(self.line())
        return held


@contextmanager
def other_program(display: str) -> Iterator[OtherProgram]:
    other = OtherProgram("other_program.py", display)
    yield other
    other.end()


def test_another_program_gets_the_token_marked_as_secret_and_after_a_clear_nothing(home: Path) -> None:
    with demo_on_a_hidden_display(home) as window, other_program(window.surroundings.display) as other:
        window.press("Copy a token of Web shop checkout")
        window.find("label", "Token copied.")
        copied = other.pastes()
        window.press("Clear now")
        cleared = other.pastes()

    assert copied["text/plain"].startswith("eyJ")
    assert copied["x-kde-passwordManagerHint"] == "secret"
    assert cleared == {}


def test_what_another_program_copied_meanwhile_outlives_the_window(home: Path) -> None:
    with demo_on_a_hidden_display(home) as window, other_program(window.surroundings.display) as other:
        window.press("Copy a token of Web shop checkout")
        window.find("label", "Token copied.")
        other.copies("shopping list")

        window.surroundings.process.terminate()
        window.surroundings.process.wait(PATIENCE_S)

        assert other.pastes()["text/plain"] == "shopping list"


def test_no_token_outlives_the_window_and_no_clipboard_manager_is_asked_to_keep_one(home: Path) -> None:
    with demo_on_a_hidden_display(home) as window, other_program(window.surroundings.display) as other:
        manager = Program("clipboard_manager.py", window.surroundings.display)
        assert manager.line() == "ready"
        careless = OtherProgram("other_program.py", window.surroundings.display)
        careless.copies("shopping list")
        careless.end()
        asked = manager.line()

        window.press("Copy a token of Web shop checkout")
        window.find("label", "Token copied.")
        copied = other.pastes()
        window.surroundings.process.terminate()
        window.surroundings.process.wait(PATIENCE_S)
        left, asked_for_ours = other.pastes(), manager.stop()

    assert asked == "SAVE_TARGETS"
    assert "text/plain" in copied
    assert left == {}
    assert asked_for_ours == []
