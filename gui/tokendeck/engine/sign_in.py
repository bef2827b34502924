"""Signing in: one attempt at a time, from the link that a person opens to the token that is saved."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokendeck.core.errors import (
    EndOfSignIn,
    GrantDead,
    NothingToSignIn,
    NotThisSignIn,
    SignInEnded,
    SignInRefused,
    TokendeckError,
)
from tokendeck.core.redirect import PastedRedirect, read_redirect
from tokendeck.core.request import connection_values
from tokendeck.core.sign_in import LONGEST_WAIT, begin_attempt, read_answer, read_pasted_address
from tokendeck.engine.events import RecordChanged, RecordRemoved

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tokendeck.core.connection import Connection
    from tokendeck.core.moment import Moment
    from tokendeck.core.secret import Secret
    from tokendeck.core.sign_in import Attempt
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.events import Event
    from tokendeck.engine.issuer import Issuer
    from tokendeck.engine.ports import Callback, CallbackListener, Callbacks, Clock, Vault
    from tokendeck.engine.roster import Roster

log = logging.getLogger(__name__)

LONGEST_NAP_S = 4.0
"""Both clocks are compared again after so long: a laptop that slept must not wait on for the browser."""


@dataclass(frozen=True, slots=True)
class BrowserPrompt:
    """What a person needs for signing in with a browser."""

    link: str
    """The address to open."""

    redirect_uri: str
    """Where the browser ends."""

    is_pasted: bool
    """Whether the person must copy the address that the browser ends on: it ends on another machine than this."""


class SignIn:
    """One attempt under way. Whoever stops waiting for its outcome cancels nothing; `cancel` does."""

    def __init__(self, connection_id: str, prompt: BrowserPrompt, attempt: Attempt, began: Moment) -> None:
        """Begin to wait for what the browser brings back."""
        self.connection_id = connection_id
        self.prompt = prompt
        self.began = began
        self._attempt = attempt
        self._code: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
        self._outcome: asyncio.Future[TokenSet] = asyncio.get_running_loop().create_future()
        self._outcome.add_done_callback(_look_at)
        self._code.add_done_callback(_look_at)

    def left(self, now: Moment) -> timedelta:
        """Give how long it goes on waiting for the browser."""
        return LONGEST_WAIT - now.since(self.began)

    @property
    def is_over(self) -> bool:
        """Whether it has brought a token, or has come to nothing."""
        return self._outcome.done()

    @property
    def is_exchanging(self) -> bool:
        """Whether the browser is back and the provider is being asked for the token."""
        return self._code.done() and not self._outcome.done()

    async def outcome(self) -> TokenSet:
        """
        Wait for the end; give the tokens, which are saved.

        Raises:
            SignInEnded, SignInRefused, IssuerMismatch: it came to nothing.
            ActionNeeded, PassingTrouble, VaultUnavailable, NoSuchConnection: the code could not be traded for tokens.

        """
        return await asyncio.shield(self._outcome)

    def paste(self, address: str) -> None:
        """Take the whole address that the browser ended on. Raises `NotThisSignIn`; the wait goes on then."""
        self._take(lambda: read_pasted_address(address, self._attempt))

    def answer(self, query: str) -> None:
        """Take what the browser brought to this machine. Raises `NotThisSignIn`; the wait goes on then."""
        self._take(lambda: read_answer(query, self._attempt))

    def end(self, why: EndOfSignIn) -> None:
        """Stop waiting; once a code is being traded for tokens, that goes on and is saved."""
        if not self._code.done():
            self._code.set_exception(SignInEnded(why))

    def cancel(self) -> None:
        """Stop waiting because a person said so."""
        self.end(EndOfSignIn.CANCELLED)

    @property
    def verifier(self) -> Secret:
        """What proves that the code is traded by whoever asked for it: RFC 7636, section 4.5."""
        return self._attempt.verifier

    async def code(self) -> Secret:
        """Wait for the code. Raises what ended the wait."""
        return await asyncio.shield(self._code)

    def conclude(self, outcome: TokenSet | Exception) -> None:
        """Tell whoever waits how it ended."""
        if isinstance(outcome, Exception):
            self._outcome.set_exception(outcome)
        else:
            self._outcome.set_result(outcome)

    def _take(self, read: Callable[[], Secret]) -> None:
        """Take the first answer that is this attempt's own; it is used once."""
        if self._code.done():
            raise NotThisSignIn("other_state")
        try:
            self._code.set_result(read())
        except NotThisSignIn:
            raise
        except TokendeckError as error:
            self._code.set_exception(error)


