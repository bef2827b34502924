"""Asking an issuer once, stopping that, and what is left then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.adding.driver import OpenDialog, field
from tests.ui.adding.issuer_driver import ask, button, issuer_page, news
from tests.ui.fake_issuers import FOUND, ISSUER
from tokendeck.core.errors import BadUrl, TokendeckError, UnfitIssuer

if TYPE_CHECKING:
    from tests.ui.desk import Desk


async def test_asking_can_be_cancelled_and_what_was_typed_stays(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.go_on.clear()
    dialog = open_dialog()
    ask(dialog)
    await desk.started()
    busy = (news(dialog), button(dialog, "Find").isEnabled(), field(dialog, "Issuer").isReadOnly())
    QTest.keyClick(field(dialog, "Issuer"), Qt.Key.Key_Return)

    button(dialog, "Cancel").click()
    await desk.settle()

    assert busy == (f"Asking {ISSUER}…", False, True)
    assert desk.issuers.asked == [ISSUER]
    assert news(dialog) == "Stopped."
    assert field(dialog, "Issuer").text() == ISSUER
    assert button(dialog, "Find").isEnabled()
    button(dialog, "Cancel").click()
    assert not dialog.isVisible()


async def test_cancel_in_the_turn_of_the_click_asks_nobody_and_leaves_all_to_be_pressed_again(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    dialog = open_dialog()
    ask(dialog)

    button(dialog, "Cancel").click()
    stopped = (news(dialog), dialog.isVisible(), button(dialog, "Find").isEnabled())
    await desk.settle()
    asked = [*desk.issuers.asked]
    button(dialog, "Find").click()
    await desk.settle()

    assert stopped == ("Stopped.", True, True)
    assert asked == []
    assert button(dialog, "Continue").isEnabled()


async def test_closing_in_the_turn_of_the_click_asks_nobody(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)

    dialog.reject()
    await desk.settle()

    assert desk.issuers.asked == []
    assert desk.catalog.lent == {}


async def test_a_password_in_the_address_is_told_nowhere(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.answer = BadUrl("https://…@auth.example.test", "no user name or password inside the URL")
    dialog = open_dialog()
    ask(dialog, "https://me:hunter2-hunter2@auth.example.test")

    asking = (news(dialog), issuer_page(dialog)._findings.news.accessibleName())
    await desk.settle()

    assert asking == ("Asking https://…@auth.example.test…",) * 2
    assert "no user name or password" in field(dialog, "Issuer").accessibleDescription()
    assert "hunter2" not in field(dialog, "Issuer").accessibleDescription()


@pytest.mark.parametrize("error", [None, UnfitIssuer(ISSUER, "no_metadata")])
async def test_closing_while_it_asks_ends_that(
    desk: Desk, open_dialog: OpenDialog, error: TokendeckError | None
) -> None:
    desk.issuers.go_on.clear()
    desk.issuers.answer = error or FOUND
    dialog = open_dialog()
    ask(dialog)
    await desk.started()

    dialog.reject()
    desk.issuers.go_on.set()
    await desk.settle()

    assert not dialog.isVisible()
    assert desk.catalog.lent == {}


async def test_a_double_click_asks_once(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    button(dialog, "New from issuer").click()
    QTest.keyClicks(field(dialog, "Issuer"), ISSUER)

    find = button(dialog, "Find")
    find.click()
    find.click()
    issuer_page(dialog).ask()
    await desk.settle()

    assert desk.issuers.asked == [ISSUER]


async def test_nothing_is_asked_where_nothing_is_typed(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()

    ask(dialog, "  ")

    assert desk.issuers.asked == []
    assert not button(dialog, "Find").isEnabled()
