"""From an issuer's address to a live token through the window, with what may go wrong on the way."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QDesktopServices

from tests.journeys.issuer import Issuer
from tests.journeys.stage import in_the_windows_loop
from tests.oauth.authorities import self_signed
from tests.oauth.servers import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtCore import QUrl

    from tests.journeys.person import Person
    from tests.journeys.stage import Stage
    from tests.oauth.servers import Exchange

# The offscreen platform has no window to bring forward.
pytestmark = pytest.mark.qt_log_ignore(r"This plugin does not support raise\(\)", extend=True)


class Desktop(QObject):
    """Opens an address and goes wherever it leads, as a person's browser does who is signed in already."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[asyncio.Task[str]] = []

    @Slot("QUrl")
    def open(self, url: QUrl) -> None:
        self.pages.append(asyncio.get_running_loop().create_task(self._visit(bytes(url.toEncoded().data()).decode())))

    async def _visit(self, address: str) -> str:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            return (await browser.get(address)).text


@pytest.fixture
def desktop(stage: Stage) -> Iterator[Desktop]:
    del stage  # Qt is there with it
    made = Desktop()
    QDesktopServices.setUrlHandler("http", made, "open")  # type: ignore[arg-type]  # wants text, says bytes
    yield made
    QDesktopServices.unsetUrlHandler("http")


async def go_to_issuer(person: Person) -> None:
    await person.until_reading("in memory")
    person.press("Add a connection")
    await person.until(lambda: person.dialog == "Add a connection")
    person.press("New from issuer")


async def find(person: Person, issuer: Issuer) -> None:
    await go_to_issuer(person)
    person.fill("Issuer", issuer.url)
    person.press("Find")
    await person.until_reading("This is what it offers.")


def files(stage: Stage) -> list[str]:
    folder = stage.places.providers
    return [one.name for one in folder.iterdir()] if folder.is_dir() else []


@in_the_windows_loop
async def test_from_an_issuers_address_through_the_browser_to_a_live_token(stage: Stage, desktop: Desktop) -> None:
    async with serving() as server, stage.window() as person:
        issuer = Issuer(server)
        server.script = issuer.answer
        await go_to_issuer(person)

        person.paste("Issuer", f"  {issuer.url}\n")
        await person.key("Return")
        await person.until_reading("This is what it offers.")
        said = person.reads()
        person.fill("Name of the provider", "Mine")
        await person.key("Return")
        person.choose("Grant", "Authorization code, no client secret")
        form, before = person.reads(), files(stage)
        person.fill("Client ID", "deck")
        person.press("Save and sign in")
        await person.until_reading("Signed in to Mine.")
        row = person.row("Mine")

    assert all(one in said for one in ("…/token", "authorization code: a person in a browser", "PKCE, S256", "read"))
    assert "Add a connection to Mine" in form
    assert before == [], "nothing is written before the connection is saved"
    assert files(stage) == ["issuer-127-0-0-1.toml"]
    assert "live" in row
    assert "“Mine” has its token." in await desktop.pages[0]
    async with stage.no_window() as engine:
        assert engine.provider(engine.find("Mine").connection).name == "Mine", "the file is found by the next start"


@in_the_windows_loop
async def test_what_goes_wrong_is_told_and_what_was_typed_stays(stage: Stage) -> None:
    async with serving() as server, stage.window() as person:
        url = server.url("/one")
        answers = {
            "publishes no metadata where RFC 8414": (b"", "404 Not Found"),
            "answered with a web page where its metadata should be.": (b"<!doctype html>", "200 OK"),
            "cannot serve just now (503)": (b"", "503 Service Unavailable"),
            f"is that of “{url}/x” and not of {url}": (json.dumps({"issuer": f"{url}/x"}).encode(), "200 OK"),
            "publishes no way to get a token that Tokendeck knows.": (json.dumps({"issuer": url}).encode(), "200 OK"),
        }
        given = iter(answers.values())
        now = next(given)

        async def script(exchange: Exchange) -> None:
            await exchange.answer(*now)

        server.script = script
        await go_to_issuer(person)
        person.fill("Issuer", "http://login.example.com")
        person.press("Find")
        await person.until(lambda: "https (plain http is accepted for this machine only)" in person.remark("Issuer"))
        person.fill("Issuer", url)
        for sentence in answers:
            person.press("Find")
            await person.until_reading(sentence)
            assert person.typed("Issuer") == url
            assert not person.offers("Continue")
            now = next(given, now)

    assert files(stage) == []