class SignIns:
    """Begins attempts, one at a time, and carries each to its end."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        vault: Vault,
        issuer: Issuer,
        listener: CallbackListener,
        draw: Callable[[int], bytes],
    ) -> None:
        """Take what it asks; `draw` gives random bytes that are fit for secrets."""
        self._clock = clock
        self._roster = roster
        self._vault = vault
        self._issuer = issuer
        self._listener = listener
        self._draw = draw
        self._beginning = asyncio.Lock()
        self._current: SignIn | None = None
        self._task: asyncio.Task[None] | None = None
        roster.subscribe(self._heed)

    def current(self) -> SignIn | None:
        """Give the attempt under way; None where there is none."""
        return self._current

    async def begin(self, connection_id: str) -> SignIn:
        """Begin an attempt, ending the one before. Raises as `RefreshEngine.sign_in` says."""
        async with self._beginning:
            await self.stop(EndOfSignIn.REPLACED)
            connection = self._roster.record(connection_id).connection
            await self._vault.secrets(connection_id)  # a token that cannot be saved must not be asked for
            sign_in, callbacks = await self._prepare(connection)
            self._current = sign_in
            self._task = asyncio.create_task(self._carry_out(sign_in, connection, callbacks), name="sign in")
            self._roster.announce(RecordChanged(connection_id))
            return sign_in

    async def stop(self, why: EndOfSignIn, *, patience_s: float | None = None) -> None:
        """End the attempt under way; wait until its listener is closed and a code that is being traded is traded."""
        if self._current is not None:
            self._current.end(why)
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=patience_s)

    async def _prepare(self, connection: Connection) -> tuple[SignIn, Callbacks | None]:
        redirect = read_redirect(connection.values.get("redirect_uri", ""))
        if isinstance(redirect, PastedRedirect):
            return self._new(connection, redirect.uri, is_pasted=True), None
        callbacks = await self._listener.open(redirect)
        try:
            return self._new(connection, redirect.uri(callbacks.port), is_pasted=False), callbacks
        except BaseException:
            await callbacks.close()
            raise

    def _new(self, connection: Connection, redirect_uri: str, *, is_pasted: bool) -> SignIn:
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        if grant.authorize is None:
            raise NothingToSignIn
        attempt = begin_attempt(
            grant.authorize,
            connection_values(provider, connection, {}),
            optional=frozenset(one.key for one in provider.fields_of(grant.id) if not one.required),
            redirect_uri=redirect_uri,
            draw=self._draw,
        )
        prompt = BrowserPrompt(attempt.link, redirect_uri, is_pasted)
        return SignIn(connection.id, prompt, attempt, self._clock.now())

    async def _carry_out(self, sign_in: SignIn, connection: Connection, callbacks: Callbacks | None) -> None:
        """See one attempt through; whatever it comes to is told to whoever waits and to the browser."""
        waiting = [asyncio.create_task(self._watch_clock(sign_in), name="sign in: time")]
        browsers: list[Callback] = []
        if callbacks is not None:
            waiting.append(asyncio.create_task(_receive(sign_in, callbacks, browsers), name="sign in: browser"))
        outcome: TokenSet | Exception
        try:
            code = await sign_in.code()
            self._roster.announce(RecordChanged(connection.id))
            outcome = await self._trade(connection, code, sign_in)
        except Exception as error:
            outcome = error
            if not isinstance(error, TokendeckError):
                log.exception("signing in crashed")
        for task in waiting:
            task.cancel()
        for browser in browsers:
            browser.answer(outcome if isinstance(outcome, Exception) else None, connection)
        if callbacks is not None:
            await callbacks.close()
        self._current = None
        sign_in.conclude(outcome)
        self._roster.announce(RecordChanged(connection.id))

    async def _trade(self, connection: Connection, code: Secret, sign_in: SignIn) -> TokenSet:
        brought: dict[str, str | Secret] = {
            "code": code,
            "code_verifier": sign_in.verifier,
            "redirect_uri": sign_in.prompt.redirect_uri,
        }
        try:
            return (await self._issuer.redeem(connection, brought)).tokens
        except GrantDead as error:
            raise SignInRefused(status=error.status, code=error.code, words=error.words) from error

    async def _watch_clock(self, sign_in: SignIn) -> None:
        while (left := sign_in.left(self._clock.now()).total_seconds()) > 0:
            await self._clock.nap(min(left, LONGEST_NAP_S))
        sign_in.end(EndOfSignIn.TIMED_OUT)

    def _heed(self, event: Event) -> None:
        match event:
            case RecordRemoved(connection_id=gone) if self._current is not None:
                if self._current.connection_id == gone:
                    self._current.end(EndOfSignIn.SETTINGS_CHANGED)
            case _:
                pass


async def _receive(sign_in: SignIn, callbacks: Callbacks, browsers: list[Callback]) -> None:
    """Hear every browser that comes; the one that brought the attempt's own answer waits among `browsers`."""
    while True:
        callback = await callbacks.next()
        try:
            sign_in.answer(callback.query)
        except NotThisSignIn as error:
            callback.answer(error, None)
        else:
            browsers.append(callback)


def _look_at(future: asyncio.Future[TokenSet] | asyncio.Future[Secret]) -> None:
    future.exception()  # seen here, since nobody may be waiting any more; neither future is ever cancelled
