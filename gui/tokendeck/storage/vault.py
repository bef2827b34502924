"""Secrets and tokens, sealed under the data key."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck.core.errors import VaultDamaged, VaultLocked, VaultUnavailable, WrongKey
from tokendeck.core.trouble import pause_left
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.storage.dossier import find, find_listed
from tokendeck.storage.settings import put_connection, trouble_of
from tokendeck.storage.tokens import (
    discard_access_token,
    erase_tokens,
    forget_tokens,
    renew_tokens,
    save_tokens,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from datetime import datetime, timedelta

    from tokendeck.core.connection import Connection
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.holding import Holding
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.storage.opening import KeyKeeper, Opened
    from tokendeck.storage.sealing import Seal
    from tokendeck.storage.store import Store

    Search = Callable[[], Coroutine[object, object, Opened]]

log = logging.getLogger(__name__)


class SealedPen:
    """Saves tokens under the data key as it was when this was made."""

    def __init__(self, store: Store, seal: Seal) -> None:
        """Save in `store`."""
        self._store = store
        self._seal = seal

    async def renew_tokens(self, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet | None:
        """Save in the place of the issue of this serial; None where it has gone. Raises `NoSuchConnection`."""
        return await self._store.change(lambda store: renew_tokens(store, self._seal, connection_id, tokens, serial))


class SealedVault:
    """
    The engine's `Vault` in the store's file.

    While it is being opened it counts as locked. Everything is called from one event loop; a caller who is cancelled
    cancels nothing that was begun.
    """

    def __init__(self, store: Store, keeper: KeyKeeper, deadline: timedelta) -> None:
        """Ask `keeper` for the key; wait for `deadline` at most."""
        self._store = store
        self._keeper = keeper
        self._deadline = deadline
        self._last_shut = VaultShut(VaultLocked())
        self._state: VaultState = self._last_shut
        self._opened: Opened | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> VaultState:
        """How the vault stands now."""
        return self._state

    def open(self) -> Awaitable[VaultState]:
        """
        Ask the guard for the key, creating it on first use. Calls that overlap share one attempt. Raises nothing.

        The attempt has begun when this returns.
        """
        if self._opened is None and self._attempt is None:
            self._attempt = self._begin_opening(self._keeper.find)
        return self._last_attempt()

    def open_with_passphrase(self, passphrase: Secret) -> Awaitable[VaultState]:
        """Unwrap the key; set up a vault that is not. A keyring's opens as by `open`. Raises `WrongPassphrase`."""
        if self._opened is None:
            self._attempt = self._begin_opening(lambda: self._keeper.find_by_passphrase(passphrase))
        return self._outcome_of(self._attempt)

    def open_with_recovery_key(self, recovery_key: Secret) -> Awaitable[VaultState]:
        """Unwrap the key, then have the keyring keep it again, where that guards it. Raises `WrongRecoveryKey`."""
        if self._opened is None:
            self._attempt = self._begin_opening(lambda: self._keeper.find_by_recovery_key(recovery_key))
        return self._guarded_anew(self._attempt)

    async def has_recovery_key(self) -> bool:
        """Tell whether a recovery key was made. Raises what the store raises."""
        return await self._keeper.has_recovery_key()

    async def make_recovery_key(self) -> Secret:
        """Make one for this open vault, in place of any made before."""
        return await self._keeper.make_recovery_key(self._unlocked())

    async def protect_with_passphrase(self, passphrase: Secret) -> None:
        """Wrap the key of an open vault by a passphrase; once that is durable, remove it from the keyring."""
        await asyncio.shield(self._begin(self._protect(self._unlocked(), passphrase)))

    def lock(self) -> None:
        """Forget the data key; an attempt to open that is under way comes to nothing."""
        self._opened = None
        self._attempt = None
        self._shut(VaultShut(VaultLocked()))

    async def set_aside(self) -> str:
        """Lock, and give the whole store another name; what comes next is set up in an empty one."""
        self.lock()
        return str(await self._store.set_aside())

    async def put(
        self,
        connection: Connection,
        secrets: Mapping[str, Secret],
        *,
        forget_tokens: bool = False,
        edited_at: datetime | None = None,
    ) -> None:
        """
        Add a connection, or replace its settings where `edited_at` is given, with its secrets, in one transaction.

        Secrets not named are kept; an empty one is erased. Raises `NameTaken` and, for an edit, `NoSuchConnection`.
        Tokens stay unless `forget_tokens`, or they could not be read anyway; with them stays a pause that the provider
        asked for and that still runs at `edited_at`. All other trouble is cleared.
        """
        seal = self._unlocked().seal

        def put(store: sqlite3.Connection) -> None:
            keeps_tokens = not forget_tokens and _are_tokens_sound(store, seal, connection.id)
            before = None if edited_at is None else trouble_of(store, connection.id)
            pause = pause_left(before, edited_at) if edited_at and before and keeps_tokens else None
            put_connection(store, seal, connection, secrets, pause)
            if not keeps_tokens:
                erase_tokens(store, connection.id)

        await self._store.change(put)

    async def credentials(self, connection_id: str, *, hidden_too: bool = False) -> Credentials:
        """Give settings and secrets as they were put. Raises `VaultDamaged`, `NoSuchConnection`."""
        seal = self._unlocked().seal
        return await self._store.read(
            lambda store: find_listed(store, connection_id, hidden_too=hidden_too).credentials(seal)
        )

    async def secrets_to_edit(self, connection_id: str) -> Mapping[str, Secret]:
        """Give the secrets by field key, whatever the settings are. Raises `VaultDamaged`."""
        seal = self._unlocked().seal

        def read(store: sqlite3.Connection) -> Mapping[str, Secret]:
            kept = find(store, connection_id)
            return {} if kept is None else kept.secrets(seal)

        return await self._store.read(read)

    async def holding(self, connection_id: str) -> Holding:
        """Give everything that is kept of a connection in the list. Raises `NoSuchConnection`."""
        seal = self._unlocked().seal
        return await self._store.read(lambda store: find_listed(store, connection_id).holding(seal))

    async def tokens(self, connection_id: str) -> TokenSet | None:
        """
        Give the newest saved tokens; None where there are none. Raises `VaultDamaged`.

        Where the access token was discarded and a refresh token is left, the access token is an empty `Secret`.
        """
        seal = self._unlocked().seal

        return await self._store.read(lambda store: _tokens(store, seal, connection_id))

    async def save_tokens(self, connection_id: str, tokens: TokenSet) -> TokenSet:
        """Save an issue of tokens, clear trouble and the mark of a begun refresh. Raises `NoSuchConnection`."""
        seal = self._unlocked().seal
        return await self._store.change(lambda store: save_tokens(store, seal, connection_id, tokens))

    async def renew_tokens(self, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet | None:
        """Save as `save_tokens` does, but only in the place of the issue of this serial; None where it has gone."""
        return await self.pen().renew_tokens(connection_id, tokens, serial)

    def pen(self) -> SealedPen:
        """Give what saves tokens also once the vault is locked. Raises while the vault is not open."""
        return SealedPen(self._store, self._unlocked().seal)

    async def discard_tokens(self, connection_id: str, serial: int) -> None:
        """Erase the access token of this serial; a newer one and the refresh token stay."""
        self._unlocked()
        await self._store.change(lambda store: discard_access_token(store, connection_id, serial))

    async def forget_tokens(self, connection_id: str, serial: int) -> None:
        """Erase the tokens of this serial, and the trouble with them; newer ones stay. Needs no unlocking."""
        await self._store.change(lambda store: forget_tokens(store, connection_id, serial))

    async def close(self) -> None:
        """Forget the key, and end what is still being asked of the guard."""
        self.lock()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _unlocked(self) -> Opened:
        if self._opened is not None:
            return self._opened
        raise self._state.why.with_traceback(None) if isinstance(self._state, VaultShut) else VaultLocked()

    async def _last_attempt(self) -> VaultState:
        while self._attempt is not None:
            with suppress(WrongKey):
                await asyncio.shield(self._attempt)
        return self._state

    async def _outcome_of(self, attempt: asyncio.Task[None] | None) -> VaultState:
        if attempt is not None:
            await asyncio.shield(attempt)
        return self._state

    async def _guarded_anew(self, attempt: asyncio.Task[None] | None) -> VaultState:
        await self._outcome_of(attempt)
        if self._opened is not None and self._opened.guard is Guard.RECOVERY_KEY:
            await asyncio.shield(self._begin(self._guard_anew(self._opened)))
        return self._state

    def _begin(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name="vault")
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen here, since whoever waited may have been cancelled

    def _begin_opening(self, search: Search) -> asyncio.Task[None]:
        self._state = VaultOpening()
        return self._begin(self._open(search))

    async def _open(self, search: Search) -> None:
        attempt = asyncio.current_task()
        outcome: Opened | VaultShut = self._last_shut
        try:
            outcome = await self._outcome(search)
        finally:
            if self._attempt is attempt:
                self._attempt = None
                self._conclude(outcome)

    async def _outcome(self, search: Search) -> Opened | VaultShut:
        """Give what the search comes to. Raises `WrongKey`, after which the vault stands as it stood."""
        why: VaultUnavailable
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                opened = await search()
            await self._keeper.bind_rows(opened)
        except WrongKey:
            raise
        except TimeoutError:
            why = self._keeper.silence(self._deadline)
        except VaultUnavailable as error:
            why = error
        else:
            return opened
        with suppress(VaultUnavailable):
            return VaultShut(why, has_recovery_key=await self._keeper.has_recovery_key())
        return VaultShut(why)

    def _conclude(self, outcome: Opened | VaultShut) -> None:
        if isinstance(outcome, VaultShut):
            log.info("the vault stays shut: %s", type(outcome.why).__name__)
            self._shut(outcome)
        else:
            self._take(outcome)
            self._begin(self._tidy())

    def _shut(self, state: VaultShut) -> None:
        self._state = self._last_shut = state

    async def _protect(self, opened: Opened, passphrase: Secret) -> None:
        wrapped = await self._keeper.rewrap(opened, passphrase)
        if self._opened is opened:
            self._take(wrapped)
        await self._tidy()

    async def _guard_anew(self, opened: Opened) -> None:
        """Have the keyring keep the key; where it does not let us, the recovery key opens the vault once more."""
        with suppress(VaultUnavailable, TimeoutError):
            async with asyncio.timeout(self._deadline.total_seconds()):
                guarded = await self._keeper.guard_anew(opened)
            if self._opened is opened:
                self._take(guarded)

    async def _tidy(self) -> None:
        """Remove from the keyring what no longer guards; where it does not let us, the next opening tries again."""
        with suppress(VaultUnavailable, TimeoutError):
            async with asyncio.timeout(self._deadline.total_seconds()):
                await self._keeper.remove_old_entry()

    def _take(self, opened: Opened) -> None:
        self._opened = opened
        self._state = VaultOpen(opened.guard, opened.backend)


def _tokens(store: sqlite3.Connection, seal: Seal, connection_id: str) -> TokenSet | None:
    kept = find(store, connection_id)
    return None if kept is None else kept.tokens(seal)


def _are_tokens_sound(store: sqlite3.Connection, seal: Seal, connection_id: str) -> bool:
    try:
        _tokens(store, seal, connection_id)
    except VaultDamaged:
        return False
    return True
