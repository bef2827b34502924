"""The data key in a real Secret Service, and what happens where there is none that answers."""

from __future__ import annotations

import base64
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import secretstorage

from tests.storage.contract import LedgerContract, Unlock, VaultContract, make_connection
from tokendeck.core.errors import (
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    VaultNotSetUp,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut, VaultState
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.secret_service import SecretService
    from tokendeck.engine.ports import Ledger, Vault

SHORT = timedelta(seconds=0.3)


def entries() -> dict[str, str]:
    """Give every entry of the keyring that names our service: user name to text."""
    with closing(secretstorage.dbus_init()) as bus:
        items = secretstorage.get_default_collection(bus).search_items({"service": "Tokendeck"})
        return {item.get_attributes()["username"]: item.get_secret().decode() for item in items}


def why(state: VaultState) -> Exception:
    assert isinstance(state, VaultShut), state
    return state.why


async def reopened(home: Path, deadline: timedelta = timedelta(seconds=10)) -> VaultState:
    storage = open_storage(home, guard=KeyringGuard(), deadline=deadline)
    state = await storage.vault.open()
    await storage.close()
    return state


@pytest.fixture
def store_home(home: Path) -> Path:
    return home / "tokendeck"


@pytest.fixture
async def storage(secret_service: SecretService, store_home: Path) -> AsyncIterator[Storage]:
    del secret_service  # on the bus that the environment names
    storage = open_storage(store_home, guard=KeyringGuard())
    await storage.vault.open()
    yield storage
    await storage.close()


class _UnderKeyringGuard:
    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def vault(self, storage: Storage) -> Vault:
        return storage.vault

    @pytest.fixture
    def unlock(self, storage: Storage) -> Unlock:
        return storage.vault.open


class TestLedgerUnderSecretService(_UnderKeyringGuard, LedgerContract):
    pass


class TestVaultUnderSecretService(_UnderKeyringGuard, VaultContract):
    pass


async def test_the_keyring_holds_one_short_entry_and_the_store_no_key(storage: Storage, store_home: Path) -> None:
    await storage.vault.put(make_connection(), {"clientSecret": Secret("a" * 5000)})

    found = entries()

    assert storage.vault.state == VaultOpen(Guard.KEYRING, "Secret Service")
    [text] = found.values()
    key = base64.urlsafe_b64decode(text)
    assert len(key) == 32
    for file in store_home.rglob("*"):
        if file.is_file():
            assert key not in file.read_bytes()
            assert text.encode() not in file.read_bytes()


@pytest.mark.usefixtures("storage")
async def test_a_second_start_reads_the_same_key(store_home: Path) -> None:
    before = entries()

    state = await reopened(store_home)

    assert isinstance(state, VaultOpen)
    assert entries() == before


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_locked_keyring_is_shown_as_locked_and_nothing_changes(
    secret_service: SecretService, store_home: Path
) -> None:
    before = entries()
    secret_service.lock()

    state = await reopened(store_home)

    assert type(why(state)) is KeyringLocked
    secret_service.unlock()
    assert entries() == before
    assert isinstance(await reopened(store_home), VaultOpen)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_mute_keyring_is_shown_as_mute_within_the_deadline(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.go_mute()

    state = await reopened(store_home, SHORT)

    assert type(why(state)) is KeyringMute
    secret_service.speak()
    assert isinstance(await reopened(store_home), VaultOpen)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_vanished_service_is_shown_as_missing_not_as_never_set_up(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.vanish()

    state = await reopened(store_home)

    assert type(why(state)) is KeyringMissing
    secret_service.unlock()
    assert isinstance(await reopened(store_home), VaultOpen)


async def test_first_start_with_a_locked_keyring_waits_for_it(secret_service: SecretService, store_home: Path) -> None:
    secret_service.lock()

    first = await reopened(store_home)
    secret_service.unlock()
    second = await reopened(store_home)

    assert type(why(first)) is KeyringLocked
    assert isinstance(second, VaultOpen)
    assert len(entries()) == 1


async def test_first_start_with_a_mute_keyring_leaves_a_vault_that_opens_later(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.go_mute()

    first = await reopened(store_home, SHORT)
    secret_service.speak()
    second = await reopened(store_home)

    assert type(why(first)) is KeyringMute
    assert isinstance(second, VaultOpen)


async def test_first_start_without_a_session_bus_asks_for_a_choice(store_home: Path) -> None:
    state = await reopened(store_home)

    assert type(why(state)) is VaultNotSetUp


async def test_first_start_on_a_bus_without_a_service_asks_for_a_choice(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.vanish()

    state = await reopened(store_home)

    assert type(why(state)) is VaultNotSetUp
