"""Secrets and tokens, sealed under the data key."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from tokendeck.core.errors import NoSuchConnection, VaultDamaged, VaultLocked, VaultUnavailable, WrongPassphrase
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenSet
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.storage.ledger import check_name_free
from tokendeck.storage.records import FACTS, facts_row, settings_text, to_facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from datetime import timedelta

    from tokendeck.core.connection import Connection
    from tokendeck.storage.opening import KeyKeeper, Opened
    from tokendeck.storage.sealing import Seal
    from tokendeck.storage.store import Store

    Search = Callable[[], Coroutine[object, object, Opened]]

log = logging.getLogger(__name__)

SECRET = "secret:"  # noqa: S105 - a prefix of field names
ACCESS_TOKEN = "token:access"  # noqa: S105 - a field's name
REFRESH_TOKEN = "token:refresh"  # noqa: S105 - a field's name


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
        self._state: VaultState = VaultShut(VaultLocked())
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

    async def protect_with_passphrase(self, passphrase: Secret) -> None:
        """Wrap the key of an open vault by a passphrase; once that is durable, remove it from the keyring."""
        await asyncio.shield(self._begin(self._protect(self._unlocked(), passphrase)))

    def lock(self) -> None:
        """Forget the data key; an attempt to open that is under way comes to nothing."""
        self._opened = None
        self._attempt = None
        self._state = VaultShut(VaultLocked())

    async def put(self, connection: Connection, secrets: Mapping[str, Secret], *, forget_tokens: bool = False) -> None:
        """
        Add a connection or replace its settings, with its secrets, in one transaction.

        Secrets not named are kept; an empty one is erased. Raises `NameTaken`. Clears trouble; tokens stay unless
        `forget_tokens`.
        """
        seal = self._unlocked().seal

        def put(store: sqlite3.Connection) -> None:
            _put_settings(store, connection)
            for key, secret in secrets.items():
                _put_secret(store, seal, connection.id, key, secret)
            if forget_tokens:
                _forget_tokens(store, connection.id)

        await self._store.change(put)

    async def secrets(self, connection_id: str) -> Mapping[str, Secret]:
        """Give the secrets by field key; empty where there are none. Raises `VaultDamaged`."""
        seal = self._unlocked().seal

        def read(store: sqlite3.Connection) -> dict[str, Secret]:
            rows = store.execute(
                "SELECT field, version, nonce, ciphertext FROM sealed WHERE connection_id = ?", (connection_id,)
            )
            return {
                field.removeprefix(SECRET): seal.open(connection_id, field, version, nonce, ciphertext)
                for field, version, nonce, ciphertext in rows
                if field.startswith(SECRET)
            }

        return await self._store.read(read)

    async def tokens(self, connection_id: str) -> TokenSet | None:
        """
        Give the newest saved tokens; None where there are none. Raises `VaultDamaged`.

        Where the access token was discarded and a refresh token is left, the access token is an empty `Secret`.
        """
        seal = self._unlocked().seal
        return await self._store.read(lambda store: _read_tokens(store, seal, connection_id))

    async def save_tokens(self, connection_id: str, tokens: TokenSet) -> TokenSet:
        """Save an issue of tokens, clear trouble and the mark of a begun refresh. Raises `NoSuchConnection`."""
        seal = self._unlocked().seal
        return await self._store.change(lambda store: _save_tokens(store, seal, connection_id, tokens))

    async def discard_tokens(self, connection_id: str, serial: int) -> None:
        """Erase the access token of this serial; a newer one and the refresh token stay."""
        self._unlocked()
        await self._store.change(lambda store: _discard_access_token(store, connection_id, serial))

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
            with suppress(WrongPassphrase):
                await asyncio.shield(self._attempt)
        return self._state

    async def _outcome_of(self, attempt: asyncio.Task[None] | None) -> VaultState:
        if attempt is not None:
            await asyncio.shield(attempt)
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
        outcome: Opened | VaultUnavailable = VaultLocked()
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                outcome = await search()
        except TimeoutError:
            outcome = self._keeper.silence(self._deadline)
        except WrongPassphrase:
            raise
        except VaultUnavailable as error:
            outcome = error
        finally:
            if self._attempt is attempt:
                self._attempt = None
                self._conclude(outcome)

    def _conclude(self, outcome: Opened | VaultUnavailable) -> None:
        if isinstance(outcome, VaultUnavailable):
            log.info("the vault stays shut: %s", type(outcome).__name__)
            self._state = VaultShut(outcome)
        else:
            self._take(outcome)
            self._begin(self._tidy())

    async def _protect(self, opened: Opened, passphrase: Secret) -> None:
        wrapped = await self._keeper.rewrap(opened, passphrase)
        if self._opened is opened:
            self._take(wrapped)
        await self._tidy()

    async def _tidy(self) -> None:
        """Remove from the keyring what no longer guards; where it does not let us, the next opening tries again."""
        with suppress(VaultUnavailable, TimeoutError):
            async with asyncio.timeout(self._deadline.total_seconds()):
                await self._keeper.remove_old_entry()

    def _take(self, opened: Opened) -> None:
        self._opened = opened
        self._state = VaultOpen(opened.guard, opened.backend)


def _put_settings(store: sqlite3.Connection, connection: Connection) -> None:
    folded_name = connection.name.strip().casefold()
    check_name_free(store, connection.id, connection.name, folded_name)
    store.execute(
        "INSERT INTO connections"
        " (id, name, folded_name, provider, environment, grant_id, created_at, settings, paused)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded_name = excluded.folded_name,"
        " provider = excluded.provider, environment = excluded.environment, grant_id = excluded.grant_id,"
        " created_at = excluded.created_at, settings = excluded.settings, paused = excluded.paused, trouble = NULL",
        (
            *(connection.id, connection.name, folded_name, connection.provider, connection.environment),
            *(connection.grant, connection.created_at.isoformat(), settings_text(connection), connection.paused),
        ),
    )


def _put_secret(store: sqlite3.Connection, seal: Seal, connection_id: str, key: str, secret: Secret) -> None:
    field = SECRET + key
    if not secret:
        _erase(store, connection_id, field)
        return
    (version,) = store.execute(
        "SELECT coalesce(max(version), 0) + 1 FROM sealed WHERE connection_id = ? AND field = ?",
        (connection_id, field),
    ).fetchone()
    _keep(store, seal, connection_id, field, version, secret)


def _read_tokens(store: sqlite3.Connection, seal: Seal, connection_id: str) -> TokenSet | None:
    row = store.execute(
        f"SELECT token_type, discarded, {FACTS} FROM connections WHERE id = ?",  # noqa: S608 - constant text
        (connection_id,),
    ).fetchone()
    facts = None if row is None else to_facts(row[2:])
    if facts is None:
        return None
    token_type, discarded = row[:2]

    def open_token(field: str) -> Secret:
        sealed = store.execute(
            "SELECT nonce, ciphertext FROM sealed WHERE connection_id = ? AND field = ?", (connection_id, field)
        ).fetchone()
        if sealed is None:
            raise VaultDamaged(connection_id, field)
        # The version is not read from the row itself: an older issue put back in its place does not open.
        return seal.open(connection_id, field, facts.serial, *sealed)

    return TokenSet(
        access_token=Secret("") if discarded else open_token(ACCESS_TOKEN),
        refresh_token=open_token(REFRESH_TOKEN) if facts.has_refresh_token else None,
        facts=facts,
        token_type=token_type,
    )


def _save_tokens(store: sqlite3.Connection, seal: Seal, connection_id: str, tokens: TokenSet) -> TokenSet:
    row = store.execute("SELECT serial + 1 FROM connections WHERE id = ?", (connection_id,)).fetchone()
    if row is None:
        raise NoSuchConnection(connection_id)
    (serial,) = row
    facts = replace(tokens.facts, serial=serial, has_refresh_token=tokens.refresh_token is not None)
    _keep(store, seal, connection_id, ACCESS_TOKEN, serial, tokens.access_token)
    if tokens.refresh_token is None:
        _erase(store, connection_id, REFRESH_TOKEN)
    else:
        _keep(store, seal, connection_id, REFRESH_TOKEN, serial, tokens.refresh_token)
    store.execute(
        "UPDATE connections SET asked_at = ?, asked_elapsed_s = ?, asked_boot = ?, expiry = ?, expires_at = ?,"
        " declared_by = ?, scope = ?, has_refresh_token = ?, serial = ?, token_type = ?, discarded = 0,"
        " trouble = NULL, cut_off_at = NULL WHERE id = ?",
        (*facts_row(facts), tokens.token_type, connection_id),
    )
    return replace(tokens, facts=facts)


def _discard_access_token(store: sqlite3.Connection, connection_id: str, serial: int) -> None:
    # Without a refresh token nothing is left of the issue but its number.
    discarded = store.execute(
        "UPDATE connections SET discarded = 1, asked_at = CASE WHEN has_refresh_token THEN asked_at END"
        " WHERE id = ? AND serial = ?",
        (connection_id, serial),
    )
    if discarded.rowcount:
        _erase(store, connection_id, ACCESS_TOKEN)


def _forget_tokens(store: sqlite3.Connection, connection_id: str) -> None:
    store.execute(
        "UPDATE connections SET discarded = 1, asked_at = NULL, has_refresh_token = 0, cut_off_at = NULL WHERE id = ?",
        (connection_id,),
    )
    for field in (ACCESS_TOKEN, REFRESH_TOKEN):
        _erase(store, connection_id, field)


def _keep(store: sqlite3.Connection, seal: Seal, connection_id: str, field: str, version: int, text: Secret) -> None:
    nonce, ciphertext = seal.close(connection_id, field, version, text)
    store.execute(
        "INSERT INTO sealed VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET version = excluded.version, nonce = excluded.nonce, ciphertext = excluded.ciphertext",
        (connection_id, field, version, nonce, ciphertext),
    )


def _erase(store: sqlite3.Connection, connection_id: str, field: str) -> None:
    store.execute("DELETE FROM sealed WHERE connection_id = ? AND field = ?", (connection_id, field))
