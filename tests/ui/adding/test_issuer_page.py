"""From an issuer's address to a form, with whatever may come between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel

from tests.ui import samples
from tests.ui.adding.driver import OpenDialog, field, nameless, outcome, page_of
from tests.ui.adding.driver import button as button_of_form
from tests.ui.adding.issuer_driver import NAME, ask, button, issuer_page, news
from tests.ui.fake_issuers import FOUND, ISSUER
from tokendeck.core.errors import (
    BadUrl,
    DescriptorError,
    NameTaken,
    NetworkStep,
    TlsFault,
    TokendeckError,
    UnfitIssuer,
    Unreachable,
)
from tokendeck.ui.adding.confirm_box import ConfirmBox
from tokendeck.ui.adding.page import ConnectionPage

if TYPE_CHECKING:
    from tests.ui.desk import Desk
    from tokendeck.ui.adding.dialog import ConnectionDialog


async def fill_in(desk: Desk, dialog: ConnectionDialog) -> None:
    """Go from the issuer's address to a form that could be saved."""
    ask(dialog)
    await desk.settle()
    button(dialog, "Continue").click()
    QTest.keyClicks(field(dialog, "Client id"), "id")
    QTest.keyClicks(field(dialog, "Client secret"), "s3cret")


async def test_enter_finds_and_enter_again_goes_on_to_the_form(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()

    ask(dialog)
    await desk.settle()
    facts = issuer_page(dialog)._findings.facts
    shown = {key: facts.text(key) for key in ("issuer", "token", "authorize", "grants", "pkce", "scopes", "revoke")}
    QTest.keyClick(field(dialog, "Issuer"), Qt.Key.Key_Return)

    assert desk.issuers.asked == [ISSUER]
    assert shown == {
        "issuer": ISSUER,
        "token": "…/token",
        "authorize": "…/authorize",
        "grants": "authorization code: a person in a browser\nclient credentials: the client by itself",
        "pkce": "is of use to Tokendeck alone · PKCE, S256",
        "scopes": "read write",
        "revoke": "",
    }
    assert field(dialog, "Name").text() == "auth.example.test"
    assert field(dialog, "Client secret").isVisible()
    assert desk.issuers.kept == [], "nothing is written before the connection is saved"


async def test_the_chosen_name_is_the_forms_which_alone_asks_for_the_grant(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    field(dialog, NAME).setText("Mine")
    asked_here = any(one.isVisible() for one in issuer_page(dialog).findChildren(QComboBox))
    button(dialog, "Continue").click()

    page = page_of(dialog)
    assert page._provider.name == "Mine"
    assert not asked_here
    assert page._form._grant.isVisible()
    assert field(dialog, "Name").text() == "Mine"


async def test_the_file_is_kept_with_the_connection(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    await fill_in(desk, dialog)

    button_of_form(dialog, "Test and save").click()
    await desk.settle()

    assert [one.id for one in desk.issuers.kept] == ["auth-example-test"]
    assert [saved[0].provider for saved in desk.engine.saved] == ["auth-example-test"]


async def test_endpoints_elsewhere_are_told_and_asked_about_before_anything_is_sent_there(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    elsewhere = "https://evil.example"
    desk.issuers.answer = replace(FOUND, token=f"{elsewhere}/token", authorize="https://people.test/in")
    desk.issuers.provider = replace(desk.issuers.provider, environments=samples.production(elsewhere))
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()
    caution = issuer_page(dialog)._findings.caution
    told = (caution.isVisible(), caution.sentence)
    button(dialog, "Continue").click()
    QTest.keyClicks(field(dialog, "Client id"), "id")
    QTest.keyClicks(field(dialog, "Client secret"), "s3cret")

    before = [button_of_form(dialog, one).isEnabled() for one in ("Test and save", "Save without testing")]
    page_of(dialog).proceed()
    await desk.settle()
    sent = [*desk.engine.tried]
    box = next(one for one in page_of(dialog).findChildren(ConfirmBox) if one.isVisible())
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(10, box.height() // 2))
    button_of_form(dialog, "Test and save").click()
    await desk.settle()

    assert told == (
        True,
        "Secrets would also go to https://evil.example. You would sign in at https://people.test.",
    )
    assert before == [False, False]
    assert sent == []
    assert box.text() == "Send this secret to https://evil.example from now on"
    assert [one.confirmed_origins for one, _ in desk.engine.tried] == [("https://evil.example:443",)]


async def test_endpoints_of_the_issuers_own_are_asked_about_by_nobody(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()
    cautioned = issuer_page(dialog)._findings.caution.isVisible()
    button(dialog, "Continue").click()

    assert not cautioned
    assert not any(one.isVisible() for one in page_of(dialog).findChildren(ConfirmBox))


async def test_what_cannot_be_saved_leaves_no_file_and_keeps_what_was_typed(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    dialog = open_dialog()
    await fill_in(desk, dialog)
    desk.engine.failure = NameTaken("auth.example.test")

    button_of_form(dialog, "Save without testing").click()
    await desk.settle()

    assert desk.issuers.kept == []
    assert field(dialog, "Client secret").text() == "s3cret"


async def test_a_file_that_cannot_be_written_is_told_and_nothing_is_saved(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    await fill_in(desk, dialog)
    desk.issuers.unwritable = DescriptorError("own.toml", "", "a file that can be written (No space left on device)")

    button_of_form(dialog, "Save without testing").click()
    await desk.settle()

    assert "own.toml cannot be used: expected a file that can be written" in outcome(dialog)
    assert desk.engine.saved == []
    assert field(dialog, "Client secret").text() == "s3cret"


@pytest.mark.parametrize(
    ("error", "tone", "sentence"),
    [
        (UnfitIssuer(ISSUER, "no_metadata"), "bad", "publishes no metadata where"),
        (UnfitIssuer(ISSUER, "web_page"), "bad", "answered with a web page"),
        (UnfitIssuer(ISSUER, "redirect"), "bad", "pointed to another address"),
        (UnfitIssuer(ISSUER, "other_issuer", f"{ISSUER}/x"), "bad", f"is that of “{ISSUER}/x” and not of {ISSUER}"),
        (BadUrl("http://auth.example.test/token", "https"), "bad", "is no address that Tokendeck sends to"),
        (Unreachable("auth.example.test", NetworkStep.ANSWER, timed_out=True), "caution", "did not answer in time"),
        (
            Unreachable("auth.example.test", NetworkStep.TLS, fault=TlsFault.UNTRUSTED),
            "caution",
            "knows nobody who vouches for auth.example.test",
        ),
    ],
)
async def test_trouble_is_told_and_the_address_stays_to_be_mended(
    desk: Desk, open_dialog: OpenDialog, error: TokendeckError, tone: str, sentence: str
) -> None:
    desk.issuers.answer = error
    dialog = open_dialog()

    ask(dialog)
    await desk.settle()

    assert sentence in news(dialog)
    assert issuer_page(dialog)._findings.news.property("tone") == tone
    assert field(dialog, "Issuer").text() == ISSUER
    assert not button(dialog, "Continue").isEnabled()
    desk.issuers.answer = FOUND
    QTest.keyClick(field(dialog, "Issuer"), Qt.Key.Key_Return)
    await desk.settle()
    assert button(dialog, "Continue").isEnabled(), "the same again may do"


async def test_an_address_that_is_none_is_told_at_the_field(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.answer = BadUrl("auth.example.test", "an absolute https URL")
    dialog = open_dialog()

    ask(dialog, "auth.example.test")
    await desk.settle()

    assert "expected an absolute https URL" in field(dialog, "Issuer").accessibleDescription()
    assert field(dialog, "Issuer").property("tone") == "bad"
    assert news(dialog) == ""


async def test_an_issuer_that_offers_nothing_is_shown_and_not_gone_on_with(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.unfit = UnfitIssuer(ISSUER, "no_grant")
    dialog = open_dialog()

    ask(dialog)
    await desk.settle()
    QTest.keyClick(field(dialog, "Issuer"), Qt.Key.Key_Return)
    await desk.settle()

    assert "publishes no way to get a token" in news(dialog)
    assert issuer_page(dialog)._findings.facts.text("token") == "…/token"
    assert dialog.findChild(ConnectionPage) is None


async def test_an_issuer_that_was_described_before_goes_on_with_its_file(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.described = samples.PYNG
    dialog = open_dialog()

    ask(dialog)
    await desk.settle()
    said, has_name = news(dialog), issuer_page(dialog)._name.isVisible()
    button(dialog, "Continue").click()

    assert said == (
        "You have described this issuer before, as “PYNG Checkout”, on 20 November 2026. Continue goes on with that."
    )
    assert not has_name
    assert not issuer_page(dialog)._findings.anew.isVisible()
    assert page_of(dialog)._provider is samples.PYNG
    assert desk.catalog.lent == {}


async def test_an_issuer_that_says_otherwise_by_now_can_be_described_anew(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.described = replace(samples.PYNG, name="auth.example.test")
    desk.issuers.changed = ("token", "grants")
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()
    said, tone = news(dialog), issuer_page(dialog)._findings.news.property("tone")

    button(dialog, "Describe it anew").click()
    issuer_page(dialog).describe_anew()
    offered = issuer_page(dialog)._findings.anew.isVisible()
    button(dialog, "Continue").click()

    assert "By now the issuer says otherwise about: Tokens, Grants." in said
    assert tone == "caution"
    assert not offered
    assert page_of(dialog)._provider.name == "auth.example.test"
    assert page_of(dialog)._sketch is not None


async def test_a_name_that_is_taken_is_not_proposed(desk: Desk, open_dialog: OpenDialog) -> None:
    desk.issuers.provider = replace(desk.issuers.provider, name="PAYT")
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    assert field(dialog, NAME).text() == "PAYT 2"


async def test_what_cannot_be_described_anew_is_told_and_the_file_that_there_is_goes_on(
    desk: Desk, open_dialog: OpenDialog
) -> None:
    desk.issuers.described, desk.issuers.changed = samples.PYNG, ("grants",)
    desk.issuers.unfit = UnfitIssuer(ISSUER, "no_grant")
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    button(dialog, "Describe it anew").click()
    said = news(dialog)
    button(dialog, "Continue").click()

    assert "publishes no way to get a token" in said
    assert page_of(dialog)._provider is samples.PYNG


@pytest.mark.parametrize(
    ("name", "said"), [("", "Give it a name"), (" payt ", "Another provider is called so. Choose a different name.")]
)
async def test_a_name_of_its_own_is_asked_for(desk: Desk, open_dialog: OpenDialog, name: str, said: str) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    field(dialog, NAME).setText(name)
    button(dialog, "Continue").click()

    assert said in field(dialog, NAME).accessibleDescription()
    assert dialog.focusWidget() is field(dialog, NAME)
    assert dialog.findChild(ConnectionPage) is None


async def test_a_name_that_no_file_can_hold_is_told(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()
    desk.issuers.unfit = DescriptorError("own.toml", "name", "text: one line")

    said = []
    for _ in range(2):
        button(dialog, "Continue").click()
        said.append(field(dialog, NAME).accessibleDescription())
    refused = dialog.findChild(ConnectionPage)
    desk.issuers.unfit = None
    field(dialog, NAME).setText("Mine")
    button(dialog, "Continue").click()

    assert said == ["A file cannot hold this name: expected text: one line."] * 2
    assert refused is None
    assert page_of(dialog)._provider.name == "Mine"
    assert page_of(dialog)._sketch is not None
    assert [one.name for one in desk.catalog.lent.values()] == ["Mine"]


async def test_another_address_forgets_what_was_found(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    QTest.keyClicks(field(dialog, "Issuer"), "/other")

    assert desk.catalog.lent == {}
    assert not issuer_page(dialog)._findings.facts.isVisible()
    assert not button(dialog, "Continue").isEnabled()
    issuer_page(dialog).proceed()
    assert dialog.findChild(ConnectionPage) is None


async def test_the_way_back_leads_over_the_issuer_to_the_providers(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()
    button(dialog, "Continue").click()

    source = [one.text() for one in page_of(dialog).findChildren(QLabel) if "issuer publishes" in one.text()]
    button(dialog, "Back to the issuer").click()
    at_issuer = (field(dialog, "Issuer").text(), button(dialog, "Continue").isEnabled())
    button(dialog, "Another provider").click()

    assert source == ["From what its issuer publishes, read 20 November 2026"]
    assert at_issuer == (ISSUER, True)
    assert field(dialog, "Search providers").isVisible()
    assert desk.catalog.lent == {}


async def test_tab_goes_from_the_issuer_over_what_was_found_to_continue(desk: Desk, open_dialog: OpenDialog) -> None:
    dialog = open_dialog()
    ask(dialog)
    await desk.settle()

    walked = []
    for _ in range(6):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        at = dialog.focusWidget()
        walked.append(at.accessibleName() or getattr(at, "text", str)())

    assert walked == [
        *("Find", "Name of the provider", "What it says of itself"),
        *("Cancel", "Continue", "Another provider"),
    ]


@pytest.mark.parametrize("state", ["begun", "found", "refused"])
async def test_everything_that_takes_the_focus_has_a_name(desk: Desk, open_dialog: OpenDialog, state: str) -> None:
    desk.issuers.answer = FOUND if state != "refused" else UnfitIssuer(ISSUER, "no_metadata")
    dialog = open_dialog()
    ask(dialog, "" if state == "begun" else ISSUER)
    await desk.settle()

    assert nameless(dialog) == []
