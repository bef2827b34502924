from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui import samples
from tests.ui.adding.driver import PASTED, OpenDialog, button, field, nameless, page_of, paste, request_text
from tests.ui.desk import Desk, keep
from tokendeck.core.errors import (
    NoSuchConnection,
    UnknownProvider,
)
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.dialog import ConnectionDialog
from tokendeck.ui.adding.page import ConnectionPage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.canary import Canary


async def test_searching_and_enter_lead_to_the_form(open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    search = field(dialog, "Search providers")

    QTest.keyClicks(search, "pyng")
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert field(dialog, "Name").text() == "PYNG Checkout"
    assert field(dialog, "API username").placeholderText() == "s6BhdRkqt3"


async def test_arrows_move_in_the_list_while_the_search_has_the_keyboard(
    open_dialog: OpenDialog,
) -> None:
    dialog = open_dialog()
    search = field(dialog, "Search providers")

    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert field(dialog, "Name").text() == "Paysera Checkout"


async def test_what_a_screen_reader_selects_is_what_continue_takes(open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    choice = dialog._chooser._list

    choice.item(3).setSelected(True)
    dialog._proceed.click()

    assert field(dialog, "Name").text() == choice.item(3).text() == "PYNG Checkout"


async def test_a_search_that_finds_nothing_says_what_was_searched(open_dialog: OpenDialog) -> None:
    dialog = open_dialog()

    QTest.keyClicks(field(dialog, "Search providers"), "stripe")
    QTest.keyClick(field(dialog, "Search providers"), Qt.Key.Key_Return)

    assert "“stripe”" in dialog._chooser._nothing.text()
    assert dialog.findChild(ConnectionPage) is None


async def test_another_provider_leads_back_to_the_choice(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="payt")

    button(dialog, "Another provider").click()

    assert field(dialog, "Search providers").isVisible()


async def test_a_name_that_is_free_is_suggested(desk: Desk, open_dialog: OpenDialog) -> None:
    keep(desk, samples.record(samples.connection(samples.PAYSERA, name="paysera checkout")))

    dialog = open_dialog(provider="paysera")

    assert field(dialog, "Name").text() == "Paysera Checkout 2"


async def test_an_unknown_provider_or_connection_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownProvider):
        ConnectionDialog(desk.context, provider="nobody")
    with pytest.raises(NoSuchConnection):
        ConnectionDialog(desk.context, editing="nobody")


async def test_the_request_is_shown_as_it_is_typed_and_never_the_secret(
    open_dialog: OpenDialog, canary: Canary
) -> None:
    dialog = open_dialog(provider="paysera")
    secret = canary.plant("client secret")

    QTest.keyClicks(field(dialog, "Client id"), "shop-1")
    before = request_text(dialog)
    field(dialog, "Client secret").setText(secret)

    assert "&client_id=shop-1" in before
    assert "&client_secret=<Client secret>" in before
    assert "&client_secret=••••••••" in request_text(dialog)
    assert secret not in request_text(dialog)


async def test_a_pasted_block_fills_every_field(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")

    paste(dialog, "Base URL", PASTED)

    assert field(dialog, "Base URL").text() == "https://partner.test"
    assert field(dialog, "API username").text() == "s6"
    assert field(dialog, "API password").text() == "hunter2-hunter2"
    assert field(dialog, "Scope").text() == "one two"


async def test_anything_else_pasted_stays_in_its_field(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")

    paste(dialog, "API password", "  pass=word==\n")

    assert field(dialog, "API password").text() == "pass=word=="


async def test_secrets_are_masked_until_the_eye_is_used(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")
    secret = field(dialog, "API password")

    masked = secret.echoMode()
    secret.actions()[0].trigger()

    assert masked is QLineEdit.EchoMode.Password
    assert secret.echoMode() is QLineEdit.EchoMode.Normal


async def test_a_grant_that_needs_a_person_is_saved_and_signed_in_to(
    desk: Desk, open_dialog: OpenDialog, qtbot: QtBot
) -> None:
    dialog = open_dialog(provider="payt")
    page = page_of(dialog)
    page._form._grant.choose("authorization_code")
    QTest.keyClicks(field(dialog, "Client id"), "id")
    QTest.keyClicks(field(dialog, "Client secret"), "s3cret")

    with qtbot.waitSignal(dialog.sign_in_wanted) as wanted:
        button(dialog, "Save and sign in").click()
        await desk.settle()

    ((connection, secrets, tokens),) = desk.engine.saved
    assert wanted.args == [connection.id]
    assert (connection.grant, secrets, tokens) == ("authorization_code", {"client_secret": Secret("s3cret")}, None)
    assert desk.engine.tried == []


async def test_escape_closes(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="payt")

    QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


async def test_every_field_has_a_name_and_a_label(open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")

    edits = [one for one in dialog.findChildren(QLineEdit) if one.isVisibleTo(dialog)]

    assert len(edits) == 5
    assert all(one.accessibleName() for one in edits)


@pytest.mark.parametrize("provider", [None, "pyng"])
async def test_everything_that_takes_the_focus_has_a_name(open_dialog: OpenDialog, provider: str | None) -> None:
    dialog = open_dialog(**({"provider": provider} if provider else {}))

    assert nameless(dialog) == []
