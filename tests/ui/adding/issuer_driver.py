"""Finds its way on the page for an issuer by what people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.ui.adding.driver import field
from tests.ui.fake_issuers import ISSUER
from tokendeck.ui.adding.issuer_page import IssuerPage

if TYPE_CHECKING:
    from tokendeck.ui.adding.dialog import ConnectionDialog

NAME = "Name of the provider"


def button(dialog: ConnectionDialog, text: str) -> QPushButton:
    (one,) = [one for one in dialog.findChildren(QPushButton) if one.text() == text and one.isVisible()]
    return one


def issuer_page(dialog: ConnectionDialog) -> IssuerPage:
    page = dialog.findChild(IssuerPage)
    assert page is not None
    return page


def news(dialog: ConnectionDialog) -> str:
    banner = issuer_page(dialog)._findings.news
    return "" if banner.isHidden() else banner.sentence


def ask(dialog: ConnectionDialog, address: str = ISSUER) -> None:
    """Go to the page, type the issuer and press Enter."""
    if dialog.findChild(IssuerPage) is None:
        button(dialog, "New from issuer").click()
    QTest.keyClicks(field(dialog, "Issuer"), address)
    QTest.keyClick(field(dialog, "Issuer"), Qt.Key.Key_Return)
