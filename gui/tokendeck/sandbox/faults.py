"""
The ways in which the sandbox can be told to misbehave, each a value, sorted by where they take effect.

`Pause` delays, `Replacement` answers in the provider's place, `Distortion` bends a token answer, `Breakage` damages the
connection. Applying them is the business of others.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal, TypeAlias, assert_never

import h11

from tokendeck.sandbox.message import Headers, JsonValue, Reply, header_bytes, html_reply, json_reply

if TYPE_CHECKING:
    from collections.abc import Iterable


LONGEST_S = 1_000_000_000
"""About 31 years: no number of seconds here is larger, so that none leads out of the calendar."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The provider takes its time: it acts on the request `seconds` after that arrived."""

    seconds: float

    def __post_init__(self) -> None:
        """Raise ValueError for a negative delay, and one that is too long."""
        _check_range(self.seconds, 0)


@dataclass(frozen=True, slots=True)
class Hold:
    """The request waits until `release` is called, the faults are cleared, or the sandbox stops."""

    processed: bool = False
    """Whether the provider acts on arrival and only its answer waits; otherwise it acts after the release."""

    released: asyncio.Event = field(default_factory=asyncio.Event, compare=False)

    def release(self) -> None:
        """Let every request go on that waits here or still comes."""
        self.released.set()


@dataclass(frozen=True, slots=True)
class TooManyRequests:
    """429. The provider does not see the request."""

    retry_after: int | datetime | None = None
    """`Retry-After` in seconds, or aware and then sent as an HTTP-date: RFC 9110, section 10.2.3. None sends none."""

    reset_s: int | None = None
    """`X-RateLimit-Reset` in seconds, with `X-RateLimit-Remaining: 0`; None sends neither."""


@dataclass(frozen=True, slots=True)
class ServerError:
    """A load balancer's HTML page, 500 to 599. The provider does not see the request."""

    status: int = 503

    def __post_init__(self) -> None:
        """Raise ValueError for another status."""
        if not 500 <= self.status <= 599:
            raise ValueError(f"A server error's status is 500 to 599, not {self.status}.")


@dataclass(frozen=True, slots=True)
class CaptivePortal:
    """200 with the log-in page of somebody's network. The provider does not see the request."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Sends the client elsewhere. The provider does not see the request."""

    location: str
    """An absolute URL, as a rule of another origin."""

    status: Literal[302, 307] = 307

    def __post_init__(self) -> None:
        """Raise ValueError for another status, or a location that no header can hold."""
        if self.status not in {302, 307}:
            raise ValueError(f"A redirect's status is 302 or 307, not {self.status}.")
        _check_sendable((("Location", self.location),))


@dataclass(frozen=True, slots=True)
class GiganticBody:
    """200 with a JSON object of this size. The provider does not see the request."""

    size_bytes: int = 10_000_000

    def __post_init__(self) -> None:
        """Raise ValueError for a negative size, and one that would not fit into memory."""
        _check_range(self.size_bytes, 0)


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """Exactly this answer. The provider does not see the request."""

    status: int
    headers: Headers = ()
    """A `Date` here takes the place of the usual one; the framing headers are the sandbox's own."""

    body: bytes = b""

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be sent as an answer."""
        if not 200 <= self.status <= 599:
            raise ValueError(f"An answer's status is 200 to 599, not {self.status}.")
        if {"content-length", "transfer-encoding"} & {name.lower() for name, _ in self.headers}:
            raise ValueError("Content-Length and Transfer-Encoding are set by the sandbox.")
        _check_sendable(self.headers)


@dataclass(frozen=True, slots=True)
class Truncated:
    """The provider's own answer, but the connection closes after half of the body."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset instead of an answer."""

    processed: bool = False
    """Whether the provider acts first: a token is minted, and nobody is told."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection closes in good order instead of an answer."""

    processed: bool = False
    """Whether the provider acts first: a token is minted, and nobody is told."""


@dataclass(frozen=True, slots=True)
class OddExpiresIn:
    """The answer states this lifetime, whatever it means; the token lives as long as usual."""

    value: JsonValue


@dataclass(frozen=True, slots=True)
class NoExpiresIn:
    """The answer states no lifetime; the token lives as long as usual."""


