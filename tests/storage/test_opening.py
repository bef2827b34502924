"""Asking a guard for the key: once for everybody who waits, and only for the key that it is."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.keyrings_for_tests import DictKeyring, failing
from tests.storage.samples import why
from tokendeck.core.errors import (
    KeyLost,
    KeyringChanged,
    KeyringMissing,
    KeyringMute,
    VaultLocked,
)
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
OPEN = VaultOpen(Guard.KEYRING, "Secret Service")
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
SHORT = timedelta(seconds=0.2)


async def opened(home: Path, keyring: DictKeyring, deadline: timedelta = timedelta(seconds=10)) -> VaultState:
    storage = open_storage(home, guard=KeyringGuard(keyring), deadline=deadline)
    state = await storage.vault.open()
    await storage.close()
    return state


async def test_overlapping_openings_share_one_attempt(store_home: Path) -> None:
    keyring, calls = DictKeyring(), list[str]()
    await opened(store_home, keyring)
    keyring.before = calls.append
    storage = open_storage(store_home, guard=KeyringGuard(keyring))

    states = await asyncio.gather(*(storage.vault.open() for _ in range(10)))

    assert states == [OPEN] * 10
    assert calls == ["get_password"]
    await storage.close()


async def test_cancelling_one_who_waits_for_the_opening_cancels_nothing(store_home: Path) -> None:
    storage = open_storage(store_home, guard=KeyringGuard(DictKeyring()))
    first = asyncio.ensure_future(storage.vault.open())
    second = asyncio.ensure_future(storage.vault.open())
    await asyncio.sleep(0)

    first.cancel()

    assert await second == OPEN
    assert first.cancelled()
    await storage.close()


async def test_locking_while_the_vault_opens_leaves_it_locked(store_home: Path) -> None:
    storage = open_storage(store_home, guard=KeyringGuard(DictKeyring()))
    opening = asyncio.ensure_future(storage.vault.open())
    await asyncio.sleep(0)
    during = storage.vault.state
    with pytest.raises(VaultLocked):
        await storage.vault.secrets_to_edit("any")

    storage.vault.lock()
    after = await opening
    again = await storage.vault.open()

    assert during == VaultOpening()
    assert type(why(after)) is VaultLocked
    assert again == OPEN
    await storage.close()


async def test_closing_while_the_vault_opens_ends_the_attempt(store_home: Path) -> None:
    keyring, asked, release = DictKeyring(), threading.Event(), threading.Event()

    def block(_: str) -> None:
        asked.set()
        release.wait()

    keyring.before = block
    storage = open_storage(store_home, guard=KeyringGuard(keyring))
    opening = asyncio.ensure_future(storage.vault.open())
    await asyncio.to_thread(asked.wait)

    await storage.close()
    release.set()

    with pytest.raises(asyncio.CancelledError):
        await opening


def waiting_for(event: threading.Event) -> Callable[[str], None]:
    def wait(_: str) -> None:
        event.wait()

    return wait


async def test_asking_what_would_keep_a_guard_from_serving_writes_nothing(store_home: Path) -> None:
    keyring, calls, release = DictKeyring(), list[str](), threading.Event()
    keyring.before = calls.append
    storage = open_storage(store_home, guard=KeyringGuard(keyring), deadline=SHORT)

    sound = await storage.hindrance()
    keyring.before = failing("get_password", RuntimeError("scripted"))
    failed = await storage.hindrance()
    keyring.before = waiting_for(release)
    mute = await storage.hindrance()
    release.set()

    assert (sound, type(failed), type(mute)) == (None, KeyringMissing, KeyringMute)
    assert calls == ["get_password"]
    assert not store_home.exists()
    await storage.close()


async def created(home: Path, keyring: DictKeyring) -> None:
    assert await opened(home, keyring) == OPEN


@pytest.mark.promise(4)
async def test_a_missing_entry_is_a_lost_key_and_nothing_is_written(store_home: Path) -> None:
    keyring = DictKeyring()
    await created(store_home, keyring)
    keyring.entries.clear()

    state = await opened(store_home, keyring)

    assert type(why(state)) is KeyLost
    assert keyring.entries == {}


@pytest.mark.promise(4)
@pytest.mark.parametrize("entry", ["", "not base64 !", "AAAA", "A" * 43 + "=", "é"])
async def test_an_entry_that_is_not_this_vaults_key_is_a_lost_key_and_stays(store_home: Path, entry: str) -> None:
    keyring = DictKeyring()
    await created(store_home, keyring)
    [vault_id] = keyring.entries
    keyring.entries[vault_id] = entry

    state = await opened(store_home, keyring)

    assert type(why(state)) is KeyLost
    assert keyring.entries == {vault_id: entry}


@pytest.mark.promise(4)
async def test_another_backend_than_the_recorded_one_is_named(store_home: Path) -> None:
    await created(store_home, DictKeyring())
    other = DictKeyring("Keychain")

    trouble = why(await opened(store_home, other))

    assert isinstance(trouble, KeyringChanged)
    assert (trouble.expected, trouble.found) == ("Secret Service", "Keychain")
    assert other.entries == {}


async def test_a_keyring_vault_does_not_open_by_a_key_from_memory(store_home: Path) -> None:
    await created(store_home, DictKeyring())
    storage = open_storage(store_home, guard=MemoryGuard())

    state = await storage.vault.open()

    assert type(why(state)) is KeyLost
    await storage.close()


async def test_another_key_from_memory_is_a_lost_key(store_home: Path) -> None:
    for guard, expected in ((MemoryGuard(bytes(32)), VaultOpen), (MemoryGuard(), VaultShut)):
        storage = open_storage(store_home, guard=guard)

        state = await storage.vault.open()

        assert isinstance(state, expected)
        await storage.close()


async def test_memory_too_is_given_until_the_deadline(store_home: Path) -> None:
    storage = open_storage(store_home, guard=MemoryGuard(), deadline=timedelta(0))

    state = await storage.vault.open()

    assert type(why(state)) is KeyringMute
    await storage.close()
