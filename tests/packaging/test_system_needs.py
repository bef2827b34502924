"""What is missing on a Debian or Ubuntu is installed, or the line that would do it is named."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from system_needs import CannotGoOn, install_with_apt

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="apt lives on Linux")


class Apt:
    """Stands in for apt-get and apt-cache by coming first on PATH; knows only the packages that it is told of."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "log"
        self._log.touch()
        self.lists(())
        self._program("apt-get", f'echo "$@" >> {self._log}')

    def lists(self, packages: tuple[str, ...]) -> None:
        known = "|".join(packages) or "none"
        self._program("apt-cache", f'case "$2" in {known}) echo "Package: $2";; *) exit 100;; esac')

    def fails(self, message: str) -> None:
        self._program("apt-get", f"echo '{message}'", "exit 100")

    def calls(self) -> list[str]:
        return [line.removeprefix("-o DPkg::Lock::Timeout=120 ") for line in self._log.read_text().splitlines()]

    def _program(self, name: str, *lines: str) -> None:
        program = self._folder / name
        program.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
        program.chmod(0o755)


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apt:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return Apt(tmp_path)


def test_who_cannot_be_root_gets_the_exact_line(apt: Apt) -> None:
    apt.lists(("libegl1", "libglib2.0-0"))

    with pytest.raises(CannotGoOn, match=r"\n    sudo apt-get install libegl1 libglib2\.0-0$"):
        install_with_apt(["libegl1", "libglib2.0-0"], as_root=None)

    assert apt.calls() == []


def test_packages_go_by_their_name_in_this_release(apt: Apt) -> None:
    apt.lists(("libegl1", "libglib2.0-0t64"))

    install_with_apt(["libegl1", "libglib2.0-0"], as_root=[])

    assert apt.calls() == ["install --yes --no-install-recommends libegl1 libglib2.0-0t64"]


def test_lists_are_fetched_only_where_they_lack_a_package(apt: Apt) -> None:
    install_with_apt(["libegl1"], as_root=[])

    assert apt.calls() == ["update", "install --yes --no-install-recommends libegl1"]


def test_apt_failing_is_told_in_its_own_words(apt: Apt) -> None:
    apt.lists(("libegl1",))
    apt.fails("E: Unable to fetch some archives")

    with pytest.raises(CannotGoOn, match=r"apt-get install failed.*\n    E: Unable to fetch some archives"):
        install_with_apt(["libegl1"], as_root=[])
