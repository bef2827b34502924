"""What the window remembers between two starts: geometry, splitter, order, selection. One file in the state folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

if TYPE_CHECKING:
    from pathlib import Path


class Remembered:
    """Reads and writes the file; a damaged or unwritable one is as good as none."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`."""
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def bytes(self, key: str) -> QByteArray:
        """Give what Qt saved of a geometry or a splitter; empty where there is nothing."""
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def text(self, key: str) -> str:
        """Give a word; empty where there is none."""
        value = self._settings.value(key)
        return value if isinstance(value, str) else ""

    def keep(self, key: str, value: QByteArray | str) -> None:
        """Remember."""
        self._settings.setValue(key, value)

    def save(self) -> None:
        """Write the file now."""
        self._settings.sync()
