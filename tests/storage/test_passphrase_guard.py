"""The data key wrapped by a passphrase, chosen where there is no keyring or instead of one."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from tests.storage.keyrings_for_tests import DictKeyring, NoKeyring, failing
from tests.storage.ledger_contract import LedgerContract
from tests.storage.samples import Unlock, make_connection
from tests.storage.vault_contract import VaultContract
from tokendeck.core.errors import VaultLocked, VaultNotSetUp, WrongPassphrase
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.storage.guards import KeyGuard, MemoryGuard
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tokendeck.engine.ports import Ledger, Vault

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
PASSPHRASE = Secret("correct horse é")
BY_PASSPHRASE = VaultOpen(Guard.PASSPHRASE, "")


@pytest.fixture
async def storage(store_home: Path) -> AsyncIterator[Storage]:
    storage = open_storage(store_home, guard=KeyringGuard(NoKeyring()), cost=CHEAP)
    await storage.vault.open_with_passphrase(PASSPHRASE)
    yield storage
    await storage.close()


class _UnderPassphraseGuard:
    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def vault(self, storage: Storage) -> Vault:
        return storage.vault

    @pytest.fixture
    def unlock(self, storage: Storage) -> Unlock:
        return lambda: storage.vault.open_with_passphrase(PASSPHRASE)


class TestLedgerUnderPassphraseGuard(_UnderPassphraseGuard, LedgerContract):
    pass


class TestVaultUnderPassphraseGuard(_UnderPassphraseGuard, VaultContract):
    pass


async def start(home: Path, passphrase: Secret | None = None, guard: KeyGuard | None = None) -> Storage:
    """Give a storage as a new process would have it, opened by the passphrase or by its guard."""
    storage = open_storage(home, guard=guard or KeyringGuard(NoKeyring()), cost=CHEAP)
    if passphrase is None:
        await storage.vault.open()
    else:
        await storage.vault.open_with_passphrase(passphrase)
    return storage


async def test_without_a_keyring_nothing_is_set_up_until_a_passphrase_is_chosen(store_home: Path) -> None:
    storage = await start(store_home)

    before = storage.vault.state
    after = await storage.vault.open_with_passphrase(PASSPHRASE)

    assert isinstance(before, VaultShut)
    assert isinstance(before.why, VaultNotSetUp)
    assert after == BY_PASSPHRASE
    await storage.close()


async def test_a_passphrase_vault_is_locked_until_the_passphrase_comes(storage: Storage, store_home: Path) -> None:
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})

    second = await start(store_home)
    locked = second.vault.state
    opened = await second.vault.open_with_passphrase(PASSPHRASE)

    assert isinstance(locked, VaultShut)
    assert isinstance(locked.why, VaultLocked)
    assert opened == BY_PASSPHRASE
    assert await second.vault.secrets_to_edit(connection.id) == {"a": Secret("1")}
    await second.close()


async def test_a_wrong_passphrase_is_refused_and_the_vault_stays_shut(storage: Storage, store_home: Path) -> None:
    await storage.close()
    second = await start(store_home)

    with pytest.raises(WrongPassphrase):
        await second.vault.open_with_passphrase(Secret("incorrect"))
    state = second.vault.state
    again = await second.vault.open_with_passphrase(PASSPHRASE)

    assert isinstance(state, VaultShut)
    assert isinstance(state.why, VaultLocked)
    assert again == BY_PASSPHRASE
    await second.close()


async def test_opening_beside_a_wrong_passphrase_raises_nothing(storage: Storage, store_home: Path) -> None:
    await storage.close()
    second = open_storage(store_home, guard=KeyringGuard(NoKeyring()), cost=CHEAP)

    wrong, state = await asyncio.gather(
        second.vault.open_with_passphrase(Secret("incorrect")), second.vault.open(), return_exceptions=True
    )

    assert isinstance(wrong, WrongPassphrase)
    assert isinstance(state, VaultShut)
    await second.close()


async def test_one_passphrase_in_two_compositions_is_the_same_passphrase(storage: Storage, store_home: Path) -> None:
    await storage.close()

    second = await start(store_home, Secret("correct horse e\u0301"))

    assert second.vault.state == BY_PASSPHRASE
    await second.close()


async def test_neither_key_nor_passphrase_is_in_the_store(storage: Storage, store_home: Path) -> None:
    opened = storage.vault._opened
    assert opened is not None

    content = b"".join(path.read_bytes() for path in files_in(store_home))

    assert opened.seal.key not in content
    assert PASSPHRASE.reveal().encode() not in content


async def test_an_open_vault_takes_no_second_passphrase(storage: Storage) -> None:
    assert await storage.vault.open_with_passphrase(Secret("anything")) == BY_PASSPHRASE


@pytest.mark.promise(3)
async def test_a_keyring_vault_moves_to_a_passphrase_and_its_entry_goes(store_home: Path) -> None:
    keyring = DictKeyring()
    storage = await start(store_home, guard=KeyringGuard(keyring))
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})

    await storage.vault.protect_with_passphrase(PASSPHRASE)

    assert storage.vault.state == BY_PASSPHRASE
    assert keyring.entries == {}
    await storage.close()
    second = await start(store_home, PASSPHRASE)
    assert await second.vault.secrets_to_edit(connection.id) == {"a": Secret("1")}
    await second.close()


async def test_an_entry_that_could_not_be_removed_is_removed_at_a_later_opening(store_home: Path) -> None:
    keyring = DictKeyring()
    storage = await start(store_home, guard=KeyringGuard(keyring))
    keyring.before = failing("delete_password", RuntimeError("scripted"))
    await storage.vault.protect_with_passphrase(PASSPHRASE)
    left = dict(keyring.entries)
    await storage.close()

    removed = threading.Event()
    keyring.before, keyring.after = (lambda _: None), lambda name: removed.set() if name == "delete_password" else None
    second = await start(store_home, PASSPHRASE, KeyringGuard(keyring))
    await asyncio.to_thread(removed.wait)

    assert len(left) == 1
    assert keyring.entries == {}
    assert second.vault.state == BY_PASSPHRASE
    await second.close()


async def test_locking_while_the_passphrase_is_changed_leaves_the_vault_locked(storage: Storage) -> None:
    changing = asyncio.ensure_future(storage.vault.protect_with_passphrase(Secret("new")))
    await asyncio.sleep(0)
    storage.vault.lock()
    await changing

    assert isinstance(storage.vault.state, VaultShut)
    with pytest.raises(WrongPassphrase):
        await storage.vault.open_with_passphrase(PASSPHRASE)
    assert await storage.vault.open_with_passphrase(Secret("new")) == BY_PASSPHRASE


async def test_a_passphrase_for_a_keyring_vault_opens_it_by_its_keyring(store_home: Path) -> None:
    keyring = DictKeyring()
    first = await start(store_home, guard=KeyringGuard(keyring))
    await first.close()

    second = await start(store_home, PASSPHRASE, KeyringGuard(keyring))

    assert second.vault.state == VaultOpen(Guard.KEYRING, "Secret Service")
    await second.close()


async def test_two_first_starts_with_different_passphrases_agree_on_one(store_home: Path) -> None:
    storages = [open_storage(store_home, guard=MemoryGuard(), cost=CHEAP) for _ in range(2)]
    passphrases = [Secret("one"), Secret("two")]

    outcomes = await asyncio.gather(
        *(s.vault.open_with_passphrase(p) for s, p in zip(storages, passphrases, strict=True)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["VaultOpen", "WrongPassphrase"]
    for storage in storages:
        await storage.close()


async def test_an_entry_left_in_a_keyring_that_is_not_here_is_left(store_home: Path) -> None:
    there, here = DictKeyring("Keychain"), DictKeyring("Secret Service")
    storage = await start(store_home, guard=KeyringGuard(there))
    there.before = failing("delete_password", RuntimeError("scripted"))
    await storage.vault.protect_with_passphrase(PASSPHRASE)
    await storage.close()

    second = await start(store_home, PASSPHRASE, KeyringGuard(here))
    await asyncio.gather(*second.vault._tasks)

    assert second.vault.state == BY_PASSPHRASE
    assert (await second.facts()).backend == "Keychain"
    await second.close()


async def test_an_entry_that_is_gone_already_counts_as_removed(store_home: Path) -> None:
    keyring = DictKeyring()
    storage = await start(store_home, guard=KeyringGuard(keyring))
    keyring.entries.clear()

    await storage.vault.protect_with_passphrase(PASSPHRASE)

    assert (await storage.facts()).backend == ""
    await storage.close()


async def test_the_default_cost_is_64_mib() -> None:
    assert Cost().memory_kib == 64 * 1024


def files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
