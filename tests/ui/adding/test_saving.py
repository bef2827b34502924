from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from shiboken6 import isValid

from tests.ui import samples
from tests.ui.adding.driver import PASTED, OpenDialog, button, field, note, outcome, page_of, paste
from tests.ui.desk import Desk, keep
from tokendeck.core.errors import ConfigurationRefused, NetworkStep, Unreachable, VaultLocked
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.dialog import ConnectionDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


async def test_test_and_save_asks_saves_and_closes(desk: Desk, open_dialog: OpenDialog, qtbot: QtBot) -> None:
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


async def test_other_scopes_than_asked_for_stay_to_be_read(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Test and save").click()
    await desk.settle()

    both = QLocale().createSeparatedList
    detail = page_of(dialog)._sending.outcome.detail
    assert detail == f"Granted {both(['profile', 'email'])}; you asked for {both(['one', 'two'])}."
    assert dialog.isVisible()
    assert button(dialog, "Test and save").isHidden()
    button(dialog, "Close").click()
    assert not dialog.isVisible()


async def test_save_without_testing_asks_nobody(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.tried == []
    assert desk.engine.saved[0][2] is None
    assert not dialog.isVisible()


async def test_a_refusal_keeps_everything_typed_and_points_at_the_secret(desk: Desk, open_dialog: OpenDialog) -> None:
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
    desk: Desk, open_dialog: OpenDialog, failure: Exception, name: str
) -> None:
    desk.engine.failure = failure
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, name) == "The answer points here."


async def test_an_unreachable_provider_without_a_field_opens_the_base_url(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.engine.failure = Unreachable("api.paysera.com", NetworkStep.CONNECT)
    dialog = open_dialog(provider="paysera")
    paste(dialog, "Client id", '{"clientId": "a", "clientSecret": "b"}')

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, "Base URL") == "The answer points here."


async def test_a_locked_vault_is_said_and_nothing_is_lost(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.engine.failure = VaultLocked()
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert "locked" in outcome(dialog)
    assert field(dialog, "API password").text() == "hunter2-hunter2"


async def test_what_is_missing_is_said_below_its_field_and_nobody_is_asked(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")
    field(dialog, "Name").clear()
    field(dialog, "Base URL").setText("http://partner.test")

    button(dialog, "Test and save").click()
    await desk.settle()

    assert note(dialog, "Name") == "Give it a name by which you will find it again."
    assert "https" in note(dialog, "Base URL")
    assert note(dialog, "API password") == "Enter a value."
    assert desk.engine.tried == []


async def test_typing_takes_the_complaint_away(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="pyng")
    button(dialog, "Test and save").click()
    await desk.settle()

    field(dialog, "API username").setText("s6")

    assert note(dialog, "API username") == ""


async def test_a_name_that_is_taken_is_refused_without_regard_to_case(desk: Desk, open_dialog: OpenDialog) -> None:
    keep(desk, samples.record(samples.connection(samples.PAYSERA, name="Web shop")))
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)
    field(dialog, "Name").setText("WEB SHOP")

    button(dialog, "Test and save").click()
    await desk.settle()

    assert "WEB SHOP" in note(dialog, "Name")
    assert desk.engine.tried == []


@pytest.mark.parametrize("name", ["Test and save", "Save without testing"])
async def test_a_double_click_asks_and_saves_once(desk: Desk, open_dialog: OpenDialog, name: str) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)

    button(dialog, name).click()
    button(dialog, name).click()
    page_of(dialog).proceed()
    page_of(dialog).save()
    await desk.settle()

    assert len(desk.engine.tried) == (name == "Test and save")
    assert len(desk.engine.saved) == 1


async def test_cancel_in_the_turn_of_the_click_sends_nothing_and_leaves_the_form_to_be_sent(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    dialog = open_dialog(provider="pyng")
    paste(dialog, "Base URL", PASTED)
    button(dialog, "Test and save").click()

    button(dialog, "Cancel").click()
    stopped = (outcome(dialog), page_of(dialog).is_busy)
    await desk.settle()
    tried = [*desk.engine.tried]
    button(dialog, "Test and save").click()
    await desk.settle()

    assert stopped == ("Stopped. Nothing was saved.", False)
    assert tried == []
    assert len(desk.engine.saved) == 1


async def test_cancel_stops_the_request_and_keeps_the_form(desk: Desk, open_dialog: OpenDialog) -> None:
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


async def test_closing_while_a_request_runs_saves_nothing(desk: Desk, open_dialog: OpenDialog) -> None:
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


async def test_a_dialog_that_is_gone_is_no_trouble_to_its_request(desk: Desk) -> None:
    desk.engine.go_on.clear()
    dialog = ConnectionDialog(desk.context, provider="pyng")
    page_of(dialog)._form.take_block(PASTED)
    dialog.open()
    button(dialog, "Test and save").click()
    await desk.started()

    dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await desk.settle()

    assert not isValid(dialog)
    assert desk.engine.saved == []
