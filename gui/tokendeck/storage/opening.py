"""How a vault gets its data key: from its guard, from a passphrase, or new."""

from __future__ import annotations

import hmac
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import (
    KeyLost,
    KeyringChanged,
    KeyringMute,
    KeyringTrouble,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
    WrongRecoveryKey,
)
from tokendeck.core.frozen import dataclass, replace
from tokendeck.core.vault import Guard
from tokendeck.storage import recovery
from tokendeck.storage.passphrase import Cost, WrappedKey, unwrap, wrap
from tokendeck.storage.rebinding import rebind
from tokendeck.storage.sealing import FIRST, NOW, Seal, check_value, digest_of, new_key
from tokendeck.storage.threads import aside

if TYPE_CHECKING:
    import sqlite3

    from tokendeck.core.secret import Secret
    from tokendeck.storage.guards import KeyGuard
    from tokendeck.storage.locks import FileLocks
    from tokendeck.storage.store import Store

ENTRY = "vault"
"""The field that damage of the vault's entry as a whole is named by."""

COLUMNS = "id, guard, backend, check_value, salt, passes, lanes, memory_kib, nonce, wrapped"

UNTIL_THE_DEADLINE = timedelta(days=1)
"""How long to wait for another process that sets the vault up: whoever opens the vault sets a deadline."""


