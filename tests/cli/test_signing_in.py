from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.fake_engine import FakeSignIn
from tests.cli.samples import PERSONAL, token_set
from tokendeck.core.errors import (
    EndOfSignIn,
    NothingToSignIn,
    NotOffered,
    PortInUse,
    ProviderBusy,
    SignInEnded,
    SignInRefused,
    VaultLocked,
)
from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
from tokendeck.core.vault import VaultShut

if TYPE_CHECKING:
    from tests.cli.stage import Stage

LINK = "https://auth.acme.test/authorize?state=s"
BROWSER = BrowserPrompt(LINK, "http://127.0.0.1:4711/callback", is_pasted=False)
PASTED = BrowserPrompt(LINK, "https://example.com/cb", is_pasted=True)
DEVICE = DevicePrompt("WDJB-MJHT", "https://acme.test/device", "https://acme.test/device?user_code=WDJB-MJHT")


def attempt(stage: Stage, prompt: BrowserPrompt | DevicePrompt, result: Exception | None = None) -> FakeSignIn:
    """Let the next sign-in go so."""
    stage.engine.keep("shop", PERSONAL)
    stage.engine.attempt = made = FakeSignIn(prompt, result or token_set(stage.clock))
    return made


def test_the_link_is_the_first_line_and_opens_in_the_browser(stage: Stage) -> None:
    attempt(stage, BROWSER)

    shown = stage.run("login", "SHOP")

    assert (shown.code, shown.out) == (0, f"{LINK}\n")
    assert stage.program.opened == [LINK]
    assert "The link opens in your browser." in shown.err
    assert "Signed in to shop; the token is good for 1 h." in shown.err


@pytest.mark.promise(21)
def test_no_browser_opens_where_none_is_wanted(stage: Stage) -> None:
    attempt(stage, BROWSER)

    shown = stage.run("login", "shop", "--no-browser")

    assert (shown.code, shown.out) == (0, f"{LINK}\n")
    assert stage.program.opened == []
    assert "Open the link in a browser" in shown.err


def test_a_browser_that_is_not_there_is_told(stage: Stage) -> None:
    attempt(stage, BROWSER)
    stage.program.has_browser = False

    shown = stage.run("login", "shop")

    assert shown.code == 0
    assert "No browser could be opened." in shown.err


@pytest.mark.parametrize(
    ("prompt", "first"),
    [(DEVICE, DEVICE.page_with_code), (DevicePrompt("W", "https://a.test/d", ""), "https://a.test/d")],
)
def test_another_device_is_told_page_and_code(stage: Stage, prompt: DevicePrompt, first: str) -> None:
    attempt(stage, prompt)

    shown = stage.run("login", "shop")

    assert (shown.code, shown.out) == (0, f"{first}\n")
    assert f"Open {prompt.page} on any device, and type in the code {prompt.user_code}" in shown.err
    assert stage.program.opened == []


def test_the_address_is_asked_for_until_it_is_the_right_one(stage: Stage) -> None:
    made = attempt(stage, PASTED)
    made.result, made.right_address = None, "https://example.com/cb?code=c"
    made.result_once_ended = token_set(stage.clock)

    shown = stage.run("login", "shop", stdin="https://wrong\n  https://example.com/cb?code=c \n")

    assert shown.code == 0
    assert made.pasted == ["https://wrong", "https://example.com/cb?code=c"]
    assert shown.err.count("The browser ends on https://example.com/cb.") == 2
    assert "This is not the address that the sign-in ends on." in shown.err


def test_without_an_address_nothing_is_done(stage: Stage) -> None:
    made = attempt(stage, PASTED)
    made.result = None

    shown = stage.run("login", "shop", stdin="")

    assert shown.code == 1
    assert "Nothing was done." in shown.err
    assert made.cancelled


def test_an_attempt_that_is_over_takes_no_more_addresses(stage: Stage) -> None:
    made = attempt(stage, PASTED, SignInEnded(EndOfSignIn.TIMED_OUT))

    shown = stage.run("login", "shop", stdin="https://wrong\nhttps://wrong\nhttps://wrong\n")

    assert shown.code == 1
    assert made.pasted == ["https://wrong"]
    assert "not finished in time" in shown.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SignInRefused(code="access_denied"), 1, "was told no"),
        (SignInEnded(EndOfSignIn.TIMED_OUT), 1, "not finished in time"),
        (ProviderBusy(code="temporarily_unavailable"), 3, "try again"),
    ],
)
def test_what_it_came_to_has_its_words_and_code(stage: Stage, error: Exception, code: int, said: str) -> None:
    attempt(stage, BROWSER, error)

    shown = stage.run("login", "shop")

    assert shown.code == code
    assert said in shown.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(NothingToSignIn(), 2, "needs nobody to sign in"), (PortInUse(8080), 2, "port 8080")],
)
def test_what_kept_it_from_beginning_is_told(stage: Stage, error: Exception, code: int, said: str) -> None:
    stage.engine.keep("shop", PERSONAL)
    stage.engine.attempt = error

    shown = stage.run("login", "shop")

    assert (shown.code, shown.out) == (code, "")
    assert said in shown.err


@pytest.mark.parametrize("command", ["login", "revoke"])
def test_a_locked_vault_and_an_unknown_name_come_before_anything_else(stage: Stage, command: str) -> None:
    stage.engine.keep("shop", PERSONAL)
    unknown = stage.run(command, "shp")
    stage.engine.vault = VaultShut(VaultLocked())

    locked = stage.run(command, "shop")

    assert (unknown.code, locked.code) == (5, 4)
    assert stage.engine.asked == []


def test_tokens_are_revoked_with_the_way_to_new_ones(stage: Stage) -> None:
    connection = stage.engine.keep("my shop", PERSONAL)

    shown = stage.run("revoke", "my shop")

    assert shown.code == 0
    assert stage.engine.asked == [("revoke", connection.id)]
    assert "For new ones: tokendeck login 'my shop'" in shown.err


def test_what_cannot_be_revoked_is_told(stage: Stage) -> None:
    stage.engine.keep("shop", PERSONAL)
    stage.engine.revocation = NotOffered("revoke")

    shown = stage.run("revoke", "shop")

    assert shown.code == 2
    assert "names no address for this" in shown.err
