from __future__ import annotations

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
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
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
