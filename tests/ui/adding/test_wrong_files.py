from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from tests.ui.looking import words_in
from tokendeck.core.errors import DescriptorError
from tokendeck.ui.adding.wrong_files import WrongFiles

if TYPE_CHECKING:
    from PySide6.QtCore import QUrl
    from pytestqt.qtbot import QtBot

    from tests.ui.adding.driver import OpenDialog
    from tests.ui.desk import Desk

FOLDER = Path.cwd() / "providers"


def wrong(name: str, key: str = "grants") -> DescriptorError:
    return DescriptorError(str(FOLDER / name), key, "at least one grant")


async def test_the_chooser_tells_which_file_is_wrong_and_why(open_dialog: OpenDialog, desk: Desk) -> None:
    desk.catalog.wrong = (wrong("acme.toml"),)

    dialog = open_dialog()

    assert "acme.toml cannot be used: at grants, expected at least one grant." in words_in(dialog)


async def test_right_files_are_not_spoken_of(open_dialog: OpenDialog) -> None:
    dialog = open_dialog()

    found = dialog.findChild(WrongFiles)
    assert found is not None
    assert found.isHidden()


def test_many_wrong_files_leave_room_for_the_providers(desk: Desk, qtbot: QtBot) -> None:
    desk.catalog.wrong = tuple(wrong(f"{number}.toml") for number in range(5))
    shown = WrongFiles(desk.context)
    qtbot.addWidget(shown)

    shown.show()

    assert words_in(shown).splitlines() == [
        *(f"{number}.toml cannot be used: at grants, expected at least one grant." for number in range(3)),
        "2 more files cannot be used.",
    ]


def test_their_folder_is_a_click_away(desk: Desk, qtbot: QtBot) -> None:
    opened: list[QUrl] = []
    desk.catalog.wrong = (wrong("acme.toml"),)
    shown = WrongFiles(desk.context, opened.append)
    qtbot.addWidget(shown)

    button = shown.findChild(QPushButton)
    assert button is not None
    button.click()

    assert [Path(one.toLocalFile()) for one in opened] == [FOLDER]
