"""Finds its way in the dialog by what people see."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QScrollBar, QWidget

from tokendeck.ui.adding.dialog import ConnectionDialog
from tokendeck.ui.adding.page import ConnectionPage
from tokendeck.ui.detail.request_view import RequestView

PASTED = "BASE_URL=https://partner.test\nPYNG_USERNAME=s6\nPASSWORD=hunter2-hunter2\nSCOPE=one two\n"

OpenDialog = Callable[..., ConnectionDialog]


def page_of(dialog: ConnectionDialog) -> ConnectionPage:
    page = dialog.findChild(ConnectionPage)
    assert page is not None
    return page


def field(dialog: ConnectionDialog, name: str) -> QLineEdit:
    found = [one for one in dialog.findChildren(QLineEdit) if one.accessibleName() == name and not one.isHidden()]
    visible = [one for one in found if one.isVisibleTo(dialog)]
    assert len(visible) == 1, f"{len(visible)} fields are called {name}"
    return visible[0]


def button(dialog: ConnectionDialog, text: str) -> QPushButton:
    return next(one for one in page_of(dialog).findChildren(QPushButton) if one.text() == text)


def request_text(dialog: ConnectionDialog) -> str:
    return page_of(dialog).findChild(RequestView).toPlainText()  # type: ignore[union-attr]  # every page has one


def outcome(dialog: ConnectionDialog) -> str:
    banner = page_of(dialog)._sending.outcome
    return "" if banner.isHidden() else banner.sentence


def note(dialog: ConnectionDialog, name: str) -> str:
    edit = field(dialog, name)
    return edit.accessibleDescription() if edit.property("tone") == "bad" else ""


def paste(dialog: ConnectionDialog, name: str, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    edit = field(dialog, name)
    edit.setFocus()
    QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QGuiApplication.clipboard().clear()


def nameless(dialog: ConnectionDialog) -> list[QWidget]:
    """Give what takes the focus and tells a screen reader nothing."""
    return [
        one
        for one in dialog.findChildren(QWidget)
        if one.isVisible()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(one, QScrollBar)
        and not (one.accessibleName() or (hasattr(one, "text") and one.text()))
    ]
