"""Attempts to sign in, as whoever began one sees them: what to show, what to hand in, and how it ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tokendeck.core.errors import EndOfSignIn, NotThisSignIn, SignInEnded, TokendeckError
from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
from tokendeck.core.sign_in import LONGEST_WAIT, read_answer, read_pasted_address

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tokendeck.core.device import DeviceCode
    from tokendeck.core.moment import Moment
    from tokendeck.core.secret import Secret
    from tokendeck.core.sign_in import Attempt
    from tokendeck.core.token import TokenSet


class SignIn:
    """One attempt under way. Whoever stops waiting for its outcome cancels nothing; `cancel` does."""

    def __init__(self, connection_id: str, began: Moment, lasts: timedelta) -> None:
        """Begin to wait, for as long as it `lasts`."""
        self.connection_id = connection_id
        self._began = began
        self._lasts = lasts
        self._brought: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
        self._outcome: asyncio.Future[TokenSet] = asyncio.get_running_loop().create_future()
        self._brought.add_done_callback(_look_at)
        self._outcome.add_done_callback(_look_at)

    def left(self, now: Moment) -> timedelta:
        """Give how long it goes on waiting for the person."""
        return self._lasts - now.since(self._began)

    @property
    def is_over(self) -> bool:
        """Whether it has brought a token, or has come to nothing."""
        return self._outcome.done()

    @property
    def is_exchanging(self) -> bool:
        """Whether the person is done and the provider is being asked for the token."""
        return self._brought.done() and not self._outcome.done()

    async def outcome(self) -> TokenSet:
        """
        Wait for the end; give the tokens, which are saved.

        Raises:
            SignInEnded, SignInRefused, IssuerMismatch: it came to nothing.
            ActionNeeded, PassingTrouble, VaultUnavailable, NoSuchConnection: no tokens were to be had for it.

        """
        return await asyncio.shield(self._outcome)

    def paste(self, address: str) -> None:
        """Take the whole address that the browser ended on. Raises `NotThisSignIn`; the wait goes on then."""
        del address  # only a browser ends on one
        raise NotThisSignIn("address")

    def cancel(self) -> None:
        """Stop waiting because a person said so."""
        self.end(EndOfSignIn.CANCELLED)

    def end(self, why: EndOfSignIn) -> None:
        """Stop waiting; once the provider is being asked for the token, that goes on and is saved."""
        if not self._brought.done():
            self._brought.set_exception(SignInEnded(why))

    async def brought(self) -> Secret:
        """Wait for what the person brings. Raises what ended the wait."""
        return await asyncio.shield(self._brought)

    def conclude(self, outcome: TokenSet | Exception) -> None:
        """Tell whoever waits how it ended."""
        if isinstance(outcome, Exception):
            self._outcome.set_exception(outcome)
        else:
            self._outcome.set_result(outcome)


class BrowserSignIn(SignIn):
    """An attempt with a browser; it brings back a code."""

    def __init__(self, connection_id: str, attempt: Attempt, began: Moment, *, is_pasted: bool) -> None:
        """Begin to wait for what the browser brings back."""
        super().__init__(connection_id, began, LONGEST_WAIT)
        self.prompt = BrowserPrompt(attempt.link, attempt.redirect_uri, is_pasted)
        self._attempt = attempt

    @property
    def verifier(self) -> Secret:
        """What proves that the code is traded by whoever asked for it: RFC 7636, section 4.5."""
        return self._attempt.verifier

    def paste(self, address: str) -> None:
        """Take the whole address that the browser ended on. Raises `NotThisSignIn`; the wait goes on then."""
        self._take(lambda: read_pasted_address(address, self._attempt))

    def answer(self, query: str) -> None:
        """Take what the browser brought to this machine. Raises `NotThisSignIn`; the wait goes on then."""
        self._take(lambda: read_answer(query, self._attempt))

    def _take(self, read: Callable[[], Secret]) -> None:
        """Take the first answer that is this attempt's own; it is used once."""
        if self._brought.done():
            raise NotThisSignIn("other_state")
        try:
            self._brought.set_result(read())
        except NotThisSignIn:
            raise
        except TokendeckError as error:
            self._brought.set_exception(error)


class DeviceSignIn(SignIn):
    """An attempt on another device: the provider is asked every now and then whether the person is done."""

    def __init__(self, connection_id: str, code: DeviceCode, began: Moment) -> None:
        """Begin to ask."""
        super().__init__(connection_id, began, code.lasts)
        self.prompt = DevicePrompt(code.user_code, code.page, code.page_with_code)
        self.code = code


def _look_at(future: asyncio.Future[TokenSet] | asyncio.Future[Secret]) -> None:
    future.exception()  # seen here, since nobody may be waiting any more; neither future is ever cancelled
