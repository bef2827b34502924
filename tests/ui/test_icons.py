from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon
    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Stage


def widths(icon: QIcon) -> set[int]:
    return {size.width() for size in icon.availableSizes()}


def test_icons_are_sharp_on_a_screen_that_is_plugged_in_later(stage: Stage, qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    stage.context.icons.dress(button, "plus")
    before = widths(button.icon())

    for _ in range(2):
        stage.context.icons.be_ready_for_other_screens()

    assert widths(button.icon()) == before | {2 * width for width in before}
