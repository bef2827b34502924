from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QSignalSpy

from tests.ui import samples
from tests.ui.desk import Desk, keep
from tests.ui.signing_in.attempts import REDIRECT, SHOP, on_device, with_browser
from tokendeck.core.errors import EndOfSignIn, IssuerMismatch, PortInUse, SignInEnded, SignInRefused
from tokendeck.ui.signing_in.attempt import open_in_browser

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.signing_in.conftest import Browser
    from tokendeck.ui.signing_in.attempt import SigningIn


@pytest.mark.promise(21)
async def test_a_click_opens_the_page_once_and_the_window_comes_back_with_the_token(
    desk: Desk, browser: Browser, signing_in: SigningIn, qtbot: QtBot
) -> None:
    keep(desk, samples.record(SHOP))
    desk.engine.attempt = attempt = with_browser()

    with qtbot.waitSignals([signing_in.begun, signing_in.came_back]):
        signing_in.begin(SHOP.id)
        await desk.started()
        attempt.conclude(samples.tokens())
        await desk.settle()

    assert browser.opened == [attempt.prompt.link]
    ((words, tone),) = signing_in.heard  # type: ignore[attr-defined]  # the fixture's
    assert words.startswith(f"Signed in to {SHOP.name}. The token is good for")
    assert tone == "good"


@pytest.mark.promise(21)
async def test_on_another_device_no_browser_opens_by_itself(
    desk: Desk, browser: Browser, signing_in: SigningIn
) -> None:
    keep(desk, samples.record(SHOP))
    desk.engine.attempt = attempt = on_device()

    signing_in.begin(SHOP.id)
    await desk.started()
    by_itself = list(browser.opened)
    signing_in.open_page()
    attempt.conclude(samples.tokens())
    await desk.settle()

    assert by_itself == []
    assert browser.opened == ["https://payt.test/device?user_code=WDJB-MJHT"]


async def test_without_a_filled_in_page_the_plain_one_opens(
    desk: Desk, browser: Browser, signing_in: SigningIn
) -> None:
    desk.engine.attempt = on_device(page_with_code="")

    signing_in.open_page()

    assert browser.opened == ["https://payt.test/device"]


async def test_a_missing_browser_is_told(desk: Desk, browser: Browser, signing_in: SigningIn) -> None:
    browser.is_there = False
    desk.engine.attempt = with_browser()

    signing_in.open_page()

    ((words, tone),) = signing_in.heard  # type: ignore[attr-defined]  # the fixture's
    assert words.startswith("No browser could be opened.")
    assert tone == "caution"


@pytest.mark.parametrize("why", [EndOfSignIn.CANCELLED, EndOfSignIn.REPLACED])
async def test_what_the_person_ended_is_not_told_again(desk: Desk, signing_in: SigningIn, why: EndOfSignIn) -> None:
    keep(desk, samples.record(SHOP))
    desk.engine.attempt = attempt = with_browser()

    signing_in.begin(SHOP.id)
    await desk.started()
    attempt.conclude(SignInEnded(why))
    await desk.settle()

    assert signing_in.heard == []  # type: ignore[attr-defined]  # the fixture's


@pytest.mark.parametrize(
    ("error", "said", "comes_back"),
    [
        (SignInRefused(code="access_denied"), "was told no", True),
        (IssuerMismatch("https://a.test", ""), "Somebody may be interfering", True),
        (SignInEnded(EndOfSignIn.TIMED_OUT), "not finished in time", False),
    ],
)
async def test_whatever_else_ended_it_is_told_and_the_window_comes_back_with_the_person(
    desk: Desk, signing_in: SigningIn, error: Exception, said: str, *, comes_back: bool
) -> None:
    keep(desk, samples.record(SHOP))
    desk.engine.attempt = attempt = with_browser()
    back = QSignalSpy(signing_in.came_back)

    signing_in.begin(SHOP.id)
    await desk.started()
    attempt.conclude(error)
    await desk.settle()

    ((words, tone),) = signing_in.heard  # type: ignore[attr-defined]  # the fixture's
    assert words.startswith(f"{SHOP.name}: ")
    assert said in words
    assert tone == "bad"
    assert back.count() == comes_back


async def test_an_attempt_that_could_not_begin_opens_nothing(
    desk: Desk, browser: Browser, signing_in: SigningIn
) -> None:
    keep(desk, samples.record(SHOP))
    desk.engine.failure = PortInUse(8080)
    back = QSignalSpy(signing_in.came_back)

    signing_in.begin(SHOP.id)
    await desk.settle()

    assert back.count() == 0
    assert browser.opened == []
    ((words, _),) = signing_in.heard  # type: ignore[attr-defined]  # the fixture's
    assert "port 8080" in words


async def test_cancelling_ends_the_attempt(desk: Desk, signing_in: SigningIn) -> None:
    desk.engine.attempt = attempt = with_browser()

    signing_in.cancel()

    with pytest.raises(SignInEnded):
        await attempt.brought()


async def test_without_an_attempt_nothing_happens(desk: Desk, browser: Browser, signing_in: SigningIn) -> None:
    signing_in.cancel()
    signing_in.open_page()
    signing_in.hand_in("https://example.com")

    assert browser.opened == []
    assert desk.engine.attempt is None


async def test_a_pasted_address_is_taken_or_told_what_is_wrong(desk: Desk, signing_in: SigningIn, qtbot: QtBot) -> None:
    desk.engine.attempt = attempt = with_browser(is_pasted=True)
    state = attempt._attempt.state.reveal()

    with qtbot.waitSignal(signing_in.refused) as refused:
        signing_in.hand_in("https://example.com/elsewhere")
    signing_in.hand_in(f"{REDIRECT}?code=c0de&state={state}")

    assert "not the address" in refused.args[0]
    assert (await attempt.brought()).reveal() == "c0de"


@pytest.mark.usefixtures("qapp")
def test_an_address_reaches_the_desktop_as_it_was_spelled() -> None:
    class Desk(QObject):
        opened = ""

        @Slot("QUrl")
        def open(self, url: QUrl) -> None:
            self.opened = bytes(url.toEncoded().data()).decode()

    desk = Desk()
    QDesktopServices.setUrlHandler("https", desk, "open")  # type: ignore[arg-type]  # wants text, says bytes

    is_open = open_in_browser("https://auth.test/a?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb&scope=a%20b%2Bc")

    QDesktopServices.unsetUrlHandler("https")
    assert is_open
    assert desk.opened == "https://auth.test/a?redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb&scope=a%20b%2Bc"
