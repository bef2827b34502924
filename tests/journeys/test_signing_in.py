"""Signing in to the sandbox's Payt, from a shell and through the window; the browser is played over HTTP."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QDesktopServices

from tests.journeys.adding import fill_in
from tests.journeys.browser import allow
from tests.journeys.shell import SECRET_FIELDS, Shell
from tests.journeys.stage import in_the_windows_loop
from tests.sandbox.person import decide
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from PySide6.QtCore import QUrl

    from tests.journeys.person import Person
    from tests.journeys.stage import Stage

REPOSITORY = str(Path(__file__).parents[2])
# The offscreen platform has no window to bring forward.
pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support raise\(\)", extend=True)

ELSEWHERE = "https://example.com/callbacks/payt"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def shell(home: Path) -> Shell:
    passphrase_file = home / "passphrase"
    passphrase_file.write_text("correct horse battery staple\n", encoding="utf-8")
    return Shell(home / "deck", passphrase_file)


async def run(shell: Shell, *words: str, given: str = "", **environ: str) -> tuple[int, str, str]:
    process = await start(shell, *words, **environ)
    out, err = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def start(shell: Shell, *words: str, **environ: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *shell.arguments(*words), stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **environ}
    )


async def add_to(shell: Shell, sandbox: Sandbox) -> None:
    fields = sandbox.sign_in.fields
    settings = [f"--set={key}={value}" for key, value in fields.items() if key not in SECRET_FIELDS]
    settings += [f"--set=base_url={sandbox.base_url}", "--grant=authorization_code", "--secrets-from=-"]
    secret = f"client_secret={fields['client_secret']}"
    code, _, err = await run(shell, "add", "payt", "Debtors", *settings, given=secret)
    assert code == 0, err
    assert "To sign in: tokendeck login Debtors" in err


async def test_from_a_link_in_the_shell_to_tokens_that_rotate(shell: Shell, sandbox: Sandbox) -> None:
    await add_to(shell, sandbox)
    unsigned = await run(shell, "token", "Debtors")

    login = await start(shell, "login", "Debtors", "--no-browser")
    assert login.stdout is not None
    page = await allow((await login.stdout.readline()).decode().strip())
    _, err = await login.communicate()
    first = await run(shell, "token", "Debtors")
    refreshed = await run(shell, "refresh", "Debtors")
    second = await run(shell, "token", "Debtors")
    revoked = await run(shell, "revoke", "Debtors")

    assert unsigned[0] == 1
    assert "tokendeck login" in unsigned[2]
    assert "Signed in" in page
    assert login.returncode == 0, err.decode()
    assert [first[0], refreshed[0], second[0]] == [0, 0, 0], refreshed[2]
    assert first[1].strip() != second[1].strip()
    assert revoked[0] == 2, "Payt names no way to"


@pytest.mark.promise(21)
async def test_the_browser_that_browser_names_is_opened_once(shell: Shell, sandbox: Sandbox) -> None:
    await add_to(shell, sandbox)
    browser = f"{sys.executable} -m tests.journeys.browser %s"

    code, _, err = await run(shell, "login", "Debtors", BROWSER=browser, PYTHONPATH=REPOSITORY)

    assert code == 0, err
    assert "Signed in to Debtors" in err
    assert sandbox.count("payt", "authorize") == 2, "the page, and what its button sends"


async def test_an_address_is_pasted_where_the_browser_ends_elsewhere(shell: Shell, sandbox: Sandbox) -> None:
    sandbox.sign_in.register(ELSEWHERE)
    await add_to(shell, sandbox)
    login = await start(shell, "login", "Debtors", "--no-browser")
    assert login.stdout is not None
    link = (await login.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(trust_env=False) as http:
        address = await decide(http, link)

    _, err = await login.communicate(f"{ELSEWHERE}?code=guessed&state=guessed\n{address}\n".encode())

    assert login.returncode == 0, err.decode()
    assert "belongs to another sign-in" in err.decode()


@pytest.mark.promise(13)
async def test_ctrl_c_gives_up_and_closes_the_port(shell: Shell, sandbox: Sandbox) -> None:
    await add_to(shell, sandbox)
    login = await start(shell, "login", "Debtors", "--no-browser")
    assert login.stdout is not None
    await login.stdout.readline()

    login.send_signal(2)
    await login.communicate()

    assert login.returncode == 130
    port = int(sandbox.sign_in.fields["redirect_uri"].split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


def take_over(desktop: QObject) -> None:
    """Have Qt hand every address to `desktop`, and to no program."""
    QDesktopServices.setUrlHandler("http", desktop, "open")  # type: ignore[arg-type]  # wants text, says bytes


class Desktop(QObject):
    """Opens addresses as the desktop would, and lets the person there allow everything."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.pages: list[asyncio.Task[str]] = []

    @Slot("QUrl")
    def open(self, url: QUrl) -> None:
        address = bytes(url.toEncoded().data()).decode()
        self.opened.append(address)
        self.pages.append(asyncio.get_running_loop().create_task(allow(address)))


