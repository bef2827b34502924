"""The recovery key: it opens what keyring or passphrase no longer open, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.storage.keyrings_for_tests import DictKeyring, NoKeyring, failing
from tests.storage.samples import make_connection, why
from tokendeck.core.errors import KeyLost, KeyringLocked, KeyringMissing, VaultDamaged, VaultLocked, WrongRecoveryKey
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.recovery import new_recovery_key, wrap
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokendeck.storage.keyrings import KeyringSource

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
BY_KEYRING = VaultOpen(Guard.KEYRING, "Secret Service")
BY_RECOVERY_KEY = VaultOpen(Guard.RECOVERY_KEY, "")
KEY = bytes(range(32))


class ForgetfulKeyring(DictKeyring):
    """Lets an entry be written over, as real ones do."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries.pop(username, None)
        super().set_password(service, username, password)


def storage_in(home: Path, keyring: KeyringSource, *, deadline: timedelta = timedelta(seconds=10)) -> Storage:
    return open_storage(home, guard=KeyringGuard(keyring), deadline=deadline, cost=CHEAP)


async def made(home: Path, keyring: KeyringSource) -> tuple[Secret, str]:
    """Set a vault up with one secret; give its recovery key and the connection's id."""
    storage = storage_in(home, keyring)
    assert await storage.vault.open() == BY_KEYRING
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})
    recovery_key = await storage.vault.make_recovery_key()
    await storage.close()
    return recovery_key, connection.id


def waiting_for(event: threading.Event) -> Callable[[str], None]:
    def wait(_: str) -> None:
        event.wait()

    return wait


async def secret_of(storage: Storage, connection_id: str) -> str:
    return (await storage.vault.credentials(connection_id)).secrets["a"].reveal()


@pytest.mark.promise(5)
async def test_neither_the_recovery_key_nor_the_data_key_is_in_the_store(store_home: Path) -> None:
    keyring = DictKeyring()
    recovery_key, _ = await made(store_home, keyring)
    plain = recovery_key.reveal()
    [entry] = keyring.entries.values()

    content = b"".join(path.read_bytes() for path in store_home.rglob("*") if path.is_file())

    for trace in (plain, plain.replace("-", ""), plain[:11], entry):
        assert trace.encode() not in content


@pytest.mark.promise(4)
@pytest.mark.parametrize("entry", [None, "no key", "A" * 43 + "="])
async def test_it_opens_a_vault_whose_entry_is_lost_and_the_keyring_guards_it_again(
    store_home: Path, entry: str | None
) -> None:
    keyring = ForgetfulKeyring()
    recovery_key, connection_id = await made(store_home, keyring)
    before = dict(keyring.entries)
    keyring.entries = {} if entry is None else dict.fromkeys(before, entry)
    storage = storage_in(store_home, keyring)
    lost = await storage.vault.open()

    state = await storage.vault.open_with_recovery_key(recovery_key)

    assert lost == VaultShut(why(lost), has_recovery_key=True)
    assert type(why(lost)) is KeyLost
    assert state == BY_KEYRING
    assert await secret_of(storage, connection_id) == "1"
    assert keyring.entries == before
    await storage.close()
    again = storage_in(store_home, keyring)
    assert await again.vault.open() == BY_KEYRING
    await again.close()


@pytest.mark.promise(4)
async def test_a_key_that_the_keyring_still_holds_is_not_written_again(store_home: Path) -> None:
    keyring, calls = DictKeyring(), list[str]()
    recovery_key, _ = await made(store_home, keyring)
    keyring.before = calls.append
    storage = storage_in(store_home, keyring)

    assert await storage.vault.open_with_recovery_key(recovery_key) == BY_KEYRING
    assert calls == ["get_password"]
    await storage.close()


async def test_a_vault_from_another_kind_of_keyring_is_guarded_by_the_one_that_is_here(store_home: Path) -> None:
    recovery_key, connection_id = await made(store_home, DictKeyring())
    here = DictKeyring("Keychain")
    storage = storage_in(store_home, here)

    state = await storage.vault.open_with_recovery_key(recovery_key)

    assert state == VaultOpen(Guard.KEYRING, "Keychain")
    assert len(here.entries) == 1
    assert await secret_of(storage, connection_id) == "1"
    await storage.close()
    again = storage_in(store_home, here)
    assert await again.vault.open() == state
    await again.close()