@dataclass(frozen=True, slots=True)
class Charter:
    """What the store records of its vault."""

    vault_id: str
    guard: Guard | None
    """None while the vault is being set up: no key is known to be kept, and nothing is sealed."""

    backend: str
    """The keyring that keeps the key; under a passphrase, the one from which an old entry is still to be removed."""

    check: bytes
    wrapped: WrappedKey | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A vault whose key is at hand."""

    seal: Seal
    vault_id: str
    guard: Guard
    backend: str
    is_bound: bool = True
    """Whether rows are bound as they are today; an earlier Tokendeck wrote the others."""


class KeyKeeper:
    """
    Finds the data key, or creates it so that a crash at any step leaves a vault that opens.

    The order of creation: a new vault id is committed; the key is kept under it and read back; guard, backend and check
    value are committed, if the id is still the same. An id takes one write ever. A write that was given up and happens
    late therefore replaces no key, and an entry found under an id that was never completed is good to use.
    """

    def __init__(self, store: Store, locks: FileLocks, guard: KeyGuard, cost: Cost) -> None:
        """Keep the record of the vault in `store`."""
        self._store = store
        self._locks = locks
        self._guard = guard
        self._cost = cost
        self._sets_up = False

    async def charter(self) -> Charter | None:
        """Give what is recorded of the vault; None before the first try to set it up."""
        return await self._store.read(_charter)

    async def find(self) -> Opened:
        """Give the key, created on first use. Raises a `VaultUnavailable`."""
        charter = await self.charter()
        self._sets_up = charter is None or charter.guard is None
        if charter is None or charter.guard is None:
            charter = await self._set_up()
        return await self._ask(charter)

    def silence(self, waited: timedelta) -> VaultUnavailable:
        """Say what it means that `find` has taken longer than `waited`."""
        trouble = self._guard.silence(waited)
        return VaultNotSetUp(trouble) if self._sets_up else trouble

    async def find_by_passphrase(self, passphrase: Secret) -> Opened:
        """Unwrap the key; set up a vault that is not. Raises `WrongPassphrase` or another `VaultUnavailable`."""
        charter = await self.charter()
        if charter is None or charter.guard is None:
            vault_id, key = str(uuid.uuid4()), new_key()
            wrapped = await self._wrap(key, vault_id, passphrase)
            charter = await self._complete(
                None, Charter(vault_id, Guard.PASSPHRASE, "", check_value(key, vault_id), wrapped)
            )
        if charter.wrapped is None:
            return await self._ask(charter)
        vault_id, wrapped = charter.vault_id, charter.wrapped
        key = await aside(lambda: unwrap(wrapped, vault_id, passphrase), name="tokendeck-passphrase")
        binding = _binding(charter, key)
        if binding is None:
            raise VaultDamaged("", ENTRY)
        return Opened(Seal(vault_id, key), vault_id, Guard.PASSPHRASE, "", binding == NOW)

    async def find_by_recovery_key(self, recovery_key: Secret) -> Opened:
        """Unwrap the key, whatever has become of its guard. Raises `WrongRecoveryKey` or another `VaultUnavailable`."""
        charter = await self.charter()
        wrapping = await self._store.read(recovery.read_wrapping)
        if charter is None or charter.guard is None or wrapping is None:
            raise WrongRecoveryKey("none")
        key = recovery.unwrap(wrapping, charter.vault_id, recovery_key)
        binding = _binding(charter, key)
        if binding is None:
            raise VaultDamaged("", ENTRY)
        return Opened(Seal(charter.vault_id, key), charter.vault_id, Guard.RECOVERY_KEY, "", binding == NOW)

    async def has_recovery_key(self) -> bool:
        """Tell whether there is one. Raises what the store raises."""
        return await self._store.read(recovery.is_kept)

    async def make_recovery_key(self, opened: Opened) -> Secret:
        """Make a recovery key for an open vault, durably; one made before opens nothing from then on."""
        recovery_key = recovery.new_recovery_key()
        wrapping = recovery.wrap(opened.seal.key, opened.vault_id, recovery_key)
        await self._store.change(lambda connection: recovery.keep_wrapping(connection, wrapping))
        return recovery_key

    async def guard_anew(self, opened: Opened) -> Opened:
        """
        Have the keyring keep the key of an open vault again; a passphrase that was chosen stays its guard.

        Raises `KeyringTrouble`.
        """
        charter, guard = await self.charter(), self._guard
        if charter is None or charter.guard is Guard.PASSPHRASE or guard.kind is not Guard.KEYRING:
            return opened
        await guard.keep(opened.vault_id, opened.seal.key)
        await self._store.change(lambda connection: _note_guard(connection, guard, opened.vault_id))
        return replace(opened, guard=guard.kind, backend=guard.backend)

    async def rewrap(self, opened: Opened, passphrase: Secret) -> Opened:
        """Wrap the key of an open vault by a passphrase, durably, in place of whatever guards it now."""
        vault_id = opened.vault_id
        wrapped = await self._wrap(opened.seal.key, vault_id, passphrase)
        await self._store.change(lambda connection: _rewrap(connection, wrapped))
        return Opened(opened.seal, vault_id, Guard.PASSPHRASE, "")

    async def bind_rows(self, opened: Opened) -> None:
        """See to it that rows are bound as they are today. Raises a `VaultUnavailable`."""
        if not opened.is_bound:
            await self._store.change(lambda connection: _rebind(connection, opened))

    async def remove_old_entry(self) -> None:
        """Remove from the keyring the key that a passphrase guards now. Raises a `VaultUnavailable`."""
        charter = await self.charter()
        if charter is None or charter.guard is not Guard.PASSPHRASE or not charter.backend:
            return
        if charter.backend == self._guard.backend:
            await self._guard.forget(charter.vault_id)
            await self._store.change(_note_removed)

    async def _ask(self, charter: Charter) -> Opened:
        """Get a completed vault's key from its guard."""
        guard = self._guard
        if charter.guard is Guard.PASSPHRASE:
            raise VaultLocked
        if charter.guard is not guard.kind:
            raise KeyLost(charter.backend)
        if charter.backend != guard.backend:
            raise KeyringChanged(charter.backend, guard.backend)
        key = await guard.read(charter.vault_id, lambda key: _binding(charter, key) is not None)
        if key is None:
            raise KeyLost(guard.backend)
        is_bound = _binding(charter, key) == NOW
        return Opened(Seal(charter.vault_id, key), charter.vault_id, guard.kind, guard.backend, is_bound)

    async def _set_up(self) -> Charter:
        """Create the key, or complete what a process before us began."""
        try:
            async with self._locks.hold_name("vault", UNTIL_THE_DEADLINE):
                charter = await self.charter()
                if charter is None or charter.guard is None:
                    charter = await self._create(charter)
                return charter
        except KeyringTrouble as error:
            raise VaultNotSetUp(error) from error

    async def _create(self, begun: Charter | None) -> Charter:
        guard = self._guard
        vault_id = begun.vault_id if begun else ""
        key: bytes | None = None
        if begun is not None:
            with suppress(KeyLost):  # an entry that is no key; it stays as it is, under an id that nobody will use
                key = await guard.read(vault_id, lambda _: True)
        if key is None:
            vault_id = str(uuid.uuid4())
            await self._store.change(lambda connection: _begin(connection, vault_id))
            key = await guard.create(vault_id)
        completed = Charter(vault_id, guard.kind, guard.backend, check_value(key, vault_id), None)
        return await self._complete(vault_id, completed)

    async def _complete(self, begun_id: str | None, charter: Charter) -> Charter:
        """Record a vault that was set up; give the one that another process recorded first instead, where one did."""

        def complete(connection: sqlite3.Connection) -> Charter:
            found = _charter(connection)
            if found is None or (found.guard is None and begun_id in {None, found.vault_id}):
                _write(connection, charter)
                return charter
            return found

        completed = await self._store.change(complete)
        if completed.guard is None:
            raise KeyringMute(self._guard.backend, "another process is setting the vault up")
        return completed

    async def _wrap(self, key: bytes, vault_id: str, passphrase: Secret) -> WrappedKey:
        return await aside(lambda: wrap(key, vault_id, passphrase, self._cost), name="tokendeck-passphrase")


