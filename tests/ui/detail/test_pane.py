from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from tests.ui import samples
from tests.ui.desk import Desk, keep
from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.errors import StoreDamaged, VaultLocked
from tokendeck.core.expiry import Never, NotStated
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultShut
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.ui.detail.header import HEADER_FORM
from tokendeck.ui.detail.pane import DetailPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from tests.canary import Canary

SHOP = samples.connection(samples.PAYSERA)
WORKED = CallFacts(samples.NOON - timedelta(minutes=1), "methods", "works", 200, 182.0)


@pytest.fixture
def pane(desk: Desk, qtbot: QtBot) -> DetailPane:
    made = DetailPane(desk.context)
    qtbot.addWidget(made)
    made.resize(720, 800)
    made.show()
    return made


@pytest.fixture
def show(desk: Desk, pane: DetailPane) -> Callable[..., None]:
    def show_one(of: Connection = SHOP, **changes: object) -> None:
        keep(desk, samples.record(of, **changes))
        pane.show_record(of.id)

    return show_one


def button(widget: QWidget, text: str) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text and not one.isHidden())


def troubled(kind: TroubleKind, **facts: object) -> dict[str, object]:
    return {"trouble": Trouble(kind, samples.NOON, **facts), "token": None}  # type: ignore[arg-type]  # its keywords


async def test_nothing_is_shown_until_something_is_selected(pane: DetailPane) -> None:
    assert pane._content.isHidden()


