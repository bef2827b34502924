"""One request, one answer, and bringing the window forward, which needs no more than that. No asyncio."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tokendeck.cli.errors import AppFailed, AppSilent, OtherVersion
from tokendeck.cli.running.codec import PROTOCOL, Garbled, from_line, to_line
from tokendeck.cli.running.wire import NoAnswer, NobodyThere, exchange
from tokendeck.core.errors import TokendeckError

if TYPE_CHECKING:
    from collections.abc import Mapping

HELLO_S = 10.0
"""How long an app that is well takes at most to say that it is there, on a machine with much else to do."""


def request(what: str, given: Mapping[str, object]) -> bytes:
    """Give the line that asks for something."""
    return to_line({"protocol": PROTOCOL, "ask": what, "with": given})


def request_to_show() -> bytes:
    """Ask for the window, with the right to come forward that the desktop gave to this start (xdg-activation)."""
    return request("show", {"activation": os.environ.get("XDG_ACTIVATION_TOKEN", "")})


def value_of(answer: bytes) -> Any:  # noqa: ANN401 - whatever was asked for
    """Give what the answer holds. Raises the leaf that it holds, `OtherVersion` or `AppFailed`."""
    try:
        message = from_line(answer)
    except Garbled:
        raise OtherVersion from None
    match message:
        case {"value": value}:
            return value
        case {"error": TokendeckError() as error}:
            raise error
        case {"failed": "crash"}:
            raise AppFailed
        case _:
            raise OtherVersion


def show(path: str, *, deadline_s: float = HELLO_S) -> bool:
    """Bring the running app's window forward, if one runs. Raises `AppSilent`, and as `value_of` does."""
    try:
        value_of(exchange(path, request_to_show(), deadline_s))
    except NobodyThere:
        return False
    except NoAnswer:
        raise AppSilent from None
    return True
