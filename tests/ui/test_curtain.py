from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tokendeck.core.secret import Secret
from tokendeck.ui.curtain import IDLE, LOOK_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Stage
    from tokendeck.core.moment import Moment
    from tokendeck.ui.curtain import Curtain

TOKEN = Secret("token-planted")
SECOND = timedelta(seconds=1)


class Falls:
    def __init__(self, curtain: Curtain) -> None:
        self.count = 0
        curtain.fell.connect(self.note)

    def note(self) -> None:
        self.count += 1


@pytest.fixture
def holder(stage: Stage) -> QObject:
    """Something that shows a secret, and covers it when the curtain falls."""
    holder = QObject(stage.curtain)
    stage.curtain.fell.connect(lambda: stage.curtain.close_for(holder))
    return holder


def watch_for(stage: Stage, span: timedelta) -> None:
    """Let the time pass second by second, as the curtain sees it."""
    for _ in range(span // SECOND):
        stage.clock.forward(1)
        stage.curtain.look()


@pytest.mark.promise(47)
def test_looks_are_a_second_apart_while_something_is_shown_and_there_is_none_otherwise(
    stage: Stage, holder: QObject
) -> None:
    other = QObject(stage.curtain)
    watching = [stage.curtain.is_watching]

    stage.curtain.open_for(holder)
    stage.curtain.open_for(other)
    stage.curtain.close_for(holder)
    watching.append(stage.curtain.is_watching)
    stage.curtain.close_for(other)

    watching.append(stage.curtain.is_watching)
    assert watching == [False, True, False]
    assert LOOK_MS <= 1000


@pytest.mark.promise(47)
def test_idleness_lets_it_fall(stage: Stage, holder: QObject) -> None:
    falls = Falls(stage.curtain)
    stage.clipboard.copy(TOKEN)
    stage.curtain.open_for(holder)

    watch_for(stage, IDLE - SECOND)
    before = falls.count
    watch_for(stage, SECOND)

    assert (before, falls.count) == (0, 1)
    assert not stage.curtain.is_watching
    assert stage.board.held == ""


@pytest.mark.parametrize(
    "touch",
    [
        lambda widget: QTest.keyClick(widget, Qt.Key.Key_Shift),
        lambda widget: QTest.mouseClick(widget, Qt.MouseButton.LeftButton),
    ],
    ids=["a key", "the mouse"],
)
def test_a_touch_keeps_it_up(stage: Stage, holder: QObject, qtbot: QtBot, touch: Callable[[QWidget], None]) -> None:
    falls, widget = Falls(stage.curtain), QWidget()
    qtbot.addWidget(widget)
    widget.show()
    stage.curtain.open_for(holder)

    watch_for(stage, IDLE - SECOND)
    touch(widget)
    watch_for(stage, IDLE - SECOND)

    assert falls.count == 0
    stage.curtain.close_for(holder)


@pytest.mark.promise(47)
@pytest.mark.parametrize("clock", ["elapsed", "wall"])
def test_a_jump_of_either_clock_is_sleep(stage: Stage, holder: QObject, clock: str) -> None:
    falls = Falls(stage.curtain)
    stage.curtain.open_for(holder)
    watch_for(stage, SECOND)

    stage.clock.moment = leap(stage.clock.moment, clock)
    stage.curtain.look()

    assert falls.count == 1


@pytest.mark.promise(47)
@pytest.mark.parametrize("clock", ["elapsed", "wall"])
def test_a_short_sleep_clears_the_clipboard_too(stage: Stage, clock: str) -> None:
    stage.clipboard.copy(TOKEN)

    stage.clock.moment = leap(stage.clock.moment, clock)
    stage.clipboard.tick()

    assert stage.board.held == ""


def leap(moment: Moment, clock: str) -> Moment:
    if clock == "wall":
        return replace(moment, wall=moment.wall + timedelta(seconds=6))
    return replace(moment, elapsed_s=moment.elapsed_s + 6)


@pytest.mark.promise(47)
def test_locking_the_window_covers_everything(stage: Stage, holder: QObject) -> None:
    window = stage.open()
    stage.clipboard.copy(TOKEN)
    stage.curtain.open_for(holder)

    window.lock()

    assert stage.board.held == ""
    assert not stage.curtain.is_watching


@pytest.mark.promise(47)
def test_a_token_that_comes_after_the_curtain_fell_is_not_copied(stage: Stage) -> None:
    window = stage.open()
    told: list[str] = []
    window.commands.told_about.connect(lambda _, words, *__: told.append(words))
    stage.engine.on_token = stage.curtain.fall

    window.commands.copy("web")

    assert stage.board.held == ""
    assert told == ["Web shop checkout: the token came after the window was locked or left. Nothing was copied."]
