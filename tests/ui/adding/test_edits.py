from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tokendeck.ui.adding.edits import QT_PASTE_ACTION, FieldEdit, SecretEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from tests.ui.desk import Desk


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


@pytest.fixture
def shown_field(desk: Desk, qtbot: QtBot) -> Iterator[SecretEdit]:
    made = SecretEdit(desk.context, lambda _: False)
    qtbot.addWidget(made)
    made.setText("s3cret")
    made.show()
    made.set_shown(True)
    yield made
    made.hide()


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


@pytest.mark.promise(47)
@pytest.mark.parametrize("end", ["fall", "hide"])
def test_a_shown_field_is_masked_when_nobody_looks(desk: Desk, shown_field: SecretEdit, end: str) -> None:
    edit = shown_field

    if end == "fall":
        desk.curtain.fall()
    else:
        edit.hide()

    assert edit.echoMode() is QLineEdit.EchoMode.Password
    assert edit.displayText() == "••••••"
    assert not desk.curtain.is_watching


@pytest.mark.promise(45)
def test_nothing_of_a_shown_field_can_be_copied_past_the_marks(shown_field: SecretEdit) -> None:
    edit = shown_field

    edit.selectAll()
    QTest.mouseDClick(edit, Qt.MouseButton.LeftButton)
    QTest.keySequence(edit, "Ctrl+A")
    QTest.keySequence(edit, "Ctrl+C")

    assert edit.selectedText() == ""
    assert QGuiApplication.clipboard().text() == ""


def test_a_masked_field_can_be_selected_and_typed_over(shown_field: SecretEdit) -> None:
    edit = shown_field
    edit.cover()

    QTest.keySequence(edit, "Ctrl+A")
    QTest.keyClicks(edit, "new")

    assert edit.text() == "new"
