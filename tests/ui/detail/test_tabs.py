from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from tests.ui import samples
from tests.ui.detail.driver import MINTED, REFUSED, SHOP, WORKED, Show, button
from tokendeck.core.errors import StoreDamaged
from tokendeck.core.provider import Field
from tokendeck.core.verdict import Step, Verdict, VerdictKind

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.desk import Desk
    from tokendeck.core.connection import CallFacts
    from tokendeck.ui.detail.pane import DetailPane


async def test_each_documented_call_can_be_tested(desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot) -> None:
    show()
    await desk.settle()

    with qtbot.waitSignal(pane.test_requested) as asked:
        button(pane._calls, "Test").click()

    assert asked.args == [SHOP.id, "methods"]
    assert pane._calls.hazard == ""


async def test_where_no_call_is_documented_a_test_is_said_to_mint(desk: Desk, pane: DetailPane, show: Show) -> None:
    show(samples.connection(samples.PAYT))
    await desk.settle()

    texts = {one.text() for one in pane._calls.findChildren(QLabel)}
    assert "Payt's page documents no safe call. A test asks for a token; that is all it proves." in texts
    assert "revokes the token" in pane._calls.hazard


async def test_a_verdict_is_shown_with_timing_headers_and_body(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    verdict = Verdict(
        VerdictKind.WORKS,
        Step.DONE,
        call="methods",
        method="GET",
        url="https://api.paysera.com/methods",
        status=200,
        latency_ms=182.0,
        headers={"content-type": "application/json", "x-ratelimit-remaining": "47"},
        body='{\n  "methods": []\n}',
        timings_ms={"connect": 12.0, "tls": 28.0, "first_byte": 140.0, "body": 2.0},
    )

    pane.verdict_arrived(SHOP.id, verdict)
    pane.show_calls()
    await desk.settle()

    view = pane._calls.verdict
    assert view.headline == "It works. 200 in 182 ms."
    assert view._timings._legend.text() == "connect 12 ms · TLS 28 ms · first byte 140 ms · body 2 ms"
    assert view._headers._text.toPlainText().startswith("x-ratelimit-remaining: 47\n")
    button(view._body, "Copy").click()
    assert desk.board.held == verdict.body


async def test_a_refusal_says_what_it_means(desk: Desk, pane: DetailPane, show: Show) -> None:
    show(samples.connection(samples.PAYT))

    pane.verdict_arrived(
        SHOP.id, Verdict(VerdictKind.REFUSED, Step.PERMISSION, status=403, meaning="Now it is revoked.")
    )
    await desk.settle()

    assert "403" in pane._calls.verdict.headline
    assert pane._calls.verdict._detail.text().startswith("Now it is revoked.")
    assert pane._calls.verdict._body.isHidden()


async def test_the_verdict_of_another_connection_is_not_shown(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()

    pane.verdict_arrived("f" * 32, Verdict(VerdictKind.TROUBLE, Step.CONNECT))
    await desk.settle()

    assert pane._calls.verdict.isHidden()


async def test_history_is_told_in_words_as_well(desk: Desk, pane: DetailPane, show: Show) -> None:
    refused = replace(WORKED, outcome="refused", status=401, retried=True)
    trouble = replace(WORKED, outcome="trouble", status=None, latency_ms=None, call="")
    desk.engine.calls = (WORKED, refused, WORKED, trouble)

    show(last_call=trouble)
    await desk.settle()

    plot = pane._history.plot
    assert plot.sentence == "2 of the last 4 tests did not work, the last of them today at 14:01:51: no answer."
    assert "median 182 ms" in plot._plot.accessibleName()
    texts = {one.text() for one in pane._history.findChildren(QLabel)}
    assert "Refused · 401 · 182 ms · token renewed, call repeated once" in texts
    assert "Passing trouble" in texts
    pane._tabs.setCurrentWidget(pane._history)
    assert not pane.grab().isNull()


@pytest.mark.parametrize(
    ("calls", "sentence"),
    [
        ((), "No test has been made yet."),
        ((WORKED,), "The last test worked."),
        ((WORKED, WORKED), "All of the last 2 tests worked."),
        ((REFUSED, REFUSED), "None of the last 2 tests worked, the last of them today at 14:01:51: 401."),
        ((MINTED,), "The last test got a token, which is all that it proves."),
        ((MINTED, MINTED), "All of the last 2 tests got a token, which is all that they prove."),
        ((MINTED, WORKED), "All of the last 2 tests worked."),
        ((WORKED, replace(WORKED, outcome="refused", status=403)), "One of the last 2 tests did not work, today at"),
        ((replace(WORKED, outcome="refused", status=403),), "The only test did not work, "),
    ],
)
async def test_history_is_summed_up(
    desk: Desk, pane: DetailPane, show: Show, calls: tuple[CallFacts, ...], sentence: str
) -> None:
    desk.engine.calls = calls

    show()
    await desk.settle()

    assert pane._history.plot.sentence.startswith(sentence)


@pytest.mark.promise(1)
async def test_settings_show_everything_but_the_secret(desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot) -> None:
    pane._tabs.setCurrentWidget(pane._settings)
    show(replace(SHOP, overrides={"base_url": "https://proxy.test", "body": "json"}))
    await desk.settle()
    tab = pane._settings

    assert tab.settings["client_id"] == "shop-20417"
    assert tab.settings["client_secret"] == "kept encrypted, behind your keyring"
    assert tab.settings[":origins"] == "https://api.paysera.com"
    assert tab.settings[":renewal"] == "in the background, about 5 minutes before it expires"
    assert tab.settings["base_url"] == "https://proxy.test"
    assert tab.settings["body"] == "json"
    assert {"Base URL", "CHANGED FROM THE PROVIDER'S FILE"} <= {one.text() for one in tab.findChildren(QLabel)}
    assert tab.request.toPlainText().startswith("POST https://proxy.test/auth/realms/")
    assert "&client_secret=••••••••" in tab.request.toPlainText()
    with qtbot.waitSignals([pane.edit_requested, pane.pause_requested]):
        button(tab, "Edit…").click()
        button(tab, "Pause").click()


@pytest.mark.parametrize(
    ("certificate", "shown"),
    [
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "SHA-256 70:9E:80:C8:84:87:A2:41:"),
        ("-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"),
    ],
    ids=["readable", "unreadable"],
)
async def test_a_certificate_is_known_by_its_fingerprint(
    desk: Desk, pane: DetailPane, show: Show, certificate: str, shown: str
) -> None:
    pane._tabs.setCurrentWidget(pane._settings)
    field = Field("certificate", "Certificate", multiline=True)
    desk.catalog._providers["paysera"] = replace(samples.PAYSERA, fields=(*samples.PAYSERA.fields, field))

    show(replace(SHOP, values={**SHOP.values, "certificate": certificate}))
    await desk.settle()

    assert pane._settings.settings["certificate"].startswith(shown)


async def test_settings_are_laid_out_once_somebody_turns_to_them(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    before = dict(pane._settings.settings)

    pane._tabs.setCurrentWidget(pane._settings)

    assert before == {}
    assert pane._settings.settings["client_id"] == "shop-20417"


async def test_settings_that_no_request_can_be_built_from_say_why(desk: Desk, pane: DetailPane, show: Show) -> None:
    pane._tabs.setCurrentWidget(pane._settings)
    show(replace(SHOP, values={}))
    await desk.settle()

    assert "Client id" in pane._settings._problem.text()
    assert pane._settings.request.isHidden()


async def test_a_history_that_cannot_be_read_is_said(desk: Desk, pane: DetailPane, show: Show) -> None:
    desk.engine.history_failure = StoreDamaged("store.damaged", "malformed")

    show()
    await desk.settle()

    assert "store.damaged" in pane._state.sentence
