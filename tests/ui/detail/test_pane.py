from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from tests.ui import samples
from tests.ui.desk import Desk, keep
from tests.ui.detail.driver import SHOP, WORKED, Show, button, troubled
from tokendeck.core.connection import ConnectionRecord, TroubleKind
from tokendeck.core.expiry import NotStated
from tokendeck.ui.detail.copy_button import HEADER_FORM
from tokendeck.ui.detail.pane import DetailPane
from tokendeck.ui.signing_in.attempt import SigningIn

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


async def test_nothing_is_shown_until_something_is_selected(pane: DetailPane) -> None:
    assert pane._content.isHidden()


async def test_the_head_names_connection_provider_environment_and_tags(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    show()
    await desk.settle()

    texts = {one.text() for one in pane._header.findChildren(QLabel)}
    assert texts >= {"Web shop checkout", "Paysera Checkout", "Production", "#shop #vilnius"}


async def test_a_live_token_is_described_with_its_last_test(desk: Desk, pane: DetailPane, show: Show) -> None:
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
    show: Show,
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


async def test_a_paused_connection_can_be_resumed(desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot) -> None:
    show(replace(SHOP, paused=True))
    await desk.settle()

    with qtbot.waitSignal(pane.pause_requested) as asked:
        button(pane._state, "Resume").click()

    assert asked.args == [SHOP.id]


async def test_a_dead_grant_offers_to_sign_in(desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot) -> None:
    show(**troubled(TroubleKind.SIGN_IN, code="invalid_grant", status=400))
    await desk.settle()

    with qtbot.waitSignal(pane.sign_in_requested) as asked:
        button(pane._state, "Sign in with the browser").click()

    assert asked.args == [SHOP.id]


async def test_a_connection_without_its_descriptor_says_so(desk: Desk, pane: DetailPane) -> None:
    lost = replace(SHOP, provider="gone")
    keep(desk, samples.record(lost))

    pane.show_record(lost.id)

    assert "gone" in pane._state.sentence
    assert "delete this connection" in pane._state.detail
    assert pane._state.geometry().bottom() < pane.height() / 3
    assert pane._tabs.isHidden()
    assert not pane._header.copy.isEnabled()


async def test_a_connection_that_goes_away_is_shown_no_more(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    keep(desk)

    pane.tick()

    assert pane._content.isHidden()


async def test_copy_and_test_ask_for_the_connection_shown(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()

    asked: list[tuple[str, ...]] = []
    for signal in (pane.copy_requested, pane.test_requested, pane.copy_as_requested):
        signal.connect(lambda *words: asked.append(words))

    QTest.keyClick(pane._header.copy.face, Qt.Key.Key_Return)
    button(pane._header, "Test").click()
    pane._header.copy.more.menu().actions()[0].trigger()

    assert asked == [(SHOP.id,), (SHOP.id, ""), (SHOP.id, HEADER_FORM)]


async def test_copy_can_be_pressed_by_name_and_so_can_its_other_ways(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    copy = pane._header.copy

    actions = {}
    for one in (copy.face, copy.more):
        spoken = QAccessible.queryAccessibleInterface(one)
        actions[spoken.text(QAccessible.Text.Name)] = spoken.actionInterface().actionNames()

    assert "Press" in actions["Copy a token of Web shop checkout"]
    assert "ShowMenu" in actions["More ways to copy a token of Web shop checkout"]


async def test_copy_stays_one_button_where_writing_runs_from_right_to_left(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    show()
    await desk.settle()
    copy = pane._header.copy

    pane.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    assert (copy.face.property("kind"), copy.more.property("kind")) == ("split_right", "split_left")


async def test_another_connection_takes_the_place_of_the_first(desk: Desk, pane: DetailPane, show: Show) -> None:
    pane._tabs.setCurrentWidget(pane._settings)
    desk.engine.calls = (WORKED,)
    show(last_call=WORKED)
    await desk.settle()
    other = samples.connection(samples.PYNG, name="Partner pilot", id="1" * 32)

    show(other, last_call=WORKED)
    await desk.settle()

    assert pane._settings.settings["username"] == "s6BhdRkqt3"
    assert pane._settings.settings["password"] == "kept encrypted, behind your keyring"
    assert len(pane._calls._cards) == 1
    assert pane._header._name.text() == "Partner pilot"
    assert pane._token.facts.text("rate") == ""


async def test_text_from_a_server_is_never_markup(desk: Desk, pane: DetailPane, show: Show) -> None:
    evil = "<b>bold</b><img src=x>"
    desk.engine.tokens = samples.tokens(samples.jwt({"sub": evil, "iss": evil + "\u202e"}))

    show(**troubled(TroubleKind.NEEDS_ATTENTION, code="x", words=evil) | {"token": samples.facts()})
    await desk.settle()

    labels = [one for one in pane.findChildren(QLabel) if "<b>" in one.text()]
    assert labels
    assert all(one.textFormat() is Qt.TextFormat.PlainText for one in labels)
    assert "\u202e" not in pane._token.facts.text("claims")


async def test_everything_that_takes_the_keyboard_has_a_name(desk: Desk, pane: DetailPane, show: Show) -> None:
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
    desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot
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
    pane = DetailPane(desk.context, SigningIn(desk.context))
    qtbot.addWidget(pane)

    pane.show_record(ConnectionRecord(SHOP).connection.id)
    pane.tick()

    assert pane._header._name.text() == ""
