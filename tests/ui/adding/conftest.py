from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from tests.ui.desk import Desk, desk
from tokendeck.ui.adding.dialog import ConnectionDialog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot


__all__ = ["desk"]


@pytest.fixture
def open_dialog(desk: Desk, qtbot: QtBot) -> Iterator[Callable[..., ConnectionDialog]]:
    opened: list[ConnectionDialog] = []

    def open_one(**how: str) -> ConnectionDialog:
        dialog = ConnectionDialog(desk.context, **how)  # type: ignore[arg-type]  # keywords of the dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(dialog)
        dialog.open()
        opened.append(dialog)
        return dialog

    yield open_one
    for dialog in opened:
        dialog.reject()
