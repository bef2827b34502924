from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tokendeck.cli.running.place import MOST_PATH_BYTES, socket_path

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")


@pytest.fixture
def run(home: Path) -> Path:
    """The runtime folder that the environment names."""
    return home / "run"


def path_in(environ: dict[str, str], home: Path, name: str = "0a1b2c3d") -> str | None:
    return socket_path(name, {"TMPDIR": str(home), **environ}, runtime_folders=str(home / "runs"))


def test_the_socket_lies_in_the_runtime_folder(run: Path, home: Path) -> None:
    assert path_in({"XDG_RUNTIME_DIR": str(run)}, home) == str(run / "tokendeck-0a1b2c3d.socket")


def test_two_homes_have_two_sockets(run: Path, home: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(run)}

    assert path_in(environ, home, "0a1b2c3d") != path_in(environ, home, "d3c2b1a0")


def test_a_shell_that_names_no_runtime_folder_finds_the_systems(home: Path) -> None:
    own = home / "runs" / str(os.getuid())
    own.mkdir(0o700, parents=True)

    assert path_in({}, home) == str(own / "tokendeck-0a1b2c3d.socket")


@pytest.mark.promise(22)
def test_without_a_runtime_folder_one_is_made_for_this_user_alone(home: Path) -> None:
    path = path_in({}, home)
    again = path_in({}, home)

    folder = home / f"tokendeck-{os.getuid()}"
    assert path == again == str(folder / "tokendeck-0a1b2c3d.socket")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.promise(22)
@pytest.mark.parametrize("mode", [0o701, 0o755, 0o777])
def test_our_own_folder_is_shut_where_others_can_enter_it(home: Path, mode: int) -> None:
    folder = home / f"tokendeck-{os.getuid()}"
    folder.mkdir()
    folder.chmod(mode)

    path = path_in({}, home)

    assert path == str(folder / "tokendeck-0a1b2c3d.socket")
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.promise(22)
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_our_name_that_is_another_users_is_left_as_it_is(home: Path) -> None:
    folder = home / f"tokendeck-{os.getuid()}"
    folder.mkdir(0o755)
    os.chown(folder, 65534, 65534)

    assert path_in({}, home) is None
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.promise(22)
@pytest.mark.parametrize("mode", [0o701, 0o710, 0o777, 0o1777])
def test_a_folder_that_others_can_enter_is_passed_over(run: Path, home: Path, mode: int) -> None:
    run.chmod(mode)

    path = path_in({"XDG_RUNTIME_DIR": str(run)}, home)

    assert path is not None
    assert not path.startswith(str(run))


@pytest.mark.promise(22)
def test_a_link_that_somebody_laid_is_not_followed(run: Path, home: Path) -> None:
    run.chmod(0o755)
    (home / f"tokendeck-{os.getuid()}").symlink_to(run)

    assert path_in({}, home) is None
    assert run.stat().st_mode & 0o777 == 0o755


@pytest.mark.promise(22)
@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_passed_over(run: Path, home: Path) -> None:
    os.chown(run, 65534, 65534)

    path = path_in({"XDG_RUNTIME_DIR": str(run)}, home)

    assert path is not None
    assert not path.startswith(str(run))


def test_a_relative_runtime_folder_is_none(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)

    assert path_in({"XDG_RUNTIME_DIR": "run"}, home) == path_in({}, home)


def test_a_path_too_long_for_a_socket_is_passed_over(home: Path) -> None:
    deep = home / ("d" * MOST_PATH_BYTES)
    deep.mkdir(0o700)

    path = path_in({"XDG_RUNTIME_DIR": str(deep)}, home)

    assert path == str(home / f"tokendeck-{os.getuid()}" / "tokendeck-0a1b2c3d.socket")


def test_where_no_folder_can_be_had_there_is_no_socket(home: Path) -> None:
    assert socket_path("0a1b2c3d", {"TMPDIR": str(home / "nowhere")}, runtime_folders=str(home / "runs")) is None