def _binding(charter: Charter, key: bytes) -> int | None:
    """Give how the rows under this key are bound; None where it is another vault's."""
    for binding in (NOW, FIRST):
        if hmac.compare_digest(charter.check, check_value(key, charter.vault_id, binding)):
            return binding
    return None


def _charter(connection: sqlite3.Connection) -> Charter | None:
    row = connection.execute(f"SELECT digest, {COLUMNS} FROM vault").fetchone()  # noqa: S608 - constant text
    guard = None if row is None else row[2]
    if guard is None and connection.execute("SELECT 1 FROM sealed").fetchone():
        raise VaultDamaged("", ENTRY)  # it was erased, and another key must not be made in its place
    if row is None:
        return None
    digest, *columns = row
    if digest is not None and digest != digest_of(columns):
        raise VaultDamaged("", ENTRY)
    vault_id, guard, backend, check, salt, passes, lanes, memory_kib, nonce, wrapped = columns
    try:
        kind = None if guard is None else Guard(guard)
    except ValueError:
        raise VaultDamaged("", "guard") from None
    if kind is not Guard.PASSPHRASE:
        return Charter(vault_id, kind, backend, check or b"", None)
    if None in columns:
        raise VaultDamaged("", "passphrase")
    return Charter(vault_id, kind, backend, check, WrappedKey(salt, Cost(passes, lanes, memory_kib), nonce, wrapped))


def _begin(connection: sqlite3.Connection, vault_id: str) -> None:
    """Record the id under which a key is about to be kept, unless a vault was completed meanwhile."""
    connection.execute(
        "INSERT INTO vault (only, id) VALUES (1, ?) ON CONFLICT DO UPDATE SET id = excluded.id WHERE guard IS NULL",
        (vault_id,),
    )
    _note_digest(connection)


def _write(connection: sqlite3.Connection, charter: Charter) -> None:
    assert charter.guard is not None
    connection.execute(
        "INSERT OR REPLACE INTO vault (only, id, guard, backend, check_value) VALUES (1, ?, ?, ?, ?)",
        (charter.vault_id, charter.guard.value, charter.backend, charter.check),
    )
    if charter.wrapped is not None:
        _rewrap(connection, charter.wrapped)
    _note_digest(connection)


def _rewrap(connection: sqlite3.Connection, wrapped: WrappedKey) -> None:
    cost = wrapped.cost
    connection.execute(
        "UPDATE vault SET guard = ?, salt = ?, passes = ?, lanes = ?, memory_kib = ?, nonce = ?, wrapped = ?",
        (
            Guard.PASSPHRASE.value,
            *(wrapped.salt, cost.passes, cost.lanes, cost.memory_kib),
            *(wrapped.nonce, wrapped.wrapped),
        ),
    )
    _note_digest(connection)


def _note_guard(connection: sqlite3.Connection, guard: KeyGuard, vault_id: str) -> None:
    connection.execute(
        "UPDATE vault SET guard = ?, backend = ? WHERE id = ?", (guard.kind.value, guard.backend, vault_id)
    )
    _note_digest(connection)


def _note_removed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE vault SET backend = ''")
    _note_digest(connection)


def _rebind(connection: sqlite3.Connection, opened: Opened) -> None:
    """Bind every row anew, unless another process was first."""
    key, vault_id = opened.seal.key, opened.vault_id
    found = connection.execute(
        "UPDATE vault SET check_value = ? WHERE id = ? AND check_value = ?",
        (check_value(key, vault_id), vault_id, check_value(key, vault_id, FIRST)),
    )
    if found.rowcount:
        rebind(connection, opened.seal)
        _note_digest(connection)


def _note_digest(connection: sqlite3.Connection) -> None:
    """Keep what tells a damaged entry from a wrong passphrase. It is no seal: there is no key yet to seal it with."""
    columns = connection.execute(f"SELECT {COLUMNS} FROM vault").fetchone()  # noqa: S608 - constant text
    connection.execute("UPDATE vault SET digest = ?", (digest_of(columns),))
