from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from tokendeck.ui.adding.edits import QT_PASTE_ACTION, FieldEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def blocks() -> list[str]:
    return []


@pytest.fixture
def edit(qtbot: QtBot, blocks: list[str]) -> Iterator[FieldEdit]:
    def take(text: str) -> bool:
        blocks.append(text)
        return "=" in text

    made = FieldEdit(take)
    qtbot.addWidget(made)
    made.show()
    yield made
    QGuiApplication.clipboard().clear()


def test_the_menus_paste_goes_the_same_way(edit: FieldEdit, blocks: list[str]) -> None:
    QGuiApplication.clipboard().setText("A=1\nB=2")

    menu = edit.make_menu()
    paste = menu.findChild(QAction, QT_PASTE_ACTION)
    assert paste is not None
    paste.trigger()
    menu.deleteLater()

    assert blocks == ["A=1\nB=2"]
    assert edit.text() == ""


def test_dropped_text_goes_the_same_way(edit: FieldEdit, blocks: list[str]) -> None:
    data = QMimeData()
    data.setText("A=1\nB=2")
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    edit.dropEvent(QDropEvent(QPointF(1, 1), Qt.DropAction.CopyAction, data, buttons, keys))

    assert blocks == ["A=1\nB=2"]


def test_dropped_pictures_are_nothing(edit: FieldEdit, blocks: list[str]) -> None:
    nothing = QMimeData()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

    edit.dropEvent(QDropEvent(QPointF(1, 1), Qt.DropAction.CopyAction, nothing, buttons, keys))

    assert blocks == []


def test_typing_is_ones_own(edit: FieldEdit, blocks: list[str]) -> None:
    QTest.keyClicks(edit, "a=b")

    assert edit.text() == "a=b"
    assert blocks == []
