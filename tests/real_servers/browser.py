"""A person at a browser, played over HTTP: keeps cookies, fills in forms, presses buttons, goes where it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import httpx

from tests.real_servers.clients import PASSWORD, PERSON
from tests.real_servers.server import NO_TLS

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

REDIRECTS = frozenset({301, 302, 303})


@dataclass
class Form(HTMLParser):
    """The one form of a page."""

    html: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)
    """By label: what pressing it sends beside the fields."""

    def __post_init__(self) -> None:
        super().__init__()
        self._button: dict[str, str] | None = None
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        sent = {given["name"]: given.get("value", "")} if "name" in given else {}
        if tag == "input" and given.get("type") == "submit":
            self.buttons[given.get("value", "")] = sent
        elif tag == "input":
            self.fields |= sent
        elif tag == "button":
            self._button = sent

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self.buttons[data.strip()] = self._button
            self._button = None


class Browser:
    """The person's browser, at one of the servers; logs in where it is asked to."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient(trust_env=False, verify=NO_TLS, timeout=30)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self._http.aclose()

    async def open(self, address: str) -> httpx.Response:
        """Open a page, logging in on the way; give what is shown in the end."""
        shown = await self._http.get(address)
        while shown.status_code in REDIRECTS:
            there = shown.url.join(shown.headers["Location"])
            shown = await self._http.get(there)
            if there.path == "/login/":
                shown = await self.press(shown, "Log in", username=PERSON, password=PASSWORD)
        return shown

    async def press(self, page: httpx.Response, button: str, **typed: str) -> httpx.Response:
        """Fill in the form of a page and press one of its buttons; goes nowhere by itself."""
        form = Form(page.text)
        return await self._http.post(page.url, data=form.fields | typed | form.buttons[button])

    async def decide(self, link: str, button: str = "Authorize") -> str:
        """Open the link of a sign-in and press a button; give the address that the browser is sent to, unopened."""
        sent_on = await self.press(await self.open(link), button)
        assert sent_on.status_code in REDIRECTS, sent_on.text
        return sent_on.headers["Location"]

    async def sign_in(self, link: str, button: str = "Authorize") -> httpx.Response:
        """Open the link, press a button, and give the page that the browser ends on."""
        return await self._http.get(await self.decide(link, button))

    async def type_code(self, page: str, user_code: str, button: str) -> None:
        """Type in a device's code and press a button on what follows."""
        form = await self.open(page)
        asked = await self.press(form, next(iter(Form(form.text).buttons)), user_code=user_code)
        assert asked.status_code in REDIRECTS, asked.text
        decided = await self.press(await self.open(str(asked.url.join(asked.headers["Location"]))), button)
        assert decided.status_code in {200, *REDIRECTS}, decided.text
