"""Promise 3: whatever goes wrong while the data key is created, the vault opens afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.storage.keyrings_for_tests import DictKeyring, failing
from tests.storage.samples import make_connection, why, why_not_set_up
from tokendeck.core.errors import (
    KeyLost,
    KeyringMute,
    VaultLocked,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut, VaultState
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

OPEN = VaultOpen(Guard.KEYRING, "Secret Service")
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
SHORT = timedelta(seconds=0.2)


async def opened(home: Path, keyring: DictKeyring, deadline: timedelta = timedelta(seconds=10)) -> VaultState:
    storage = open_storage(home, guard=KeyringGuard(keyring), deadline=deadline)
    state = await storage.vault.open()
    await storage.close()
    return state


@pytest.mark.promise(3)
@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("call", ["set_password", "get_password"])
async def test_a_fault_at_any_call_leaves_a_vault_that_opens(store_home: Path, call: str, side: str) -> None:
    keyring = DictKeyring()
    setattr(keyring, side, failing(call, RuntimeError("scripted")))

    first = await opened(store_home, keyring)
    setattr(keyring, side, lambda _: None)
    second = await opened(store_home, keyring)
    third = await opened(store_home, keyring)

    assert isinstance(first, VaultShut)
    assert (second, third) == (OPEN, OPEN)


@pytest.mark.promise(3)
async def test_an_entry_whose_record_was_cut_off_is_adopted(store_home: Path) -> None:
    keyring = DictKeyring()
    keyring.after = failing("get_password", RuntimeError("scripted"))
    await opened(store_home, keyring)
    before = dict(keyring.entries)

    keyring.after = lambda _: None
    state = await opened(store_home, keyring)

    assert state == OPEN
    assert len(before) == 1
    assert keyring.entries == before


@pytest.mark.promise(3)
async def test_a_write_that_was_given_up_and_happens_late_replaces_no_key(store_home: Path) -> None:
    keyring, asked, release, written = DictKeyring(), threading.Event(), threading.Event(), threading.Event()

    def block_the_first(name: str) -> None:
        if name == "set_password" and not asked.is_set():
            asked.set()
            release.wait()

    keyring.before = block_the_first
    first = await opened(store_home, keyring, SHORT)
    second = await opened(store_home, keyring)
    keyring.after = lambda name: written.set() if name == "set_password" else None
    release.set()
    await asyncio.to_thread(written.wait)

    assert type(why_not_set_up(first)) is KeyringMute
    assert second == OPEN
    assert len(keyring.entries) == 2
    assert await opened(store_home, keyring) == OPEN


@pytest.mark.promise(3)
async def test_two_first_starts_at_once_agree_on_one_key(store_home: Path) -> None:
    keyring = DictKeyring()
    storages = [open_storage(store_home, guard=KeyringGuard(keyring)) for _ in range(2)]

    states = await asyncio.gather(*(storage.vault.open() for storage in storages))

    connection = make_connection()
    await storages[0].vault.put(connection, {"a": Secret("1")})
    assert states == [OPEN, OPEN]
    assert len(keyring.entries) == 1
    assert await storages[1].vault.secrets_to_edit(connection.id) == {"a": Secret("1")}
    for storage in storages:
        await storage.close()


async def test_a_keyring_that_forgets_what_it_is_told_sets_up_nothing(store_home: Path) -> None:
    keyring = DictKeyring()
    keyring.after = lambda name: keyring.entries.clear() if name == "set_password" else None

    state = await opened(store_home, keyring)

    assert type(why_not_set_up(state)) is KeyLost
    keyring.after = lambda _: None
    assert await opened(store_home, keyring) == OPEN


async def test_an_unusable_entry_under_an_uncompleted_id_is_left_and_another_id_taken(store_home: Path) -> None:
    keyring = DictKeyring()
    keyring.after = failing("set_password", RuntimeError("scripted"))
    await opened(store_home, keyring)
    [begun_id] = keyring.entries
    keyring.entries[begun_id] = "no key"

    keyring.after = lambda _: None
    state = await opened(store_home, keyring)

    assert state == OPEN
    assert keyring.entries.pop(begun_id) == "no key"
    assert len(keyring.entries) == 1


async def test_a_process_that_hangs_while_setting_up_keeps_another_waiting_for_the_deadline_only(
    store_home: Path,
) -> None:
    keyring = DictKeyring()
    first = open_storage(store_home, guard=KeyringGuard(keyring))
    second = open_storage(store_home, guard=KeyringGuard(keyring), deadline=SHORT)
    async with first.locks.hold_name("vault", SHORT):
        state = await second.vault.open()

    assert type(why_not_set_up(state)) is KeyringMute
    assert await second.vault.open() == OPEN
    for storage in (first, second):
        await storage.close()


async def test_a_passphrase_chosen_while_the_keyring_is_asked_wins(store_home: Path) -> None:
    keyring, asked, release = DictKeyring(), threading.Event(), threading.Event()

    def block(name: str) -> None:
        if name == "set_password":
            asked.set()
            release.wait()

    keyring.before = block
    first = open_storage(store_home, guard=KeyringGuard(keyring))
    second = open_storage(store_home, guard=MemoryGuard(), cost=CHEAP)
    opening = asyncio.ensure_future(first.vault.open())
    await asyncio.to_thread(asked.wait)

    chosen = await second.vault.open_with_passphrase(Secret("chosen"))
    release.set()
    state = await opening

    assert chosen == VaultOpen(Guard.PASSPHRASE, "")
    assert type(why(state)) is VaultLocked
    assert await first.vault.open_with_passphrase(Secret("chosen")) == chosen
    for storage in (first, second):
        await storage.close()


async def test_a_setup_that_another_process_began_anew_is_not_completed_under_the_old_id(store_home: Path) -> None:
    keyring = DictKeyring()

    def begin_anew(name: str) -> None:
        if name == "set_password":
            with closing(sqlite3.connect(store_home / "store.db")) as store, store:
                store.execute("UPDATE vault SET id = 'another', digest = NULL")

    keyring.after = begin_anew
    first = await opened(store_home, keyring)
    keyring.after = lambda _: None
    second = await opened(store_home, keyring)

    assert type(why_not_set_up(first)) is KeyringMute
    assert second == OPEN


async def test_who_waited_while_another_set_the_vault_up_takes_what_was_set_up(store_home: Path) -> None:
    keyring = DictKeyring()
    waiting = open_storage(store_home, guard=KeyringGuard(keyring))
    other = open_storage(store_home, guard=MemoryGuard(), cost=CHEAP)

    async with other.locks.hold_name("vault", SHORT):
        opening = asyncio.ensure_future(waiting.vault.open())
        await asyncio.sleep(0)
        await waiting.ledger.records()  # queued behind the look that finds no vault yet
        await other.vault.open_with_passphrase(Secret("chosen"))

    assert type(why(await opening)) is VaultLocked
    assert keyring.entries == {}
    for storage in (waiting, other):
        await storage.close()
