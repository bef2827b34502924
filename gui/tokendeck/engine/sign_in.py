"""Signing in: one attempt at a time, from the link that a person opens to the token that is saved."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tokendeck.core.device import slower
from tokendeck.core.errors import (
    ConfigurationRefused,
    EndOfSignIn,
    GrantDead,
    NothingToSignIn,
    NotThisSignIn,
    PassingTrouble,
    SignInEnded,
    SignInRefused,
    TokendeckError,
)
from tokendeck.core.provider import GrantKind
from tokendeck.core.redirect import PastedRedirect, read_redirect
from tokendeck.core.request import connection_values
from tokendeck.core.sign_in import begin_attempt
from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn, SignIn
from tokendeck.engine.events import RecordRemoved, StatusChanged

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import timedelta
    from typing import Any

    from tokendeck.core.connection import Connection
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.events import Event
    from tokendeck.engine.exchanges import Exchanges
    from tokendeck.engine.ports import Callback, CallbackListener, Callbacks, Clock, Vault
    from tokendeck.engine.roster import Roster

log = logging.getLogger(__name__)

LONGEST_NAP_S = 4.0
"""Both clocks are compared again after so long: a laptop that slept must not wait on for the browser."""


class SignIns:
    """Begins attempts, one at a time, and carries each to its end."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        vault: Vault,
        exchanges: Exchanges,
        listener: CallbackListener,
        draw: Callable[[int], bytes],
    ) -> None:
        """Take what it asks; `draw` gives random bytes that are fit for secrets."""
        self._clock = clock
        self._roster = roster
        self._vault = vault
        self._exchanges = exchanges
        self._listener = listener
        self._draw = draw
        self._beginning = asyncio.Lock()
        self._current: BrowserSignIn | DeviceSignIn | None = None
        self._task: asyncio.Task[None] | None = None
        roster.subscribe(self._heed)

    def current(self) -> BrowserSignIn | DeviceSignIn | None:
        """Give the attempt under way; None where there is none."""
        return self._current

    async def begin(self, connection_id: str) -> BrowserSignIn | DeviceSignIn:
        """Begin an attempt, ending the one before. Raises as `RefreshEngine.sign_in` says."""
        async with self._beginning:
            await self.stop(EndOfSignIn.REPLACED)
            # Out of an open vault: what is asked for can be saved, and the settings are the user's own.
            credentials = await self._vault.credentials(connection_id)
            connection = credentials.connection
            match self._roster.grant(connection).kind:
                case GrantKind.AUTHORIZATION_CODE:
                    return await self._begin_with_browser(connection)
                case GrantKind.DEVICE_CODE:
                    return await self._begin_elsewhere(credentials)
                case _:
                    raise NothingToSignIn

    async def stop(self, why: EndOfSignIn, *, patience_s: float | None = None) -> None:
        """End the attempt under way; wait until its listener is closed and a code that is being traded is traded."""
        if self._current is not None:
            self._current.end(why)
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=patience_s)

    async def _begin_with_browser(self, connection: Connection) -> BrowserSignIn:
        redirect = read_redirect(connection.values.get("redirect_uri", ""))
        if isinstance(redirect, PastedRedirect):
            sign_in = self._new(connection, redirect.uri, is_pasted=True)
            self._start(sign_in, connection, self._trade(sign_in, connection))
            return sign_in
        callbacks = await self._listener.open(redirect)
        try:
            sign_in = self._new(connection, redirect.uri(callbacks.port), is_pasted=False)
        except BaseException:
            await callbacks.close()
            raise
        self._start(sign_in, connection, self._receive(sign_in, connection, callbacks))
        return sign_in

    def _new(self, connection: Connection, redirect_uri: str, *, is_pasted: bool) -> BrowserSignIn:
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        assert grant.authorize is not None
        attempt = begin_attempt(
            grant.authorize,
            connection_values(provider, connection, {}),
            optional=frozenset(one.key for one in provider.fields_of(grant.id) if not one.required),
            redirect_uri=redirect_uri,
            draw=self._draw,
        )
        return BrowserSignIn(connection.id, attempt, self._clock.now(), is_pasted=is_pasted)

    async def _begin_elsewhere(self, credentials: Credentials) -> DeviceSignIn:
        connection = credentials.connection
        code = await self._exchanges.device_code(credentials)
        sign_in = DeviceSignIn(connection.id, code, self._clock.now())
        self._start(sign_in, connection, self._ask_until_done(sign_in, connection))
        return sign_in

    def _start(
        self, sign_in: BrowserSignIn | DeviceSignIn, connection: Connection, work: Coroutine[Any, Any, TokenSet]
    ) -> None:
        self._current = sign_in
        self._task = asyncio.create_task(self._carry_out(sign_in, connection, work), name="sign in")
        self._roster.announce(StatusChanged(connection.id))

    async def _carry_out(self, sign_in: SignIn, connection: Connection, work: Coroutine[Any, Any, TokenSet]) -> None:
        """See one attempt through; whatever it comes to is told to whoever waits."""
        deadline = asyncio.create_task(self._watch_clock(sign_in), name="sign in: time")
        outcome: TokenSet | Exception
        try:
            outcome = await work
        except Exception as error:
            outcome = error
            if not isinstance(error, TokendeckError):
                log.exception("signing in crashed")
        deadline.cancel()
        self._current = None
        sign_in.conclude(outcome)
        self._roster.announce(StatusChanged(connection.id))

    async def _receive(self, sign_in: BrowserSignIn, connection: Connection, callbacks: Callbacks) -> TokenSet:
        """Hear browsers until one brings the answer; show that one how it went."""
        browsers: list[Callback] = []
        hearing = asyncio.create_task(_hear(sign_in, callbacks, browsers), name="sign in: browser")
        trouble: Exception | None = None
        try:
            return await self._trade(sign_in, connection)
        except Exception as error:
            trouble = error
            raise
        finally:
            hearing.cancel()
            for browser in browsers:
                browser.answer(trouble, connection)
            await callbacks.close()

    async def _trade(self, sign_in: BrowserSignIn, connection: Connection) -> TokenSet:
        code = await sign_in.brought()
        self._roster.announce(StatusChanged(connection.id))
        brought: dict[str, str | Secret] = {
            "code": code,
            "code_verifier": sign_in.verifier,
            "redirect_uri": sign_in.prompt.redirect_uri,
        }
        try:
            return (await self._exchanges.redeem(connection, brought)).tokens
        except GrantDead as error:
            raise SignInRefused(status=error.status, code=error.code, words=error.words) from error

    async def _ask_until_done(self, sign_in: DeviceSignIn, connection: Connection) -> TokenSet:
        """Ask at the provider's pace whether the person is done: RFC 8628, sections 3.4 and 3.5."""
        interval = sign_in.code.interval
        while True:
            await self._wait(sign_in, interval)
            try:
                return (await self._exchanges.redeem(connection, {"device_code": sign_in.code.device_code})).tokens
            except (ConfigurationRefused, GrantDead) as error:
                _check_pending(error)
            except PassingTrouble as error:
                interval = slower(interval, error)

    async def _wait(self, sign_in: SignIn, interval: timedelta) -> None:
        """Let `interval` pass. Raises what ended the attempt meanwhile."""
        nap = asyncio.create_task(self._clock.nap(interval.total_seconds()), name="sign in: pause")
        end = asyncio.create_task(sign_in.brought(), name="sign in: end")
        done, _ = await asyncio.wait((nap, end), return_when=asyncio.FIRST_COMPLETED)
        nap.cancel()
        end.cancel()
        if end in done:
            await end

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


async def _hear(sign_in: BrowserSignIn, callbacks: Callbacks, browsers: list[Callback]) -> None:
    """Hear every browser that comes; the one that brought the attempt's own answer waits among `browsers`."""
    while True:
        callback = await callbacks.next()
        try:
            sign_in.answer(callback.query)
        except NotThisSignIn as error:
            callback.answer(error, None)
        else:
            browsers.append(callback)


def _check_pending(error: ConfigurationRefused | GrantDead) -> None:
    """Let the wait go on where the person is not done yet; raise what a refusal means otherwise."""
    match error.code:
        case "authorization_pending":
            return
        case "access_denied" | "invalid_grant":
            raise SignInRefused(status=error.status, code=error.code, words=error.words) from error
        case "expired_token":
            raise SignInEnded(EndOfSignIn.TIMED_OUT) from error
        case _:
            raise error
