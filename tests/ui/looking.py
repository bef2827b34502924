"""Finding things in a window as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QDialog, QLabel, QWidget

if TYPE_CHECKING:
    from tokendeck.ui.window import MainWindow


D = TypeVar("D", bound=QDialog)


def words_in(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def dialog_of(window: MainWindow, kind: type[D]) -> D:
    return next(one for one in window.findChildren(kind) if one.isVisible())
