"""What goes over a connection, as values: a request read whole, a reply not yet framed, and its delivery."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Name and value of each header field in order; a field that came twice is there twice."""

NO_STORE: Headers = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))
"""What RFC 6749, section 5.1, asks of every answer that holds a token."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read to its end."""

    method: str
    target: str
    """As it was sent: path and, after a question mark, query."""

    headers: Headers
    """Names in lower case, values as Latin-1 text."""

    body: bytes
    peer: str
    """The caller's address, without the port."""

    @property
    def path(self) -> str:
        """The target up to the question mark, not decoded."""
        return self.target.partition("?")[0]

    @property
    def has_query(self) -> bool:
        """Whether the target has a question mark at all."""
        return "?" in self.target

    def values(self, name: str) -> tuple[str, ...]:
        """Give each value that came under `name`, which is in lower case."""
        return tuple(value for key, value in self.headers if key == name)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What arrived instead of a request: no HTTP, or more than the sandbox reads."""

    status: int
    """What HTTP answers to it, 400 or above."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; its framing headers and its date are added when it is sent."""

    status: int
    headers: Headers
    body: bytes

    def with_headers(self, *headers: tuple[str, str]) -> Reply:
        """Give the same answer with `headers` after its own."""
        return replace(self, headers=(*self.headers, *headers))


@dataclass(frozen=True, slots=True)
class Whole:
    """The reply is sent as it is."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Cut:
    """Half of the reply's body is sent under the length of the whole, then the connection closes."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Dropped:
    """No byte is sent; the connection closes, or is reset."""

    reset: bool


Delivery: TypeAlias = Whole | Cut | Dropped


def json_reply(
    status: int, value: JsonValue, *, headers: Headers = (), content_type: str = "application/json"
) -> Reply:
    """Make a reply with `value` as its JSON body. NaN and the infinities are written as Python spells them."""
    return Reply(status, (("Content-Type", content_type), *headers), json.dumps(value).encode())


def html_reply(status: int, title: str, *, headers: Headers = ()) -> Reply:
    """Make the kind of page that proxies, load balancers and captive portals put in a provider's place."""
    page = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Reply(status, (("Content-Type", "text/html; charset=utf-8"), *headers), page.encode())


def header_bytes(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Encode headers for the wire. Raises UnicodeError for a name beyond ASCII and a value beyond Latin-1."""
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def phrase(status: int) -> str:
    """Give the reason phrase of a status code; empty where it has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