@dataclass(frozen=True, slots=True)
class ShortLifetime:
    """Tokens live for this many seconds, and their answers say so where the provider states a lifetime."""

    seconds: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for less than a second, and for too much."""
        _check_range(self.seconds, 1)


@dataclass(frozen=True, slots=True)
class SameToken:
    """The token minted last, with its answer word for word, whatever time has passed; the first one is minted."""


@dataclass(frozen=True, slots=True)
class OddToken:
    """The token is this text, by default one that no header can carry. The API takes it if RFC 6750 has such tokens."""

    text: str = "odd\r\ntoken\x00\x1b"


@dataclass(frozen=True, slots=True)
class OddTokenType:
    """The answer names this `token_type`."""

    value: JsonValue = "mac"


@dataclass(frozen=True, slots=True)
class NarrowedScope:
    """The token is granted, and its answer names, these scopes only, separated by blanks."""

    scope: str


@dataclass(frozen=True, slots=True)
class ClockOff:
    """The `Date` header is off by so many seconds, ahead where positive; goes with any other fault."""

    seconds: float

    def __post_init__(self) -> None:
        """Raise ValueError for more than a calendar holds."""
        _check_range(self.seconds, -LONGEST_S)


@dataclass(frozen=True, slots=True)
class AddressOffList:
    """
    The caller's address is not on the application's allow list. Payt's API only.

    A request with a live token gets 403 and costs that token its life: Payt's page, "IP-addresses allow list".
    """


Pause: TypeAlias = Delay | Hold
Replacement: TypeAlias = TooManyRequests | ServerError | CaptivePortal | Redirect | GiganticBody | CannedAnswer
Breakage: TypeAlias = Truncated | Reset | Closed
Distortion: TypeAlias = OddExpiresIn | NoExpiresIn | ShortLifetime | SameToken | OddToken | OddTokenType | NarrowedScope
Fault: TypeAlias = Pause | Replacement | Breakage | Distortion | ClockOff | AddressOffList


@dataclass(frozen=True, slots=True)
class Course:
    """What several faults together make of one request. The default is that nothing goes wrong."""

    pause: Pause | None = None
    replacement: Replacement | None = None
    breakage: Breakage | None = None
    distortions: tuple[Distortion, ...] = ()
    date_offset_s: float = 0
    address_off_list: bool = False

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> Course:
        """Put `faults` together. Raises ValueError where two of them exclude each other."""
        course = cls()
        for fault in faults:
            match fault:
                case Delay() | Hold():
                    _check_free(course.pause, fault)
                    course = replace(course, pause=fault)
                case TooManyRequests() | ServerError() | CaptivePortal() | Redirect() | GiganticBody() | CannedAnswer():
                    _check_free(course.replacement, fault)
                    course = replace(course, replacement=fault)
                case Truncated() | Reset() | Closed():
                    _check_free(course.breakage, fault)
                    course = replace(course, breakage=fault)
                case (
                    OddExpiresIn()
                    | NoExpiresIn()
                    | ShortLifetime()
                    | SameToken()
                    | OddToken()
                    | OddTokenType()
                    | NarrowedScope()
                ):
                    course = replace(course, distortions=(*course.distortions, fault))
                case ClockOff(seconds):
                    course = replace(course, date_offset_s=seconds)
                case AddressOffList():
                    course = replace(course, address_off_list=True)
                case other:
                    assert_never(other)
        return course


def replacement_reply(replacement: Replacement) -> Reply:
    """Give the answer that comes in the provider's place."""
    match replacement:
        case TooManyRequests(retry_after, reset_s):
            headers: Headers = ()
            if retry_after is not None:
                headers += (
                    ("Retry-After", http_date(retry_after) if isinstance(retry_after, datetime) else str(retry_after)),
                )
            if reset_s is not None:
                headers += (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", str(reset_s)))
            return json_reply(429, {"error": "too_many_requests"}, headers=headers)
        case ServerError(status):
            return html_reply(status, "The service is unavailable")
        case CaptivePortal():
            return html_reply(200, "Log in to this network")
        case Redirect(location, status):
            return html_reply(status, "Moved", headers=(("Location", location),))
        case GiganticBody(size_bytes):
            return json_reply(200, {"padding": "x" * max(0, size_bytes - len('{"padding": ""}'))})
        case CannedAnswer(status, headers, body):
            return Reply(status, headers, body)
        case other:
            assert_never(other)


def http_date(moment: datetime, offset_s: float = 0) -> str:
    """Write an aware moment, `offset_s` seconds later, as RFC 9110, section 5.6.7, wants it."""
    return format_datetime(moment.astimezone(UTC) + timedelta(seconds=offset_s), usegmt=True)


def _check_free(taken: Fault | None, fault: Fault) -> None:
    if taken is not None:
        raise ValueError(f"{type(fault).__name__} and {type(taken).__name__} cannot befall the same request.")


def _check_range(number: float, least: float) -> None:
    if not least <= number <= LONGEST_S:  # NaN is in no range
        raise ValueError(f"A number from {least} to {LONGEST_S} is expected, not {number}.")


def _check_sendable(headers: Headers) -> None:
    try:
        h11.Response(status_code=200, headers=header_bytes(headers))
    except (h11.LocalProtocolError, UnicodeError) as error:
        raise ValueError(f"No HTTP header can hold this: {error}.") from error
