"""Boxes that ask or tell without stopping anything: opened, never executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox

from tokendeck import __version__
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

ICON_PX = 48


def ask_about_hazard(window: QWidget, name: str, text: str, confirmed: Callable[[], None]) -> None:
    """Ask whether to make a hazardous call; `text` says what it can do, Cancel is the default."""
    title = translate("Questions", "Test {name}?").format(name=name)
    box = _box(window, title, title, text)
    box.setIcon(QMessageBox.Icon.Warning)
    go = box.addButton(translate("Questions", "Test all the same"), QMessageBox.ButtonRole.AcceptRole)
    go.clicked.connect(confirmed)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    _open(box)


def ask_about_new_vault(window: QWidget, text: str, confirmed: Callable[[], object]) -> None:
    """Ask whether to begin with an empty vault; `text` says what becomes of the old one, Cancel is the default."""
    title = translate("Questions", "Start a new vault?")
    box = _box(window, title, title, text)
    box.setIcon(QMessageBox.Icon.Warning)
    go = box.addButton(translate("Questions", "Start a new vault"), QMessageBox.ButtonRole.AcceptRole)
    go.clicked.connect(confirmed)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    _open(box)


def ask_to_revoke(window: QWidget, name: str, confirmed: Callable[[], object]) -> None:
    """Ask whether to have the provider take a connection's tokens back; Cancel is the default."""
    title = translate("Questions", "Revoke the tokens of {name}?").format(name=name)
    text = translate("Questions", "Whoever uses them is refused from then on. The connection and its secrets stay.")
    box = _box(window, title, title, text)
    box.setIcon(QMessageBox.Icon.Warning)
    go = box.addButton(translate("Questions", "Revoke"), QMessageBox.ButtonRole.AcceptRole)
    go.clicked.connect(confirmed)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.open()


def show_about(window: QWidget) -> None:
    """Say what this is."""
    words = translate("Questions", "Keeps short-lived API tokens fresh, and their secrets behind your keyring.")
    licences = translate("Questions", "MIT licence. Qt under the LGPL, icons by Lucide under the ISC licence.")
    version = translate("Questions", "Tokendeck {version}").format(version=__version__)
    box = _box(window, translate("Questions", "About Tokendeck"), version, f"{words}\n\n{licences}")
    box.setIconPixmap(window.windowIcon().pixmap(QSize(ICON_PX, ICON_PX), window.devicePixelRatioF()))
    box.addButton(QMessageBox.StandardButton.Close)
    _open(box)


def _box(window: QWidget, title: str, text: str, more: str) -> QMessageBox:
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(title)
    box.setText(text)
    box.setInformativeText(more)
    return box


def _open(box: QMessageBox) -> None:
    """Open it, without the pictures that some styles put on its buttons."""
    for button in box.buttons():
        button.setIcon(QIcon())
    box.open()
