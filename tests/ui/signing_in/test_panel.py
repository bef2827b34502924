from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from tests.ui import samples
from tests.ui.desk import Desk, keep
from tests.ui.detail.driver import button
from tests.ui.signing_in.attempts import REDIRECT, SHOP, on_device, with_browser
from tokendeck.core.errors import SignInEnded
from tokendeck.core.moment import Moment
from tokendeck.ui.detail.pane import DetailPane

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.signing_in.conftest import Browser
    from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn
    from tokendeck.ui.signing_in.attempt import SigningIn
    from tokendeck.ui.signing_in.panel import SignInPanel


@pytest.fixture
def pane(desk: Desk, signing_in: SigningIn, qtbot: QtBot) -> DetailPane:
    keep(desk, samples.record(SHOP))
    made = DetailPane(desk.context, signing_in)
    qtbot.addWidget(made)
    made.resize(720, 800)
    made.show()
    return made


async def shown(desk: Desk, pane: DetailPane, attempt: BrowserSignIn | DeviceSignIn) -> SignInPanel:
    desk.engine.attempt = attempt
    pane.show_record(SHOP.id)
    pane.show_sign_in()
    await desk.settle()
    return pane._sign_in


async def test_it_says_what_it_waits_for_and_counts_down(desk: Desk, pane: DetailPane) -> None:
    panel = await shown(desk, pane, with_browser())
    first = panel._countdown.text()
    desk.engine.time = Moment(samples.NOON + timedelta(seconds=61), samples.NOW.elapsed_s + 61, samples.NOW.boot)
    pane.tick()

    assert panel.isVisible()
    assert panel._heading.text() == "Signing in at Payt"
    assert "goes on by itself as soon as Payt sends you back" in panel._sentence.text()
    assert (first, panel._countdown.text()) == ("5:00", "3:59")
    assert not pane._state._button.isVisible(), "the panel has the buttons"


async def test_its_buttons_open_copy_and_cancel(desk: Desk, pane: DetailPane, browser: Browser) -> None:
    attempt = with_browser()
    panel = await shown(desk, pane, attempt)

    button(panel, "Open the page again").click()
    button(panel, "Copy link").click()
    await desk.settle()
    copied = desk.board.held
    button(panel, "Cancel").click()

    assert browser.opened == [attempt.prompt.link]
    assert copied == attempt.prompt.link
    with pytest.raises(SignInEnded):
        await attempt.brought()


async def test_once_the_browser_is_back_it_says_so_and_cannot_be_cancelled(desk: Desk, pane: DetailPane) -> None:
    attempt = with_browser()
    panel = await shown(desk, pane, attempt)
    attempt.answer(f"code=c&state={attempt._attempt.state.reveal()}")

    pane.record_changed(SHOP.id)

    assert panel._sentence.text() == "You are back. Asking Payt for the token…"
    assert panel._countdown.text() == ""
    assert not panel._cancel.isEnabled()


async def test_it_goes_with_the_attempt(desk: Desk, pane: DetailPane) -> None:
    panel = await shown(desk, pane, with_browser())
    desk.engine.attempt = None

    pane.record_changed(SHOP.id)

    assert panel.isHidden()


async def test_another_connections_attempt_is_not_shown(desk: Desk, pane: DetailPane) -> None:
    other = samples.connection(samples.PAYSERA, "Other", id="1" * 32)
    keep(desk, samples.record(SHOP), samples.record(other))
    panel = await shown(desk, pane, with_browser())

    pane.show_record(other.id)
    await desk.settle()

    assert panel.isHidden()


async def test_an_address_is_pasted_where_the_browser_ends_elsewhere(desk: Desk, pane: DetailPane) -> None:
    attempt = with_browser(is_pasted=True)
    panel = await shown(desk, pane, attempt)

    QTest.keyClicks(panel._address, "https://example.com/")
    QTest.keyClick(panel._address, Qt.Key.Key_Return)
    flaw = panel._flaw.text() if panel._flaw.isVisible() else ""
    panel._address.setText(f"{REDIRECT}?code=c0de&state={attempt._attempt.state.reveal()}")
    still_told = panel._flaw.isVisible()
    button(panel, "Continue").click()

    assert REDIRECT in panel._sentence.text() or attempt.is_exchanging
    assert flaw.startswith("This is not the address")
    assert not still_told
    assert (await attempt.brought()).reveal() == "c0de"


async def test_another_device_is_given_code_page_and_qr_code(desk: Desk, pane: DetailPane, browser: Browser) -> None:
    panel = await shown(desk, pane, on_device())

    button(panel, "Copy code").click()
    await desk.settle()
    button(panel, "Open the page").click()

    assert panel._code.text() == desk.board.held == "WDJB-MJHT"
    assert panel._code.accessibleName() == "Code: W D J B - M J H T"
    assert panel._page.text() == "https://payt.test/device"
    assert browser.opened == ["https://payt.test/device?user_code=WDJB-MJHT"]
    assert panel._qr_code._modules == segno.make(browser.opened[0], micro=False, error="m").matrix
    picture = panel._qr_code.grab().toImage()
    inks = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert inks == {"#ffffff", "#000000"}
    assert picture.pixelColor(1, 1) == QColor("white"), "cameras want a quiet zone"


async def test_a_clipboard_that_takes_nothing_is_told(desk: Desk, pane: DetailPane, signing_in: SigningIn) -> None:
    panel = await shown(desk, pane, with_browser())
    desk.board.setMimeData = lambda _: None  # type: ignore[method-assign]  # a desktop that refuses

    button(panel, "Copy link").click()
    await desk.settle()

    assert [tone for _, tone in signing_in.heard] == ["bad"]  # type: ignore[attr-defined]  # the fixture's