@pytest.mark.parametrize("trouble", [KeyringMissing, KeyringLocked])
async def test_where_the_keyring_refuses_it_opens_the_vault_all_the_same_and_again(
    store_home: Path, trouble: type[KeyringMissing | KeyringLocked]
) -> None:
    keyring = DictKeyring()
    recovery_key, connection_id = await made(store_home, keyring)
    entries = dict(keyring.entries)
    keyring.before = failing("get_password", trouble("Secret Service"))

    for _ in range(2):
        storage = storage_in(store_home, keyring)
        assert await storage.vault.open_with_recovery_key(recovery_key) == BY_RECOVERY_KEY
        assert await secret_of(storage, connection_id) == "1"
        assert await storage.vault.open() == BY_RECOVERY_KEY
        await storage.close()

    assert keyring.entries == entries


@pytest.mark.promise(35)
async def test_a_mute_keyring_keeps_the_recovery_key_waiting_for_the_deadline_only(store_home: Path) -> None:
    keyring, release = DictKeyring(), threading.Event()
    recovery_key, connection_id = await made(store_home, keyring)
    keyring.before = waiting_for(release)
    storage = storage_in(store_home, keyring, deadline=timedelta(seconds=0.2))

    state = await storage.vault.open_with_recovery_key(recovery_key)
    release.set()

    assert state == BY_RECOVERY_KEY
    assert await secret_of(storage, connection_id) == "1"
    await storage.close()


async def test_a_keyring_that_does_not_keep_what_it_is_told_guards_nothing(store_home: Path) -> None:
    keyring = DictKeyring()
    recovery_key, _ = await made(store_home, keyring)
    keyring.entries.clear()
    keyring.after = lambda name: keyring.entries.clear() if name == "set_password" else None
    storage = storage_in(store_home, keyring)

    assert await storage.vault.open_with_recovery_key(recovery_key) == BY_RECOVERY_KEY
    await storage.close()


async def test_it_opens_a_vault_whose_passphrase_is_forgotten_and_a_new_one_guards_it(store_home: Path) -> None:
    storage = storage_in(store_home, NoKeyring())
    await storage.vault.open_with_passphrase(Secret("forgotten"))
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})
    recovery_key = await storage.vault.make_recovery_key()
    await storage.close()
    keyring = DictKeyring()
    storage = storage_in(store_home, keyring)
    locked = await storage.vault.open()

    state = await storage.vault.open_with_recovery_key(recovery_key)
    await storage.vault.protect_with_passphrase(Secret("remembered"))
    await storage.close()

    assert locked == VaultShut(why(locked), has_recovery_key=True)
    assert type(why(locked)) is VaultLocked
    assert state == BY_RECOVERY_KEY
    assert keyring.entries == {}
    again = storage_in(store_home, keyring)
    assert await again.vault.open_with_passphrase(Secret("remembered")) == VaultOpen(Guard.PASSPHRASE, "")
    assert await secret_of(again, connection.id) == "1"
    await again.close()


async def test_it_stays_good_when_a_passphrase_takes_the_keyrings_place(store_home: Path) -> None:
    keyring = DictKeyring()
    recovery_key, connection_id = await made(store_home, keyring)
    storage = storage_in(store_home, keyring)
    await storage.vault.open()
    await storage.vault.protect_with_passphrase(Secret("correct horse"))
    await storage.close()
    storage = storage_in(store_home, keyring)

    state = await storage.vault.open_with_recovery_key(recovery_key)

    assert state == BY_RECOVERY_KEY
    assert await secret_of(storage, connection_id) == "1"
    assert keyring.entries == {}
    await storage.close()


async def test_a_new_one_takes_the_place_of_the_one_before(store_home: Path) -> None:
    keyring = DictKeyring()
    first, _ = await made(store_home, keyring)
    storage = storage_in(store_home, keyring)
    await storage.vault.open()
    second = await storage.vault.make_recovery_key()
    storage.vault.lock()

    with pytest.raises(WrongRecoveryKey) as caught:
        await storage.vault.open_with_recovery_key(first)

    assert caught.value.what == "another"
    assert await storage.vault.open_with_recovery_key(second) == BY_KEYRING
    await storage.close()


