from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from tests.ui import samples
from tests.ui.desk import Desk, keep
from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import (
    ConfigurationRefused,
    NetworkStep,
    NoSuchConnection,
    UnknownProvider,
    Unreachable,
    VaultLocked,
)
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.dialog import ConnectionDialog
from tokendeck.ui.adding.form import ANOTHER
from tokendeck.ui.adding.page import ConnectionPage
from tokendeck.ui.detail.request_view import RequestView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from tests.canary import Canary

PASTED = "BASE_URL=https://partner.test\nPYNG_USERNAME=s6\nPASSWORD=hunter2-hunter2\nSCOPE=one two\n"


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


async def test_searching_and_enter_lead_to_the_form(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog()
    search = field(dialog, "Search providers")

    QTest.keyClicks(search, "pyng")
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert field(dialog, "Name").text() == "PYNG Checkout"
    assert field(dialog, "API username").placeholderText() == "s6BhdRkqt3"


async def test_arrows_move_in_the_list_while_the_search_has_the_keyboard(
    open_dialog: Callable[..., ConnectionDialog],
) -> None:
    dialog = open_dialog()
    search = field(dialog, "Search providers")

    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert field(dialog, "Name").text() == "Paysera Checkout"


async def test_a_search_that_finds_nothing_says_what_was_searched(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog()

    QTest.keyClicks(field(dialog, "Search providers"), "stripe")
    QTest.keyClick(field(dialog, "Search providers"), Qt.Key.Key_Return)

    assert "“stripe”" in dialog._chooser._nothing.text()
    assert dialog.findChild(ConnectionPage) is None


async def test_another_provider_leads_back_to_the_choice(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="payt")

    button(dialog, "Another provider").click()

    assert field(dialog, "Search providers").isVisible()


async def test_a_name_that_is_free_is_suggested(desk: Desk, open_dialog: Callable[..., ConnectionDialog]) -> None:
    keep(desk, samples.record(samples.connection(samples.PAYSERA, name="paysera checkout")))

    dialog = open_dialog(provider="paysera")

    assert field(dialog, "Name").text() == "Paysera Checkout 2"


async def test_an_unknown_provider_or_connection_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownProvider):
        ConnectionDialog(desk.context, provider="nobody")
    with pytest.raises(NoSuchConnection):
        ConnectionDialog(desk.context, editing="nobody")


async def test_the_request_is_shown_as_it_is_typed_and_never_the_secret(
    open_dialog: Callable[..., ConnectionDialog], canary: Canary
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


async def test_a_pasted_block_fills_every_field(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")

    paste(dialog, "Base URL", PASTED)

    assert field(dialog, "Base URL").text() == "https://partner.test"
    assert field(dialog, "API username").text() == "s6"
    assert field(dialog, "API password").text() == "hunter2-hunter2"
    assert field(dialog, "Scope").text() == "one two"


async def test_anything_else_pasted_stays_in_its_field(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")

    paste(dialog, "API password", "  pass=word==\n")

    assert field(dialog, "API password").text() == "pass=word=="


async def test_secrets_are_masked_until_the_eye_is_used(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")
    secret = field(dialog, "API password")

    masked = secret.echoMode()
    secret.actions()[0].trigger()

    assert masked is QLineEdit.EchoMode.Password
    assert secret.echoMode() is QLineEdit.EchoMode.Normal


async def test_test_and_save_asks_saves_and_closes(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog], qtbot: QtBot
) -> None:
    desk.engine.tokens = samples.tokens(of=replace(samples.facts(), scope=None))
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    with qtbot.waitSignal(dialog.saved) as saved:
        button(dialog, "Test and save").click()
        await desk.settle()

    connection, secrets, tokens = desk.engine.saved[0]
    assert desk.engine.tried == [(connection, secrets)]
    assert saved.args == [connection.id]
    assert connection.values == {"base_url": "https://partner.test", "username": "s6", "scope": "one two"}
    assert connection.confirmed_origins == ("https://partner.test:443",)
    assert secrets == {"password": Secret("hunter2-hunter2")}
    assert tokens is desk.engine.tokens
    assert outcome(dialog) == "It works. 200 in 212 ms, Bearer token good for 1 hour."
    assert field(dialog, "API password").text() == ""
    qtbot.waitUntil(lambda: not dialog.isVisible())


async def test_other_scopes_than_asked_for_stay_to_be_read(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Test and save").click()
    await desk.settle()

    both = QLocale().createSeparatedList
    detail = page_of(dialog)._sending.outcome.detail
    assert detail == f"Granted {both(['profile', 'email'])}; you asked for {both(['one', 'two'])}."
    assert dialog.isVisible()
    button(dialog, "Close").click()
    assert not dialog.isVisible()


async def test_save_without_testing_asks_nobody(desk: Desk, open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.tried == []
    assert desk.engine.saved[0][2] is None
    assert not dialog.isVisible()


async def test_a_refusal_keeps_everything_typed_and_points_at_the_secret(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    desk.engine.failure = ConfigurationRefused(status=401, code="invalid_client", words="Client authentication failed")
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Test and save").click()
    await desk.settle()

    assert desk.engine.saved == []
    assert "PYNG Checkout refused" in outcome(dialog)
    assert "“Client authentication failed”" in outcome(dialog)
    assert note(dialog, "API password") == "The answer points here."
    assert field(dialog, "API password").text() == "hunter2-hunter2"
    assert button(dialog, "Test and save").isEnabled()


@pytest.mark.parametrize(
    ("failure", "name"),
    [
        (Unreachable("partner.test", NetworkStep.NAME_LOOKUP), "Base URL"),
        (ConfigurationRefused(status=400, code="invalid_scope"), "Scope"),
    ],
)
async def test_other_failures_point_at_their_fields(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog], failure: Exception, name: str
) -> None:
    desk.engine.failure = failure
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, name) == "The answer points here."


async def test_an_unreachable_provider_without_a_field_opens_the_base_url(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    desk.engine.failure = Unreachable("api.paysera.com", NetworkStep.CONNECT)
    dialog = open_dialog(provider="paysera")
    paste(dialog, "Client id", '{"clientId": "a", "clientSecret": "b"}')

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, "Base URL") == "The answer points here."


async def test_a_locked_vault_is_said_and_nothing_is_lost(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    desk.engine.failure = VaultLocked()
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert "locked" in outcome(dialog)
    assert field(dialog, "API password").text() == "hunter2-hunter2"


async def test_what_is_missing_is_said_below_its_field_and_nobody_is_asked(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    dialog = open_dialog(provider="pyng")
    field(dialog, "Name").clear()
    field(dialog, "Base URL").setText("http://partner.test")

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, "Name") == "Give it a name by which you will find it again."
    assert "https" in note(dialog, "Base URL")
    assert note(dialog, "API password") == "Enter a value."
    assert desk.engine.tried == []


async def test_typing_takes_the_complaint_away(desk: Desk, open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")
    button(dialog, "Test and save").click()
    await desk.settle()

    field(dialog, "API username").setText("s6")

    assert note(dialog, "API username") == ""


async def test_a_name_that_is_taken_is_refused_without_regard_to_case(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    keep(desk, samples.record(samples.connection(samples.PAYSERA, name="Web shop")))
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)
    field(dialog, "Name").setText("WEB SHOP")

    button(dialog, "Test and save").click()
    await desk.settle()

    assert "WEB SHOP" in note(dialog, "Name")
    assert desk.engine.tried == []


async def test_cancel_stops_the_request_and_keeps_the_form(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    desk.engine.go_on.clear()
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)
    button(dialog, "Test and save").click()
    await desk.started()
    busy = page_of(dialog).is_busy

    button(dialog, "Cancel").click()
    await desk.settle()

    assert busy
    assert dialog.isVisible()
    assert outcome(dialog) == "Stopped. Nothing was saved."
    assert field(dialog, "API password").text() == "hunter2-hunter2"
    assert desk.engine.saved == []


async def test_closing_while_a_request_runs_saves_nothing(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    desk.engine.go_on.clear()
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)
    button(dialog, "Test and save").click()
    await desk.started()

    dialog.close()
    await desk.settle()

    assert not dialog.isVisible()
    assert desk.engine.saved == []
    assert field(dialog, "API password").text() == ""


async def test_a_grant_that_needs_a_person_cannot_be_chosen_and_says_why(
    open_dialog: Callable[..., ConnectionDialog],
) -> None:
    dialog = open_dialog(provider="payt")
    box = page_of(dialog)._form._grant._box

    assert box.itemText(1) == "Authorization code (Signing in with the browser comes in a later version)"
    assert not box.model().item(1).isEnabled()  # type: ignore[attr-defined]  # QComboBox's own model has items
    assert box.currentIndex() == 0


async def test_an_environment_of_ones_own_has_a_name_and_an_address(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    dialog = open_dialog(provider="payt")
    paste(dialog, "Client id", "CLIENT_ID=a\nCLIENT_SECRET=b")
    page_of(dialog)._form._environment.choose(ANOTHER)

    button(dialog, "Save without testing").click()
    complaints = note(dialog, "Environment name"), note(dialog, "Base URL")
    field(dialog, "Environment name").setText("Test company")
    field(dialog, "Base URL").setText("https://test.payt.test")
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert all(complaints)
    connection = desk.engine.saved[0][0]
    assert connection.environment == "Test company"
    assert connection.overrides == {BASE_URL: "https://test.payt.test"}
    assert connection.confirmed_origins == ("https://test.payt.test:443",)


async def test_tags_and_the_body_kind_are_kept(desk: Desk, open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="payt")
    paste(dialog, "Client id", "CLIENT_ID=a\nCLIENT_SECRET=b")
    button(dialog, "More settings").click()

    field(dialog, "Tags").setText("#shop, vilnius shop")
    page_of(dialog)._form._advanced._kind.choose("multipart")
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.saved[0][0].tags == ("shop", "vilnius")
    assert desk.engine.saved[0][0].overrides == {"body": "multipart"}


async def test_editing_keeps_the_secrets_that_are_left_empty(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    placeholder = field(dialog, "Client secret").placeholderText()

    field(dialog, "Name").setText("Web shop")
    button(dialog, "Test and save").click()
    await desk.settle()

    assert placeholder == "Kept; type to replace."
    assert "&client_secret=••••••••" in request_text(dialog)
    assert desk.engine.saved[0][0] == replace(connection, name="Web shop")
    assert desk.engine.saved[0][1] == {}


async def test_editing_without_testing_keeps_the_tokens(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.saved == [(connection, {}, None)]


@pytest.mark.promise(10)
async def test_another_origin_is_named_and_has_to_be_confirmed(
    desk: Desk, open_dialog: Callable[..., ConnectionDialog]
) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    button(dialog, "More settings").click()
    confirm = page_of(dialog)._sending._confirm

    field(dialog, "Base URL").setText("https://elsewhere.test/paysera")
    asked = confirm.text()
    could_save = button(dialog, "Save without testing").isEnabled()
    page_of(dialog).test_and_save()
    confirm.setChecked(True)
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert asked == "Send this secret to https://elsewhere.test from now on"
    assert not could_save
    assert desk.engine.tried == []
    assert desk.engine.saved[0][0].confirmed_origins == ("https://elsewhere.test:443",)


@pytest.mark.promise(10)
async def test_a_yes_holds_for_one_origin_only(desk: Desk, open_dialog: Callable[..., ConnectionDialog]) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    button(dialog, "More settings").click()
    field(dialog, "Base URL").setText("https://elsewhere.test")
    page_of(dialog)._sending._confirm.setChecked(True)

    field(dialog, "Base URL").setText("https://elsewhere.test.evil.test")

    assert not button(dialog, "Test and save").isEnabled()


async def test_escape_closes(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="payt")

    QTest.keyClick(dialog, Qt.Key.Key_Escape)

    assert not dialog.isVisible()


async def test_every_field_has_a_name_and_a_label(open_dialog: Callable[..., ConnectionDialog]) -> None:
    dialog = open_dialog(provider="pyng")

    edits = [one for one in dialog.findChildren(QLineEdit) if one.isVisibleTo(dialog)]

    assert len(edits) == 5
    assert all(one.accessibleName() for one in edits)
