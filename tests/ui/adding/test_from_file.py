from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QFileDialog
from shiboken6 import delete

from tests.ui.adding.driver import PASTED, OpenDialog, button, field
from tokendeck.ui.adding.from_file import FromFile
from tokendeck.ui.adding.pasted import LARGEST_PASTE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.desk import Desk
    from tokendeck.ui.adding.dialog import ConnectionDialog


async def test_a_file_fills_the_fields_that_it_names(open_dialog: OpenDialog, desk: Desk, tmp_path: Path) -> None:
    dialog = open_dialog(provider="pyng")
    file = tmp_path / ".env"
    file.write_text(PASTED, encoding="utf-8-sig")

    button(dialog, "Fill from a file…").click()
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    chooser.selectFile(str(file))
    chooser.accept()
    await desk.settle()

    assert field(dialog, "API username").text() == "s6"
    assert field(dialog, "API password").text() == "hunter2-hunter2"
    assert complaint(dialog) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"SHOPPING=list", "values.json names none of these fields."),
        (b"\xff\xfe\x00", "values.json is not text."),
        (b"SCOPE=" + b"x" * LARGEST_PASTE, "values.json names none of these fields."),
        (None, "values.json cannot be read: No such file or directory."),
    ],
    ids=["other values", "no text", "absurdly long", "gone"],
)
async def test_a_file_of_no_use_is_said_to_be_one(
    open_dialog: OpenDialog, desk: Desk, tmp_path: Path, content: bytes | None, said: str
) -> None:
    dialog = open_dialog(provider="pyng")
    file = tmp_path / "values.json"
    if content is not None:
        file.write_bytes(content)

    from_file(dialog).read(str(file))
    await desk.settle()

    assert complaint(dialog) == said
    assert field(dialog, "API username").text() == ""


async def test_a_dialog_that_closes_while_the_file_is_read_gets_nothing(
    open_dialog: OpenDialog, desk: Desk, tmp_path: Path
) -> None:
    dialog = open_dialog(provider="pyng")
    (tmp_path / ".env").write_text(PASTED, encoding="utf-8")

    from_file(dialog).read(str(tmp_path / ".env"))
    from_file(dialog).read(str(tmp_path / "gone"))
    delete(from_file(dialog))

    await desk.settle()


def from_file(dialog: ConnectionDialog) -> FromFile:
    found = dialog.findChild(FromFile)
    assert found is not None
    return found


def complaint(dialog: ConnectionDialog) -> str:
    return from_file(dialog).complaint