@pytest.mark.promise(4)
async def test_after_a_wrong_one_the_vault_stands_as_it_stood(store_home: Path) -> None:
    keyring = DictKeyring()
    recovery_key, _ = await made(store_home, keyring)
    keyring.entries.clear()
    storage = storage_in(store_home, keyring)
    lost = await storage.vault.open()

    for wrong in (new_recovery_key(), Secret("mistyped")):
        with pytest.raises(WrongRecoveryKey):
            await storage.vault.open_with_recovery_key(wrong)
        assert storage.vault.state == lost

    assert keyring.entries == {}
    assert await storage.vault.open_with_recovery_key(recovery_key) == BY_KEYRING
    await storage.close()


async def test_where_none_was_made_that_is_said(store_home: Path) -> None:
    storage = storage_in(store_home, DictKeyring())

    with pytest.raises(WrongRecoveryKey) as new:
        await storage.vault.open_with_recovery_key(new_recovery_key())
    await storage.vault.open()
    had_one = await storage.vault.has_recovery_key()
    storage.vault.lock()
    with pytest.raises(WrongRecoveryKey) as without:
        await storage.vault.open_with_recovery_key(new_recovery_key())

    assert (new.value.what, without.value.what, had_one) == ("none", "none", False)
    await storage.close()


async def test_an_open_vault_needs_none_and_a_shut_one_gives_none(store_home: Path) -> None:
    keyring = DictKeyring()
    storage = storage_in(store_home, keyring)
    await storage.vault.open()

    assert await storage.vault.open_with_recovery_key(Secret("anything")) == BY_KEYRING
    storage.vault.lock()
    with pytest.raises(VaultLocked):
        await storage.vault.make_recovery_key()
    assert not await storage.vault.has_recovery_key()
    await storage.close()


async def test_a_key_from_memory_is_left_to_its_owner(store_home: Path) -> None:
    storage = open_storage(store_home, guard=MemoryGuard(KEY))
    await storage.vault.open()
    recovery_key = await storage.vault.make_recovery_key()
    storage.vault.lock()

    assert await storage.vault.open_with_recovery_key(recovery_key) == BY_RECOVERY_KEY
    await storage.close()


async def test_locking_while_the_keyring_is_told_leaves_the_vault_locked(store_home: Path) -> None:
    keyring, asked, release = DictKeyring(), threading.Event(), threading.Event()
    recovery_key, _ = await made(store_home, keyring)

    def block(_: str) -> None:
        asked.set()
        release.wait()

    keyring.before = block
    storage = storage_in(store_home, keyring)
    opening = asyncio.ensure_future(storage.vault.open_with_recovery_key(recovery_key))
    await asyncio.to_thread(asked.wait)

    storage.vault.lock()
    release.set()
    state = await opening

    assert type(why(state)) is VaultLocked
    assert storage.vault.state == state
    await storage.close()


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE recovery SET digest = NULL, wrapped = zeroblob(48)",
        "UPDATE recovery SET digest = NULL, nonce = zeroblob(12)",
        "UPDATE recovery SET digest = NULL, nonce = x'00'",
    ],
)
async def test_a_wrapping_that_a_forger_made_opens_nothing(store_home: Path, change: str) -> None:
    keyring = DictKeyring()
    recovery_key, _ = await made(store_home, keyring)
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.execute(change)
    storage = storage_in(store_home, keyring)

    with pytest.raises(WrongRecoveryKey):
        await storage.vault.open_with_recovery_key(recovery_key)

    assert await storage.vault.open() == BY_KEYRING
    await storage.close()


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    "put",
    ["UPDATE recovery SET nonce = ?, wrapped = ?", "UPDATE recovery SET nonce = ?, wrapped = ?, digest = NULL"],
    ids=["the digest tells", "the key tells"],
)
async def test_a_wrapping_of_another_key_is_damage(store_home: Path, put: str) -> None:
    keyring = DictKeyring()
    recovery_key, _ = await made(store_home, keyring)
    [vault_id] = keyring.entries
    wrapping = wrap(KEY, vault_id, recovery_key)
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.execute(put, (wrapping.nonce, wrapping.wrapped))
    storage = storage_in(store_home, keyring)

    state = await storage.vault.open_with_recovery_key(recovery_key)

    assert type(why(state)) is VaultDamaged
    await storage.close()
