"""Attempts to sign in that a running app carries out for command lines: on its side, and on theirs."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from tokendeck.cli.errors import AppSilent
from tokendeck.cli.running.messages import HELLO_S, request, value_of
from tokendeck.cli.running.wire import NoAnswer, NobodyThere, exchange
from tokendeck.core.errors import EndOfSignIn, SignInEnded, TokendeckError

if TYPE_CHECKING:
    from tokendeck.cli.program import SignIn
    from tokendeck.cli.running.client import RunningApp
    from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
    from tokendeck.core.token import TokenSet

LONGEST_WAIT_S = 3700.0
"""A little longer than the longest attempt, on another device."""


class Attempts:
    """Keeps attempts by number, each until its outcome is told or whoever waits for that goes away."""

    def __init__(self) -> None:
        """Start with none."""
        self._numbers = itertools.count(1)
        self._kept: dict[int, SignIn] = {}

    def keep(self, attempt: SignIn) -> tuple[int, BrowserPrompt | DevicePrompt]:
        """Give the number by which it is asked for, and what the person needs."""
        self._kept.clear()  # there is one at a time, and this is it
        number = next(self._numbers)
        self._kept[number] = attempt
        return number, attempt.prompt

    def paste(self, number: int, address: str) -> None:
        """Hand in an address. Raises `NotThisSignIn`, and `SignInEnded` for an attempt that is over."""
        self._find(number).paste(address)

    def cancel(self, number: int) -> None:
        """Give up; one that is over is left alone."""
        with suppress(SignInEnded):
            self._find(number).cancel()

    async def outcome(self, number: int) -> TokenSet:
        """Wait for the end; nobody waits for an attempt that nobody waits for. Raises what it comes to."""
        attempt = self._find(number)
        try:
            return await attempt.outcome()
        except asyncio.CancelledError:
            attempt.cancel()
            raise
        finally:
            self._kept.pop(number, None)

    def _find(self, number: int) -> SignIn:
        try:
            return self._kept[number]
        except KeyError:
            raise SignInEnded(EndOfSignIn.REPLACED) from None


class SharedSignIn:
    """An attempt that the running app carries out."""

    def __init__(self, app: RunningApp, number: int, prompt: BrowserPrompt | DevicePrompt) -> None:
        """Take where to ask for it."""
        self._app = app
        self._number = number
        self.prompt = prompt

    async def outcome(self) -> TokenSet:
        """Wait for the end; the tokens come without tokens. Raises what it comes to."""
        return cast("TokenSet", await self._app.ask("outcome", {"attempt": self._number}, LONGEST_WAIT_S))

    def paste(self, address: str) -> None:
        """Hand in the address that the browser ended on. Raises `NotThisSignIn`; the wait goes on then."""
        self._tell("paste", {"attempt": self._number, "address": address})

    def cancel(self) -> None:
        """Give up; where the app has gone, so has the attempt."""
        with suppress(TokendeckError):
            self._tell("cancel", {"attempt": self._number})

    def _tell(self, what: str, given: dict[str, object]) -> None:
        try:
            value_of(exchange(self._app.path, request(what, given), HELLO_S))
        except (NobodyThere, NoAnswer):
            raise AppSilent from None
