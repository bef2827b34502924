from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui import samples
from tests.ui.adding.driver import OpenDialog, button, field, note, outcome, page_of, paste, request_text
from tests.ui.desk import Desk, keep
from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import DescriptorError
from tokendeck.ui.adding.form import ANOTHER


async def test_an_environment_of_ones_own_has_a_name_and_an_address(desk: Desk, open_dialog: OpenDialog) -> None:
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


async def test_tags_and_the_body_kind_are_kept(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog(provider="payt")
    paste(dialog, "Client id", "CLIENT_ID=a\nCLIENT_SECRET=b")
    button(dialog, "More settings").click()

    field(dialog, "Tags").setText("#shop, vilnius shop")
    page_of(dialog)._form._advanced._kind.choose("multipart")
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.saved[0][0].tags == ("shop", "vilnius")
    assert desk.engine.saved[0][0].overrides == {"body": "multipart"}


async def test_editing_keeps_the_secrets_that_are_left_empty(desk: Desk, open_dialog: OpenDialog) -> None:
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


async def test_editing_without_testing_keeps_the_tokens(desk: Desk, open_dialog: OpenDialog) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)

    button(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.engine.saved == [(connection, {}, None)]


@pytest.mark.promise(10)
async def test_another_origin_is_named_and_has_to_be_confirmed(desk: Desk, open_dialog: OpenDialog) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    button(dialog, "More settings").click()
    confirm = page_of(dialog)._sending._confirm

    field(dialog, "Base URL").setText("https://elsewhere.test/paysera")
    asked = confirm.text()
    could_save = button(dialog, "Save without testing").isEnabled()
    page_of(dialog).proceed()
    confirm.setChecked(True)
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert asked == "Send this secret to https://elsewhere.test from now on"
    assert not could_save
    assert desk.engine.tried == []
    assert desk.engine.saved[0][0].confirmed_origins == ("https://elsewhere.test:443",)


@pytest.mark.promise(10)
async def test_a_yes_holds_for_one_origin_only(desk: Desk, open_dialog: OpenDialog) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    button(dialog, "More settings").click()
    field(dialog, "Base URL").setText("https://elsewhere.test")
    page_of(dialog)._sending._confirm.setChecked(True)

    field(dialog, "Base URL").setText("https://elsewhere.test.evil.test")

    assert not button(dialog, "Test and save").isEnabled()


async def test_an_override_that_its_descriptor_refuses_is_said_and_not_saved(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    desk.catalog.refusal = DescriptorError("Web shop", "body", "form, json or multipart")

    field(dialog, "Name").setText("Web shop")
    said = outcome(dialog)
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert "form, json or multipart" in said
    assert desk.engine.saved == []


async def test_half_an_address_asks_for_no_confirmation(desk: Desk, open_dialog: OpenDialog) -> None:
    connection = samples.connection(samples.PAYSERA)
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)
    button(dialog, "More settings").click()

    field(dialog, "Base URL").setText("https")

    assert page_of(dialog)._sending.may_send
    button(dialog, "Save without testing").click()
    await desk.settle()
    assert "https" in note(dialog, "Base URL")
    assert desk.engine.saved == []
