"""The person at the browser, played over HTTP: looks at the consent page and presses one of its buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class ConsentPage(HTMLParser):
    """What a page offers."""

    html: str
    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By label: the name and value that it sends."""

    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._pressed: tuple[str, str] | None = None
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert given["method"] == "post"
            self.action = given["action"]
        elif tag == "input":
            self.hidden[given["name"]] = given["value"]
        elif tag == "button":
            self._pressed = (given["name"], given["value"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._pressed = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._pressed is not None:
            self.buttons[data] = self._pressed


async def decide(http: httpx.AsyncClient, authorize_url: str, button: str = "Allow") -> str:
    """
    Open the URL, press a button of the consent page, and give the address on which the browser would end.

    That address is not opened: `http.get` it where a listener waits there, paste it where none does.
    """
    shown = await http.get(authorize_url)
    if shown.status_code == 303:  # sent back without being asked
        return shown.headers["Location"]
    page = ConsentPage(shown.text)
    action = httpx.URL(authorize_url).join(page.action)
    sent_on = await http.post(action, data=page.hidden | dict([page.buttons[button]]))
    assert sent_on.status_code == 303, sent_on.text
    return sent_on.headers["Location"]