@pytest.fixture
def desktop(stage: Stage) -> Iterator[Desktop]:
    del stage  # Qt is there with it
    made = Desktop()
    take_over(made)
    yield made
    QDesktopServices.unsetUrlHandler("http")


async def add_in_window(person: Person, stage: Stage) -> None:
    """Fill in the form for Payt's application, and press what it offers."""
    await person.until_reading("in memory")
    await fill_in(person, stage, "payt", "Debtors", fields=stage.sandbox.sign_in.fields)
    person.choose("Grant", "Authorization code")
    person.fill("Redirect URI", stage.sandbox.sign_in.fields["redirect_uri"])
    person.press("Save and sign in")


@in_the_windows_loop
async def test_from_the_form_through_the_browser_to_a_live_token(stage: Stage, desktop: Desktop) -> None:
    async with stage.sandbox, stage.window() as person:
        await add_in_window(person, stage)
        await person.until_reading("Signed in to Debtors.")
        row = person.row("Debtors")
        await person.key("F5")
        await person.until_reading("Debtors has a new token.")
        page = await desktop.pages[0]

    assert "live" in row
    assert len(desktop.opened) == 1
    assert "“Debtors” has its token." in page


@in_the_windows_loop
async def test_a_dead_grant_is_signed_in_to_again_from_its_row(stage: Stage, desktop: Desktop) -> None:
    async with stage.sandbox, stage.window() as person:
        await add_in_window(person, stage)
        await person.until_reading("Signed in to Debtors.")
        stage.sandbox.revoke_tokens("payt")
        await person.key("F5")
        await person.until_reading("no longer accepts this sign-in (invalid_grant)")
        refused = person.row("Debtors")

        person.press("Sign in to Debtors")
        await person.until(lambda: "live" in person.row("Debtors"))

    assert "sign in" in refused
    assert len(desktop.opened) == 2


@in_the_windows_loop
async def test_a_grant_that_dies_in_the_background_is_told_with_the_button_that_helps(
    stage: Stage, desktop: Desktop
) -> None:
    async with stage.sandbox, stage.window() as person:
        await add_in_window(person, stage)
        await person.until_reading("Signed in to Debtors.")
        stage.sandbox.revoke_tokens("payt")
        stage.clock.move_on(minutes=118)
        await person.until_reading("Debtors: Payt no longer accepts this sign-in (invalid_grant). Sign in again.")

        person.press("Sign in")
        await person.until(lambda: "live" in person.row("Debtors"))

    assert len(desktop.opened) == 2


@in_the_windows_loop
async def test_what_the_window_waits_for_is_shown_and_can_be_cancelled(stage: Stage) -> None:
    stage.sandbox.sign_in.register(ELSEWHERE)
    nobody = Nobody()
    take_over(nobody)
    async with stage.sandbox, stage.window() as person:
        await add_in_window(person, stage)
        await person.until_reading("Signing in at Payt", f"It ends on {ELSEWHERE}")
        person.fill("Address that the browser ended on", "https://example.com/else")
        person.press("Continue")
        await person.until_reading("This is not the address that the sign-in ends on.")
        async with httpx.AsyncClient(trust_env=False) as http:
            refused = await decide(http, nobody.opened, "Deny")
        person.fill("Address that the browser ended on", refused)
        person.press("Continue")
        await person.until_reading("Payt was told no: the sign-in was not allowed (access_denied).")

        person.press("Sign in with the browser")
        await person.until_reading("Signing in at Payt")
        person.press("Cancel")
        await person.until(lambda: person.offers("Sign in with the browser"))
    QDesktopServices.unsetUrlHandler("http")


class Nobody(QObject):
    """Takes note of the address, and opens nothing."""

    opened = ""

    @Slot("QUrl")
    def open(self, url: QUrl) -> None:
        self.opened = bytes(url.toEncoded().data()).decode()
