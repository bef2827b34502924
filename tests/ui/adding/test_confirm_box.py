from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tokendeck.ui.adding.confirm_box import ConfirmBox

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.desk import Desk


@pytest.fixture
def box(desk: Desk, qtbot: QtBot) -> ConfirmBox:
    made = ConfirmBox(desk.context, "Send this secret to https://a.very.long.host.name.test from now on")
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def test_a_click_on_the_words_confirms(box: ConfirmBox) -> None:
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center())

    assert box.isChecked()


def test_the_words_wrap_where_there_is_no_room(box: ConfirmBox) -> None:
    assert box.heightForWidth(box.minimumSizeHint().width()) > box.heightForWidth(box.sizeHint().width())


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_tick_is_on_the_side_where_reading_begins(box: ConfirmBox, direction: Qt.LayoutDirection) -> None:
    box.setLayoutDirection(direction)
    before = box.grab().toImage()

    box.setChecked(True)

    after = box.grab().toImage()
    middle = box.height() // 2
    changed = [x for x in range(after.width()) if after.pixel(x, middle) != before.pixel(x, middle)]
    at_the_start = (x < 20 for x in changed)
    assert changed
    assert all(at_the_start) is (direction is Qt.LayoutDirection.LeftToRight)
