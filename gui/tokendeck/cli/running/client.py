"""The command line's side: the running app where there is one, this process where there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from tokendeck.cli.errors import AppSilent, LockedInWindow
from tokendeck.cli.running.attempts import SharedSignIn
from tokendeck.cli.running.messages import HELLO_S, request, request_to_show, value_of
from tokendeck.cli.running.wire import MOST_ANSWER_BYTES, NoAnswer, NobodyThere, is_own
from tokendeck.core.errors import VaultLocked
from tokendeck.core.vault import VaultOpen, VaultShut

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from tokendeck.cli.program import Door, Engine, SignIn
    from tokendeck.core.connection import Connection, ConnectionRecord
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState
    from tokendeck.core.verdict import Verdict

VAULT_S = 20.0
"""A keyring is given 8 s to answer."""

WORK_S = 180.0
"""Longer than a test takes that waits for a lock, then twice for a token and twice for an answer."""

AT_ONCE = 8
"""What the engine itself has in flight at most; more would only wait there."""


class RunningApp:
    """The app that answers at one socket."""

    def __init__(self, path: str, told: bytes = b"") -> None:
        """Connect to nothing yet; `told` is what it has answered to `token` already, so that it is not asked twice."""
        self.path = path
        self._told = told
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def show(self) -> bool:
        """Bring its window forward, if it runs. Raises as `ask` does, but for `NobodyThere`."""
        try:
            value_of(await self._round_trip(request_to_show(), HELLO_S))
        except NobodyThere:
            return False
        return True

    async def ask(self, what: str, given: Mapping[str, object], deadline_s: float = WORK_S) -> Any:  # noqa: ANN401 - as asked
        """
        Send a request and give what it comes to.

        Raises:
            NobodyThere: no app runs; nothing was sent.
            AppSilent: one runs, and did not answer within `deadline_s`, or ended first.
            OtherVersion, AppFailed: as the name says.
            TokendeckError: the leaf that the app's engine raised.

        """
        if what == "token" and self._told:
            told, self._told = self._told, b""
            return value_of(told)
        async with self._turns:
            return value_of(await self._round_trip(request(what, given), deadline_s))

    async def _round_trip(self, line: bytes, deadline_s: float) -> bytes:
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchange(line)
        except (NoAnswer, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise AppSilent from None

    async def _exchange(self, line: bytes) -> bytes:
        try:
            reader, writer = await asyncio.open_unix_connection(self.path, limit=MOST_ANSWER_BYTES)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise NobodyThere from None
        try:
            if not is_own(writer.get_extra_info("socket")):
                raise NoAnswer
            writer.write(line)
            await writer.drain()
            return await reader.readuntil(b"\n")
        finally:
            writer.transport.abort()


class SharedDoor:
    """What is done about the vault itself: in the app where one runs, which has the vault or its file open."""

    def __init__(self, engine: SharedEngine, alone: Door, app: RunningApp) -> None:
        """Take what knows who answers, the door of this process, and the app that may run."""
        self._engine = engine
        self._alone = alone
        self._app = app

    async def open_with_recovery_key(self, recovery_key: Secret) -> VaultState:
        """Do as `SharedEngine.unlock`; a vault that the app holds open needs no key."""
        state = await self._engine.state_in_app()
        return await self._alone.open_with_recovery_key(recovery_key) if state is None else state

    async def protect_with_passphrase(self, passphrase: Secret) -> VaultState:
        """Have a passphrase guard the vault from now on."""
        if not self._engine.asks_app:
            return await self._alone.protect_with_passphrase(passphrase)
        return cast("VaultState", await self._engine.ask("protect", passphrase=passphrase))

    async def has_recovery_key(self) -> bool:
        """Tell whether there is one."""
        return await self._alone.has_recovery_key()

    async def make_recovery_key(self) -> Secret:
        """Make a recovery key."""
        if not self._engine.asks_app:
            return await self._alone.make_recovery_key()
        return cast("Secret", await self._engine.ask("recovery_key"))

    async def start_anew(self) -> str | None:
        """Set a vault that does not open aside."""
        try:
            return cast("str | None", await self._app.ask("new_vault", {}))
        except NobodyThere:
            return await self._alone.start_anew()
        except VaultLocked:
            raise LockedInWindow from None


class SharedEngine:
    """
    The command line's engine: reads the store itself, and asks the running app for whatever needs the vault.

    Who answers is settled by the first `unlock`. A vault that a person locked in the app stays locked here as well;
    one that the app could not open is tried from here.
    """

    def __init__(self, alone: Engine, app: RunningApp) -> None:
        """Take the engine of this process, loaded, and the app that may run."""
        self._alone = alone
        self._app = app
        self.asks_app = False
        """Whether the app holds the vault open."""

        self.door = SharedDoor(self, alone.door, app)

    def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all connections."""
        return self._alone.records()

    def find(self, name: str) -> ConnectionRecord:
        """Give the connection of this name. Raises `NoSuchConnection`."""
        return self._alone.find(name)

    def provider(self, connection: Connection) -> Provider:
        """Give the descriptor, overrides applied."""
        return self._alone.provider(connection)

    def grant(self, connection: Connection) -> Grant:
        """Give the connection's grant, overrides applied."""
        return self._alone.grant(connection)

    def is_renewing(self, connection_id: str) -> bool:
        """Tell whether a request for its token is on its way: the lock says so, whoever holds it."""
        return self._alone.is_renewing(connection_id)

    async def unlock(self) -> VaultState:
        """Give how the app's vault stands; without an app, open it here. Raises `AppSilent`."""
        state = await self.state_in_app()
        return await self._alone.unlock() if state is None else state

    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState:
        """Do as `unlock`; a vault that the app holds open needs no passphrase."""
        state = await self.state_in_app()
        return await self._alone.unlock_with_passphrase(passphrase) if state is None else state

    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet:
        """Give a token that is good for at least `min_valid`."""
        if not self.asks_app:
            return await self._alone.token(connection_id, min_valid=min_valid, fresh=fresh)
        return cast("TokenSet", await self.ask("token", id=connection_id, min_valid=min_valid, fresh=fresh))

    async def refresh(self, connection_id: str) -> TokenSet:
        """Ask for a new token now; the app gives its facts, and no token."""
        if not self.asks_app:
            return await self._alone.refresh(connection_id)
        return cast("TokenSet", await self.ask("refresh", id=connection_id))

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        """Prove the credentials; the app's verdict comes without the answer's body."""
        if not self.asks_app:
            return await self._alone.test(connection_id, call, confirmed=confirmed)
        return cast("Verdict", await self.ask("test", id=connection_id, call=call, confirmed=confirmed))

    async def sign_in(self, connection_id: str) -> SignIn:
        """Begin to sign in."""
        if not self.asks_app:
            return await self._alone.sign_in(connection_id)
        number, prompt = await self.ask("sign_in", id=connection_id)
        return SharedSignIn(self._app, number, prompt)

    async def revoke(self, connection_id: str) -> None:
        """Have the provider take the tokens back."""
        if not self.asks_app:
            await self._alone.revoke(connection_id)
            return
        await self.ask("revoke", id=connection_id)

    async def add(self, connection: Connection, secrets: Mapping[str, Secret]) -> None:
        """Save a new connection."""
        if not self.asks_app:
            await self._alone.add(connection, secrets)
            return
        await self.ask("add", connection=connection, secrets=secrets)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        """Let a connection's secrets go to `origins`."""
        if not self.asks_app:
            await self._alone.confirm(connection_id, origins)
            return
        await self.ask("confirm", id=connection_id, origins=origins)

    async def delete(self, connection_id: str, *, revoke: bool = True) -> None:
        """Delete a connection; the app sees within seconds that it is gone."""
        await self._alone.delete(connection_id, revoke=revoke)

    async def state_in_app(self) -> VaultState | None:
        """Give None where this process is to open the vault itself."""
        state: VaultState
        try:
            await self._app.ask("hello", {}, HELLO_S)  # a stuck app is not waited for as long as a keyring is
            state = await self._app.ask("vault", {}, VAULT_S)
        except NobodyThere:
            return None
        self.asks_app = isinstance(state, VaultOpen)
        match state:
            case VaultOpen():
                return state
            case VaultShut(VaultLocked()):
                return VaultShut(LockedInWindow())
            case _:
                return None

    async def ask(self, what: str, **given: object) -> Any:  # noqa: ANN401 - as asked
        """Have the app do it that holds the vault open. Raises `LockedInWindow`, and as `RunningApp.ask` does."""
        try:
            return await self._app.ask(what, given)
        except NobodyThere:
            raise AppSilent from None  # it has just closed; what it still had on the wire is saved by it alone
        except VaultLocked:
            raise LockedInWindow from None
