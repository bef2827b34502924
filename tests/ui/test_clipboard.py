from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from tokendeck.core.secret import Secret
from tokendeck.ui.clipboard import KEPT_S, SecretClipboard

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.ui.conftest import Stage

TOKEN = Secret("token-planted")


@pytest.mark.promise(45)
def test_secret_carries_every_platforms_marks(stage: Stage) -> None:
    assert stage.clipboard.copy(TOKEN)

    assert stage.board.held == "token-planted"
    assert stage.board.data["x-kde-passwordManagerHint"] == b"secret"
    windows = {name.split('"')[1]: value for name, value in stage.board.data.items() if "windows-mime" in name}
    assert windows == dict.fromkeys(
        ("ExcludeClipboardContentFromMonitorProcessing", "CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"),
        b"\0\0\0\0",
    )


@pytest.mark.promise(45)
def test_copy_that_did_not_arrive_is_not_reported_as_one(stage: Stage) -> None:
    stage.board.takes = False

    assert not stage.clipboard.copy(TOKEN)
    assert stage.clipboard.seconds_left is None


@pytest.mark.promise(45)
def test_secret_is_cleared_after_thirty_seconds(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)

    for _ in range(KEPT_S - 1):
        stage.clock.forward(1)
        stage.clipboard.tick()
    assert (stage.board.held, stage.clipboard.seconds_left) == ("token-planted", 1)

    stage.clock.forward(1)
    stage.clipboard.tick()
    assert (stage.board.held, stage.clipboard.seconds_left) == ("", None)


@pytest.mark.promise(45)
def test_what_somebody_else_copied_is_never_cleared(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.board.held = "shopping list"

    stage.clock.forward(KEPT_S)
    stage.clipboard.tick()

    assert stage.board.held == "shopping list"
    assert stage.clipboard.seconds_left is None


def test_countdown_ends_as_soon_as_somebody_else_copies(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.board.held = "shopping list"

    stage.clipboard.tick()

    assert stage.clipboard.seconds_left is None


@pytest.mark.promise(45)
def test_clear_that_failed_is_shown_and_tried_again_when_the_window_has_the_focus(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.board.lets_go = False

    assert not stage.clipboard.clear_now()
    failed = [stage.clipboard.clear_failed]

    stage.board.lets_go = True
    activate()
    failed.append(stage.clipboard.clear_failed)
    assert failed == [True, False]
    assert stage.board.held == ""


@pytest.mark.promise(45)
def test_a_clear_that_failed_is_shown_no_longer_once_somebody_else_has_copied(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.board.lets_go = False
    stage.clipboard.clear_now()
    stage.clipboard.tick()
    failed = [stage.clipboard.clear_failed]

    stage.board.held = "shopping list"
    stage.clipboard.tick()

    failed.append(stage.clipboard.clear_failed)
    assert failed == [True, False]
    assert stage.board.held == "shopping list"


def test_second_copy_counts_anew(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.clock.forward(20)

    stage.clipboard.copy(Secret("another"))

    assert stage.clipboard.seconds_left == KEPT_S


def test_failed_second_copy_leaves_the_first_to_be_cleared(stage: Stage) -> None:
    stage.clipboard.copy(TOKEN)
    stage.board.takes = False

    assert not stage.clipboard.copy(Secret("another"))
    stage.clock.forward(KEPT_S)
    stage.clipboard.tick()

    assert stage.board.held == ""


def test_nothing_of_ours_is_nothing_to_clear(stage: Stage) -> None:
    stage.board.held = "shopping list"

    assert stage.clipboard.clear_now()
    assert stage.board.held == "shopping list"


def test_systems_clipboard_serves(stage: Stage, qapp: QApplication) -> None:
    clipboard = SecretClipboard(qapp.clipboard(), stage.clock)

    assert clipboard.copy(TOKEN)
    assert qapp.clipboard().text() == "token-planted"
    assert clipboard.clear_now()
    assert qapp.clipboard().text() == ""


@pytest.mark.parametrize("platform", ["xcb", "wayland", "windows"])
@pytest.mark.parametrize("end", ["tick", "clear_now"])
def test_what_another_program_holds_is_not_even_read_where_the_owner_is_known(
    stage: Stage, platform: str, end: str
) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, platform)
    clipboard.copy(TOKEN)
    stage.board.held, stage.board.owned, stage.board.reads = "a hung program's", False, 0

    getattr(clipboard, end)()

    assert clipboard.seconds_left is None
    assert stage.board.reads == 0
    assert stage.board.held == "a hung program's"


@pytest.mark.promise(45)
def test_simulated_wayland_desktop_that_keeps_what_it_was_told_to_drop_is_shown_until_it_lets_go(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland")
    clipboard.copy(TOKEN)
    stage.board.owned, stage.board.lets_go = True, False

    cleared = clipboard.clear_now()
    stage.board.owned = False  # Qt gave it up; the desktop has a copy
    clipboard.tick()
    failed = clipboard.clear_failed

    stage.board.lets_go = True
    activate()
    assert (cleared, failed) == (False, True)
    assert not clipboard.clear_failed
    assert stage.board.held == ""


@pytest.mark.promise(45)
async def test_simulated_wayland_copy_that_is_taken_back_is_no_copy(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland", in_front=lambda: False)

    taken = asyncio.create_task(clipboard.copy_for_good(TOKEN))
    await asyncio.sleep(0)
    stage.board.held = "what was there before"

    assert not await taken
    assert clipboard.seconds_left is None


@pytest.mark.promise(45)
async def test_simulated_wayland_copy_that_is_taken_back_leaves_the_one_before_to_be_cleared(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland", in_front=lambda: False)
    clipboard.copy(TOKEN)
    stage.clock.forward(20)

    taken = asyncio.create_task(clipboard.copy_for_good(Secret("another")))
    await asyncio.sleep(0)
    stage.board.held = TOKEN.reveal()

    assert not await taken
    assert clipboard.seconds_left == KEPT_S - 20
    stage.board.owned = True
    assert clipboard.clear_now()
    assert stage.board.held == ""


async def test_simulated_wayland_copy_that_stays_is_one(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland", in_front=lambda: False)
    stage.board.owned = True

    assert await clipboard.copy_for_good(TOKEN)
    assert clipboard.seconds_left == KEPT_S
    clipboard.clear_now()


def test_simulated_wayland_copy_by_the_window_in_front_is_one_at_once(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland", in_front=lambda: True)

    with pytest.raises(StopIteration) as ended:
        clipboard.copy_for_good(TOKEN).send(None)

    assert ended.value.value is True
    stage.board.owned = True
    clipboard.clear_now()


async def test_simulated_wayland_copy_that_is_cleared_meanwhile_is_none(stage: Stage) -> None:
    clipboard = SecretClipboard(stage.board, stage.clock, "wayland", in_front=lambda: False)
    stage.board.owned = True

    taken = asyncio.create_task(clipboard.copy_for_good(TOKEN))
    await asyncio.sleep(0)
    clipboard.clear_now()

    assert not await taken
    assert clipboard.seconds_left is None


def activate() -> None:
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