async def test_the_head_names_connection_provider_environment_and_tags(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()

    texts = {one.text() for one in pane._header.findChildren(QLabel)}
    assert texts >= {"Web shop checkout", "Paysera Checkout", "Production", "#shop #vilnius"}


async def test_a_live_token_is_described_with_its_last_test(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show(last_call=WORKED)
    await desk.settle()

    assert pane._state.sentence == "Live. Good for 48 minutes; Tokendeck renews it 5 minutes before it expires."
    assert "List payment methods · 200 in 182 ms" in pane._state.detail
    assert pane._state._button.isHidden()


@pytest.mark.parametrize(
    ("changes", "words", "signal"),
    [
        ({"token": None}, "Get a token", "refresh_requested"),
        ({"token": samples.facts(age=timedelta(hours=2))}, "Get a token", "refresh_requested"),
        (troubled(TroubleKind.WAITING, code="connect", retry_at=samples.NOON), "Try now", "refresh_requested"),
        (troubled(TroubleKind.NEEDS_ATTENTION, code="invalid_client", status=401), "Edit", "edit_requested"),
        ({"token": samples.facts(NotStated())}, "Test it", "test_requested"),
    ],
)
async def test_the_sentence_comes_with_the_button_that_does_it(
    desk: Desk,
    pane: DetailPane,
    show: Callable[..., None],
    qtbot: QtBot,
    changes: dict[str, object],
    words: str,
    signal: str,
) -> None:
    show(**changes)
    await desk.settle()

    with qtbot.waitSignal(getattr(pane, signal)) as asked:
        button(pane._state, words).click()

    assert asked.args[0] == SHOP.id


async def test_a_paused_connection_can_be_resumed(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    show(replace(SHOP, paused=True))
    await desk.settle()

    with qtbot.waitSignal(pane.pause_requested) as asked:
        button(pane._state, "Resume").click()

    assert asked.args == [SHOP.id]


async def test_a_dead_grant_says_that_signing_in_comes_later(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show(**troubled(TroubleKind.SIGN_IN, code="invalid_grant", status=400))
    await desk.settle()

    assert pane._state.detail == "Signing in with the browser comes in a later version."
    assert pane._state._button.isHidden()


async def test_a_connection_without_its_descriptor_says_so(desk: Desk, pane: DetailPane) -> None:
    lost = replace(SHOP, provider="gone")
    keep(desk, samples.record(lost))

    pane.show_record(lost.id)

    assert "gone" in pane._state.sentence
    assert pane._tabs.isHidden()
    assert not pane._header.copy.isEnabled()


async def test_a_connection_that_goes_away_is_shown_no_more(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()
    keep(desk)

    pane.tick()

    assert pane._content.isHidden()


async def test_copy_and_test_ask_for_the_connection_shown(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()

    asked: list[tuple[str, ...]] = []
    for signal in (pane.copy_requested, pane.test_requested, pane.copy_as_requested):
        signal.connect(lambda *words: asked.append(words))

    QTest.keyClick(pane._header.copy, Qt.Key.Key_Return)
    button(pane._header, "Test").click()
    pane._header.copy.menu().actions()[0].trigger()

    assert asked == [(SHOP.id,), (SHOP.id, ""), (SHOP.id, HEADER_FORM)]


@pytest.mark.promise(1)
async def test_the_token_is_masked_and_read_only_for_its_outline(
    desk: Desk, pane: DetailPane, show: Callable[..., None], canary: Canary
) -> None:
    token = canary.plant_token("access token")
    desk.engine.tokens = samples.tokens(token)

    show()
    await desk.settle()
    pane.tick()
    pane.record_changed(SHOP.id)
    await desk.settle()

    assert pane._token.token.shown_text == Secret(token).outline()
    assert pane._token.token.fingerprint == Secret(token).fingerprint()
    assert desk.engine.reads == 1
    assert all(token not in one.toPlainText() for one in pane.findChildren(QPlainTextEdit))


async def test_a_click_shows_the_token_and_another_hides_it(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()
    card = pane._token.token

    button(card, "Hold to show").click()
    await desk.settle()
    shown = card.shown_text
    button(card, "Hide").click()

    assert desk.engine.tokens is not None
    assert shown == desk.engine.tokens.access_token.reveal()
    assert card.shown_text == desk.engine.tokens.access_token.outline()


async def test_a_shown_token_is_masked_when_its_time_is_over(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()
    card = pane._token.token
    card.toggle()
    await desk.settle()

    card._hiding.timeout.emit()

    assert "••••" in card.shown_text


async def test_a_token_held_is_masked_when_let_go(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    show()
    await desk.settle()
    card = pane._token.token

    card._reveal.pressed.emit()
    await desk.settle()
    held = card.shown_text
    qtbot.waitUntil(lambda: card._pressed.elapsed() >= 350)
    card._reveal.released.emit()

    assert "••••" not in held
    assert "••••" in card.shown_text


@pytest.mark.parametrize("leave", ["other", "hide", "vault"])
@pytest.mark.promise(47)
async def test_a_shown_token_is_masked_when_nobody_looks(
    desk: Desk, pane: DetailPane, show: Callable[..., None], leave: str
) -> None:
    show()
    await desk.settle()
    pane._toggle_token()
    await desk.settle()

    match leave:
        case "other":
            pane.show_record(None)
        case "hide":
            pane.hide()
        case _:
            pane.vault_changed()
    await desk.settle()

    assert "••••" in pane._token.token.shown_text


async def test_a_token_that_was_let_go_meanwhile_is_not_shown(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()
    card = pane._token.token

    card.toggle()
    card.toggle()
    await desk.settle()

    assert "••••" in card.shown_text


async def test_on_demand_connections_say_that_no_token_is_kept(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show(samples.connection(samples.PAYSECUREZ), token=None)
    await desk.settle()

    assert pane._token.token.shown_text == "No token is kept: every use gets a new one."
    assert pane._token.facts.isHidden()
    assert desk.engine.reads == 0


async def test_a_locked_vault_shows_names_and_times_but_no_token(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    desk.engine.vault_state = VaultShut(VaultLocked())
    show()
    await desk.settle()

    with qtbot.waitSignal(pane.unlock_requested):
        button(pane._state, "Unlock…").click()

    assert pane._token.token.shown_text == "The vault is locked. Unlock it to see the token."
    assert pane._token.facts.text("expires").startswith("today at")
    assert not pane._header.copy.isEnabled()


async def test_a_token_that_is_gone_from_the_vault_is_said_to_be_gone(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    desk.engine.tokens = None

    show()
    await desk.settle()

    assert pane._token.token.shown_text == "No token is kept."


async def test_a_vault_that_shuts_while_the_token_is_read_is_explained(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    desk.engine.vault_state = VaultShut(VaultLocked())
    await desk.settle()

    assert "locked" in pane._token.token.shown_text


async def test_the_facts_say_where_they_come_from(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    desk.engine.budget = 47

    show(last_good_at=samples.NOON - timedelta(minutes=2))
    await desk.settle()

    facts = pane._token.facts
    assert facts.text("expires").endswith("as the provider said (expires_in 3600)")
    assert facts.text("scopes") == "profile, email · none were asked for"
    assert facts.text("proven").endswith("2 min ago")
    assert facts.text("rate") == "47 of 50 calls left this minute"
    assert facts.text("claims") == "issued for shop-20417 by api.paysera.com/auth/realms/Paysera"


async def test_all_claims_are_shown_with_times_in_words(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()

    button(pane._token, "Show all 10").click()

    assert pane._token.claims is not None
    texts = {one.text() for one in pane._token.claims.findChildren(QLabel)}
    assert texts >= {"alg · algorithm", "RS256", "exp · expires", "realm_access"}
    assert any(text.startswith("today at ") for text in texts)
    button(pane._token, "Show less").click()
    assert pane._token.claims is None


async def test_an_opaque_token_has_no_claims(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    desk.engine.tokens = samples.tokens("opaque-token-of-some-length-without-any-structure")

    show(token=samples.facts(Never("paysera")))
    await desk.settle()

    assert pane._token.facts.text("claims") == ""
    assert pane._token.facts.text("expires").startswith("never")


async def test_each_documented_call_can_be_tested(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    show()
    await desk.settle()

    with qtbot.waitSignal(pane.test_requested) as asked:
        button(pane._calls, "Test").click()

    assert asked.args == [SHOP.id, "methods"]
    assert pane._calls.hazard == ""


async def test_where_no_call_is_documented_a_test_is_said_to_mint(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show(samples.connection(samples.PAYT))
    await desk.settle()

    texts = {one.text() for one in pane._calls.findChildren(QLabel)}
    assert "Payt's page documents no safe call. A test asks for a token; that is all it proves." in texts
    assert "revokes the token" in pane._calls.hazard


async def test_a_verdict_is_shown_with_timing_headers_and_body(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
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
        timings_ms={"connect": 40.0, "answer": 142.0},
    )

    pane.verdict_arrived(SHOP.id, verdict)
    pane.show_calls()
    await desk.settle()

    view = pane._calls.verdict
    assert view.headline == "It works. 200 in 182 ms."
    assert view._timings._legend.text() == "connect 40 ms · answer 142 ms"
    assert view._headers._text.toPlainText().startswith("x-ratelimit-remaining: 47\n")
    button(view._body, "Copy").click()
    assert desk.board.held == verdict.body


async def test_a_refusal_says_what_it_means(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    show(samples.connection(samples.PAYT))

    pane.verdict_arrived(
        SHOP.id, Verdict(VerdictKind.REFUSED, Step.PERMISSION, status=403, meaning="Now it is revoked.")
    )
    await desk.settle()

    assert "403" in pane._calls.verdict.headline
    assert pane._calls.verdict._detail.text().startswith("Now it is revoked.")
    assert pane._calls.verdict._body.isHidden()


async def test_the_verdict_of_another_connection_is_not_shown(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()

    pane.verdict_arrived("f" * 32, Verdict(VerdictKind.TROUBLE, Step.CONNECT))
    await desk.settle()

    assert pane._calls.verdict.isHidden()


async def test_another_connection_takes_the_place_of_the_first(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    desk.engine.calls = (WORKED,)
    show(last_call=WORKED)
    await desk.settle()
    other = samples.connection(samples.PYNG, name="Partner pilot", id="1" * 32)

    show(other, last_call=WORKED)
    await desk.settle()

    assert pane._settings.settings["username"] == "s6BhdRkqt3"
    assert pane._settings.settings["password"] == "kept behind your keyring"
    assert len(pane._calls._cards) == 1
    assert pane._header._name.text() == "Partner pilot"
    assert pane._token.facts.text("rate") == ""


async def test_a_token_of_a_connection_left_meanwhile_is_not_taken(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    show(samples.connection(samples.PAYSECUREZ, id="1" * 32), token=None)

    await desk.settle()

    assert pane._token.token.fingerprint == ""


async def test_a_vault_that_shuts_before_the_token_is_shown_is_explained(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()
    pane._token.token.toggle()
    desk.engine.vault_state = VaultShut(VaultLocked())

    await desk.settle()

    assert "locked" in pane._token.token.shown_text


async def test_history_is_told_in_words_as_well(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    refused = replace(WORKED, outcome="refused", status=401, retried=True)
    trouble = replace(WORKED, outcome="trouble", status=None, latency_ms=None, call="")
    desk.engine.calls = (WORKED, refused, WORKED, trouble)

    show(last_call=trouble)
    await desk.settle()

    plot = pane._history.plot
    assert plot.sentence == "2 of 4 tests did not work; the last of them today at 14:01:51: no answer."
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
        ((replace(WORKED, outcome="refused", status=403),), "One of 1 tests did not work; "),
    ],
)
async def test_history_is_summed_up(
    desk: Desk, pane: DetailPane, show: Callable[..., None], calls: tuple[CallFacts, ...], sentence: str
) -> None:
    desk.engine.calls = calls

    show()
    await desk.settle()

    assert pane._history.plot.sentence.startswith(sentence)


@pytest.mark.promise(1)
async def test_settings_show_everything_but_the_secret(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    show(replace(SHOP, overrides={"base_url": "https://proxy.test"}))
    await desk.settle()
    tab = pane._settings

    assert tab.settings["client_id"] == "shop-20417"
    assert tab.settings["client_secret"] == "kept behind your keyring"
    assert tab.settings[":origins"] == "https://api.paysera.com"
    assert tab.settings[":renewal"] == "in the background, about 5 minutes before it expires"
    assert tab.settings["base_url"] == "https://proxy.test"
    assert tab.request.toPlainText().startswith("POST https://proxy.test/auth/realms/")
    assert "&client_secret=••••••••" in tab.request.toPlainText()
    with qtbot.waitSignals([pane.edit_requested, pane.pause_requested]):
        button(tab, "Edit…").click()
        button(tab, "Pause").click()


async def test_settings_that_no_request_can_be_built_from_say_why(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show(replace(SHOP, values={}))
    await desk.settle()

    assert "Client id" in pane._settings._problem.text()
    assert pane._settings.request.isHidden()


async def test_a_history_that_cannot_be_read_is_said(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    desk.engine.history_failure = StoreDamaged("store.damaged", "malformed")

    show()
    await desk.settle()

    assert "store.damaged" in pane._state.sentence


async def test_text_from_a_server_is_never_markup(desk: Desk, pane: DetailPane, show: Callable[..., None]) -> None:
    evil = "<b>bold</b><img src=x>"
    desk.engine.tokens = samples.tokens(samples.jwt({"sub": evil, "iss": evil + "\u202e"}))

    show(**troubled(TroubleKind.NEEDS_ATTENTION, code="x", words=evil) | {"token": samples.facts()})
    await desk.settle()

    labels = [one for one in pane.findChildren(QLabel) if "<b>" in one.text()]
    assert labels
    assert all(one.textFormat() is Qt.TextFormat.PlainText for one in labels)
    assert "\u202e" not in pane._token.facts.text("claims")


async def test_everything_that_takes_the_keyboard_has_a_name(
    desk: Desk, pane: DetailPane, show: Callable[..., None]
) -> None:
    show()
    await desk.settle()

    nameless = [
        one
        for one in pane.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and one.isVisibleTo(pane)
        and not (one.accessibleName() or getattr(one, "text", str)())
    ]

    assert nameless == []


async def test_the_pane_gives_way_and_other_colours_are_worn(
    desk: Desk, pane: DetailPane, show: Callable[..., None], qtbot: QtBot
) -> None:
    desk.engine.calls = (WORKED,)
    show(last_call=WORKED)
    await desk.settle()

    pane.resize(340, 600)
    desk.theme.changed.emit()

    qtbot.waitUntil(lambda: pane.width() == 340)
    assert not pane.grab().isNull()


def test_records_can_be_shown_before_there_is_an_engine(desk: Desk, qtbot: QtBot) -> None:
    desk.context._engine = None
    pane = DetailPane(desk.context)
    qtbot.addWidget(pane)

    pane.show_record(ConnectionRecord(SHOP).connection.id)
    pane.tick()

    assert pane._header._name.text() == ""
