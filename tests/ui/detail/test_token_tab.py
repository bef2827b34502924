from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from tests.ui import samples
from tests.ui.detail.driver import SHOP, Show, button
from tokendeck.core.errors import VaultLocked
from tokendeck.core.expiry import Never
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpening, VaultShut

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.canary import Canary
    from tests.ui.desk import Desk
    from tokendeck.ui.detail.pane import DetailPane


@pytest.mark.promise(1)
async def test_the_token_is_masked_and_read_only_for_its_outline(
    desk: Desk, pane: DetailPane, show: Show, canary: Canary
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


async def test_a_click_shows_the_token_and_another_hides_it(desk: Desk, pane: DetailPane, show: Show) -> None:
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


async def test_a_masked_token_is_one_line_without_a_scroll_bar(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    text = pane._token.token._text
    masked = text.height()
    desk.engine.tokens = samples.tokens("t" * 4000)

    pane._token.token.toggle()
    await desk.settle()
    scrolls = text.verticalScrollBarPolicy()
    pane._token.token.hide_token()

    assert scrolls is Qt.ScrollBarPolicy.ScrollBarAsNeeded
    assert text.verticalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    assert text.height() == masked


async def test_where_there_is_no_room_the_mask_is_shorter_and_the_ends_stay(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    show()
    await desk.settle()
    whole = pane._token.token.shown_text
    text = pane._token.token._text
    one_line = text.height()

    pane.resize(440, 800)

    shown = pane._token.token.shown_text
    assert 2 <= shown.count("•") < whole.count("•")
    assert shown.replace("•", "") == whole.replace("•", "")
    assert text.height() == one_line


async def test_a_fact_longer_than_its_line_gives_way_in_its_middle(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    pane.resize(360, 800)
    address = f"https://{'a' * 200}.test"

    pane._token.facts.say("expires", f"at {address}")

    value = pane._token.facts._rows["expires"][1]
    assert value._main.text().startswith("at https://a")
    assert value._main.text().endswith("a.test")
    assert value._main.fontMetrics().horizontalAdvance(value._main.text().split()[1]) <= value.width()
    assert (value._main.toolTip(), value.accessibleName()) == (f"at {address}", f"at {address}")


async def test_names_of_facts_stand_beside_the_first_line(desk: Desk, pane: DetailPane, show: Show) -> None:
    pane.resize(420, 800)
    show()
    await desk.settle()

    rows = pane._token.facts._rows
    tops = {key: (head.y(), value.y()) for key, (head, value) in rows.items() if not value.isHidden()}

    assert "claims" in tops
    assert all(head == value for head, value in tops.values())


async def test_a_shown_token_is_masked_when_its_time_is_over(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    card = pane._token.token
    card.toggle()
    await desk.settle()

    card._hiding.timeout.emit()

    assert "••••" in card.shown_text


async def test_a_token_held_is_masked_when_let_go(desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot) -> None:
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


@pytest.mark.parametrize("leave", ["other", "hide", "vault", "fall"])
@pytest.mark.promise(47)
async def test_a_shown_token_is_masked_when_nobody_looks(desk: Desk, pane: DetailPane, show: Show, leave: str) -> None:
    show()
    await desk.settle()
    pane.toggle_token()
    await desk.settle()
    watched = desk.curtain.is_watching

    match leave:
        case "other":
            pane.show_record(None)
        case "hide":
            pane.hide()
        case "fall":
            desk.curtain.fall()
        case _:
            pane.vault_changed()
    await desk.settle()

    assert "••••" in pane._token.token.shown_text
    assert (watched, desk.curtain.is_watching) == (True, False)


@pytest.mark.promise(45)
async def test_nothing_of_a_shown_token_can_be_copied_past_the_marks(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    pane.toggle_token()
    await desk.settle()
    text = pane._token.token._text

    QTest.mouseDClick(text.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 12))
    QTest.keySequence(text, "Ctrl+A")
    QTest.keySequence(text, "Ctrl+C")

    assert not text.textCursor().hasSelection()
    assert QGuiApplication.clipboard().text() == ""
    pane.hide_secrets()


async def test_a_token_that_was_let_go_meanwhile_is_not_shown(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()
    card = pane._token.token

    card.toggle()
    card.toggle()
    await desk.settle()

    assert "••••" in card.shown_text


async def test_on_demand_connections_say_that_no_token_is_kept(desk: Desk, pane: DetailPane, show: Show) -> None:
    show(samples.connection(samples.PAYSECUREZ), token=None)
    await desk.settle()

    assert pane._token.token.shown_text == "No token is kept: every use gets a new one."
    assert pane._token.facts.isHidden()
    assert desk.engine.reads == 0


async def test_a_locked_vault_shows_names_and_times_but_no_token(
    desk: Desk, pane: DetailPane, show: Show, qtbot: QtBot
) -> None:
    desk.engine.vault_state = VaultShut(VaultLocked())
    show()
    await desk.settle()

    with qtbot.waitSignal(pane.unlock_requested):
        button(pane._state, "Unlock…").click()

    assert pane._token.token.shown_text == "The vault is locked. Unlock it to see the token."
    assert pane._token.facts.text("expires").startswith("today at")
    assert not pane._header.copy.isEnabled()


async def test_a_token_is_read_once_the_vault_has_opened_and_not_called_locked_before(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    opened = desk.engine.vault_state
    desk.engine.vault_state = VaultOpening()
    show()
    await desk.settle()
    meanwhile, reads = pane._token.token.shown_text, desk.engine.reads
    desk.engine.vault_state = opened

    pane.vault_changed()
    await desk.settle()

    assert (meanwhile, reads) == ("Reading…", 0)
    assert "•" in pane._token.token.shown_text


async def test_a_token_that_is_gone_from_the_vault_is_said_to_be_gone(desk: Desk, pane: DetailPane, show: Show) -> None:
    desk.engine.tokens = None

    show()
    await desk.settle()

    assert pane._token.token.shown_text == "No token is kept."


async def test_a_vault_that_shuts_while_the_token_is_read_is_explained(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    show()
    desk.engine.vault_state = VaultShut(VaultLocked())
    await desk.settle()

    assert "locked" in pane._token.token.shown_text


async def test_the_facts_say_where_they_come_from(desk: Desk, pane: DetailPane, show: Show) -> None:
    desk.engine.budget = 47

    show(last_good_at=samples.NOON - timedelta(minutes=2))
    await desk.settle()

    facts = pane._token.facts
    assert facts.text("expires").endswith("as the provider said (expires_in 3600)")
    assert facts.text("scopes") == "profile, email · none were asked for"
    assert facts.text("proven").endswith("2 min ago")
    assert facts.text("rate") == "47 of 50 calls left this minute"
    assert facts.text("claims") == "issued for shop-20417 by api.paysera.com/auth/realms/Paysera"


async def test_all_claims_are_shown_with_times_in_words(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    await desk.settle()

    button(pane._token, "Show all 10").click()

    assert pane._token.claims is not None
    texts = {one.text() for one in pane._token.claims.findChildren(QLabel)}
    assert texts >= {"alg · algorithm", "RS256", "exp · expires", "realm_access"}
    assert any(text.startswith("today at ") for text in texts)
    button(pane._token, "Show less").click()
    assert pane._token.claims is None


async def test_an_opaque_token_has_no_claims(desk: Desk, pane: DetailPane, show: Show) -> None:
    desk.engine.tokens = samples.tokens("opaque-token-of-some-length-without-any-structure")

    show(token=samples.facts(Never("paysera")))
    await desk.settle()

    assert pane._token.facts.text("claims") == ""
    assert pane._token.facts.text("expires").startswith("never")


async def test_a_token_of_a_connection_left_meanwhile_is_not_taken(desk: Desk, pane: DetailPane, show: Show) -> None:
    show()
    show(samples.connection(samples.PAYSECUREZ, id="1" * 32), token=None)

    await desk.settle()

    assert pane._token.token.fingerprint == ""


async def test_a_vault_that_shuts_before_the_token_is_shown_is_explained(
    desk: Desk, pane: DetailPane, show: Show
) -> None:
    show()
    await desk.settle()
    pane._token.token.toggle()
    desk.engine.vault_state = VaultShut(VaultLocked())

    await desk.settle()

    assert "locked" in pane._token.token.shown_text
