"""Filling the form from a file that a provider's dashboard gave, as by pasting what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokendeck.ui.adding.pasted import LARGEST_PASTE
from tokendeck.ui.announce import announce
from tokendeck.ui.labels import label
from tokendeck.ui.text import translate
from tokendeck.ui.theme import SPACE_XS, set_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.ui.context import UiContext


class FromFile(QWidget):
    """A button that asks for the file, and a line for what is wrong with it."""

    def __init__(self, context: UiContext, take_block: Callable[[str], bool]) -> None:
        """Hand the file's text to `take_block`, which tells whether it filled anything."""
        super().__init__()
        self._context = context
        self._take_block = take_block
        self._button = QPushButton(translate("FromFile", "Fill from a file…"))
        self._button.setToolTip(translate("FromFile", "An .env, JSON or PEM file. It is read once, and not kept."))
        set_kind(self._button, "inline")
        self._button.clicked.connect(self.ask)
        self._note = label(kind="small", wraps=True)
        set_kind(self._note, "small", tone="bad")
        line = QHBoxLayout()
        line.addWidget(self._button)
        line.addStretch(1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(context.theme.px(SPACE_XS))
        rows.addLayout(line)
        rows.addWidget(self._note)
        self._say("")

    @property
    def complaint(self) -> str:
        """What is wrong with the file, as shown; empty where nothing is."""
        return self._note.text()

    def ask(self) -> None:
        """Open the system's dialog for files, or Qt's own where it has none."""
        dialog = QFileDialog(self, translate("FromFile", "Fill from a file"), QDir.homePath())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setFilter(dialog.filter() | QDir.Filter.Hidden)  # `.env` is a hidden file on most systems
        dialog.fileSelected.connect(self.read)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def read(self, path: str) -> None:
        """Read the file at `path`, off this thread, and fill what it names."""
        self._context.spawn(self._read(Path(path)), name="read a file of values")

    async def _read(self, file: Path) -> None:
        import asyncio  # the room's other modules need none of it

        try:
            text = (await asyncio.to_thread(_beginning, file)).decode("utf-8-sig")
        except OSError as error:
            trouble = translate("FromFile", "{file} cannot be read: {reason}.")
            self._end(trouble.format(file=file.name, reason=error.strerror or error))
            return
        except UnicodeDecodeError:
            self._end(translate("FromFile", "{file} is not text.").format(file=file.name))
            return
        if not isValid(self):
            return
        if self._take_block(text):
            self._end("")
            announce(self, translate("FromFile", "Filled from {file}.").format(file=file.name))
        else:
            self._end(translate("FromFile", "{file} names none of these fields.").format(file=file.name))

    def _end(self, complaint: str) -> None:
        if isValid(self):
            self._say(complaint)

    def _say(self, complaint: str) -> None:
        self._note.setText(complaint)
        self._note.setVisible(bool(complaint))
        self._button.setAccessibleDescription(complaint)
        if complaint:
            announce(self, complaint, urgent=True)


def _beginning(file: Path) -> bytes:
    """Give what a form can use of a file: longer ones are no values, and refused as such."""
    with file.open("rb") as stream:
        return stream.read(LARGEST_PASTE + 1)