@in_the_windows_loop
async def test_an_issuer_that_nobody_vouches_for_or_that_is_not_there_is_told(stage: Stage, tmp_path: Path) -> None:
    async with serving(tls=self_signed(tmp_path)) as stranger, stage.window() as person:
        await go_to_issuer(person)
        person.fill("Issuer", stranger.url(""))
        person.press("Find")
        await person.until_reading(f"This computer knows nobody who vouches for 127.0.0.1:{stranger.port}")
        async with serving() as gone:
            nowhere = gone.url("")
        person.fill("Issuer", nowhere)
        person.press("Find")
        await person.until_reading(f"No connection to 127.0.0.1:{gone.port} came about. Nothing is lost; check the")

    assert stranger.received == []


@in_the_windows_loop
async def test_whoever_gives_up_leaves_nothing_behind(stage: Stage) -> None:
    async with serving() as server, stage.window() as person:
        issuer = Issuer(server)

        async def hold(_: Exchange) -> None:
            await server.held.wait()

        server.script = hold
        await go_to_issuer(person)
        person.fill("Issuer", issuer.url)
        person.press("Find")
        await person.until(lambda: server.received)
        person.press("Cancel")
        await person.until(lambda: "Stopped." in person.reads() and person.offers("Find"))
        server.script = issuer.answer
        person.press("Find")
        await person.until_reading("This is what it offers.")
        person.press("Continue")
        person.fill("Client ID", "deck")
        person.press("Cancel")
        await person.until(lambda: not person.dialog)

    assert files(stage) == []
    assert not [one for one in server.received if "/token" in one.target]


@in_the_windows_loop
async def test_an_issuer_that_was_described_before_is_known(stage: Stage) -> None:
    async with serving() as server, stage.window() as person:
        issuer = Issuer(server)
        server.script = issuer.answer
        await find(person, issuer)
        person.press("Continue")
        person.fill("Client ID", "deck")
        person.fill("Client secret", "s3cret")
        person.press("Save without testing")
        await person.until(lambda: not person.dialog)

        await go_to_issuer(person)
        person.fill("Issuer", issuer.url)
        person.press("Find")
        await person.until_reading("You have described this issuer before, as “")
        person.press("Continue")
        await person.until_reading("Add a connection to ")
        known = files(stage)

        person.press("Another provider")
        issuer.also = {"revocation_endpoint": f"{issuer.url}/revoke"}
        person.press("Find")
        await person.until_reading("By now the issuer says otherwise about: Revocation.")
        person.press("Describe it anew")
        person.fill("Name of the provider", "Anew")
        person.press("Continue")
        await person.until_reading("Add a connection to Anew")
        person.fill("Client ID", "deck")
        person.fill("Client secret", "s3cret")
        person.press("Save without testing")
        await person.until(lambda: not person.dialog)

    assert known == ["issuer-127-0-0-1.toml"]
    assert sorted(files(stage)) == ["issuer-127-0-0-1-2.toml", "issuer-127-0-0-1.toml"]


@in_the_windows_loop
async def test_a_name_that_no_file_can_hold_is_told_as_often_as_it_is_tried(stage: Stage) -> None:
    async with serving() as server, stage.window() as person:
        issuer = Issuer(server)
        server.script = issuer.answer
        await find(person, issuer)
        for name in ("two\nlines", "back\u202ewards", "zero\u200bwidth", "delete\x7fd"):
            person.paste("Name of the provider", name)
            for _ in range(2):
                person.press("Continue")
                assert "A file cannot hold this name: expected text" in person.remark("Name of the provider")
        person.fill("Name of the provider", "Mine")
        person.press("Continue")
        await person.until_reading("Add a connection to Mine")

    assert files(stage) == []


@in_the_windows_loop
async def test_a_secret_goes_elsewhere_than_to_the_issuer_only_once_that_is_confirmed(stage: Stage) -> None:
    async with serving() as server, serving() as elsewhere, stage.window() as person:
        issuer = Issuer(server)
        issuer.also = {"token_endpoint": elsewhere.url("/token")}
        server.script = issuer.answer

        async def give(exchange: Exchange) -> None:
            await exchange.answer(json.dumps({"access_token": "elsewhere", "token_type": "Bearer"}).encode())

        elsewhere.script = give
        await go_to_issuer(person)
        person.fill("Issuer", issuer.url)
        person.press("Find")
        await person.until_reading(f"Secrets would also go to {elsewhere.url('')}.")
        person.press("Continue")
        person.choose("Grant", "Client credentials")
        person.fill("Client ID", "deck")
        person.fill("Client secret", "s3cret")
        offered = person.offers("Test and save")
        await person.key("Return")
        before = [*elsewhere.received]
        person.press(f"Send this secret to {elsewhere.url('')} from now on")
        person.press("Test and save")
        await person.until_reading("It works.")

    assert not offered
    assert before == []
    assert [one.target for one in elsewhere.received] == ["/token"]
