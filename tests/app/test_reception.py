"""Who answers for a home: the first window for as long as it lives, then the next."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokendeck.app.places import Places, find_places
from tokendeck.app.reception import LOCK_NAME, receive
from tokendeck.cli.running.codec import to_line
from tokendeck.cli.running.messages import show
from tokendeck.cli.running.place import socket_path
from tokendeck.storage.locks import FileLocks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")


class Window:
    """A process that answers for its home, or waits until it can."""

    def __init__(self, places: Places) -> None:
        self.path = socket_path(places.name) or ""
        self.locks = FileLocks(places.data / "locks")
        self.was_shown = False
        self.gave_way = False
        self.task = asyncio.create_task(receive(places, self.locks, self._answer, self._give_way))

    async def can_be_shown(self) -> bool:
        return await asyncio.to_thread(show, self.path)

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _answer(self, line: bytes) -> bytes:
        self.was_shown = b'"show"' in line
        return to_line({"value": None})

    def _give_way(self) -> None:
        self.gave_way = True


@pytest.fixture
async def open_window(home: Path) -> AsyncIterator[Callable[[], Window]]:
    windows: list[Window] = []

    def make() -> Window:
        windows.append(Window(find_places(home / "deck")))
        return windows[-1]

    yield make
    for window in windows:
        await window.close()


@pytest.mark.promise(37)
async def test_a_second_window_shows_the_first_and_gives_way(open_window: Callable[[], Window]) -> None:
    first = open_window()
    while not await first.can_be_shown():
        pass
    first.was_shown = False

    second = open_window()
    await second.task

    assert second.gave_way
    assert first.was_shown
    assert not first.gave_way


@pytest.mark.promise(37)
async def test_a_second_window_answers_once_the_first_has_ended(open_window: Callable[[], Window]) -> None:
    first = open_window()
    ending = first.locks.take(LOCK_NAME)
    assert ending is not None, "the task has not begun yet"
    await first.close()

    second = open_window()
    while_it_ends = await second.can_be_shown()
    ending.release()
    while not await second.can_be_shown():
        pass

    assert not while_it_ends
    assert not second.gave_way


async def test_where_nothing_can_listen_the_window_goes_on_without(
    home: Path, open_window: Callable[[], Window]
) -> None:
    window = open_window()
    Path(window.path).mkdir()

    await window.task

    taken = window.locks.take(LOCK_NAME)
    assert taken is not None
    taken.release()
    assert not window.gave_way
    assert home.exists()


async def test_a_home_that_cannot_be_written_has_no_reception(home: Path, open_window: Callable[[], Window]) -> None:
    (home / "deck").write_text("a file where the folder should be", encoding="utf-8")

    await open_window().task


async def test_without_a_folder_of_ones_own_there_is_no_reception(
    home: Path, open_window: Callable[[], Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "missing"))
    monkeypatch.setenv("TMPDIR", "/" + "too-long-for-a-socket" * 6)
    if socket_path("0") is not None:
        pytest.skip("this machine has a runtime folder for its users")

    window = open_window()
    await window.task

    assert not (home / "deck").exists()
