"""A disk or a folder that does not let the store work."""

from __future__ import annotations

import os
import sqlite3
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.storage.cramped import cramped
from tests.storage.samples import make_connection, mode, start
from tokendeck.core.errors import StoreUnwritable
from tokendeck.core.vault import VaultOpen, VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.ledger import FileLedger
from tokendeck.storage.locks import FileLocks
from tokendeck.storage.storage import Storage, open_storage
from tokendeck.storage.store import Store

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_home_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    storage = open_storage(tmp_path / "file" / "home", guard=MemoryGuard())

    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.records()
    state = await storage.vault.open()
    await storage.close()

    assert caught.value.path.startswith(str(tmp_path / "file"))
    assert caught.value.detail == "Not a directory"
    assert isinstance(state, VaultShut)
    assert isinstance(state.why, StoreUnwritable)


async def test_a_store_serves_again_once_the_hindrance_is_gone(tmp_path: Path) -> None:
    hindrance = tmp_path / "home"
    hindrance.write_text("in the way")
    storage = await start(hindrance)
    before = storage.vault.state

    hindrance.unlink()
    after = await storage.vault.open()

    assert isinstance(before, VaultShut)
    assert isinstance(after, VaultOpen)
    await storage.close()


async def test_a_store_that_another_program_keeps_locked_is_a_clear_error(storage: Storage, store_home: Path) -> None:
    await storage._store.read(lambda connection: connection.execute("PRAGMA busy_timeout = 50"))
    blocker = sqlite3.connect(store_home / "store.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnwritable) as caught:
        await storage.vault.put(make_connection(), {})

    blocker.execute("ROLLBACK")
    blocker.close()
    await storage.vault.put(make_connection(), {})
    assert caught.value.detail == "database is locked"


async def test_a_store_that_another_process_hangs_opening_is_a_clear_error(store_home: Path) -> None:
    locks = FileLocks(store_home / "locks")
    store = Store(store_home, locks, patience=timedelta(0))
    ledger = FileLedger(store, locks)

    with pytest.raises(StoreUnwritable), locks.hold_blocking("store", timedelta(0)):
        await ledger.records()

    assert await ledger.records() == ()
    await ledger.close()


async def test_a_closed_store_says_so(storage: Storage) -> None:
    await storage.close()

    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.records()

    assert caught.value.detail == "closed"


@pytest.mark.promise(38)
async def test_a_full_disk_is_a_clear_error_and_loses_nothing(store_home: Path) -> None:
    out = cramped(
        store_home,
        """
await storage.vault.open()
first, second = make_connection("first"), make_connection("second")
await storage.vault.put(first, {"a": Secret("1")})
await storage.vault.save_tokens(first.id, make_tokens("old"))
limit = sum(file.stat().st_size for file in Path(sys.argv[1]).glob("store.db-wal"))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
save = lambda: storage.vault.save_tokens(first.id, make_tokens("n" * 65536))
put = lambda: storage.vault.put(second, {"a": Secret("x" * 90000)})
for attempt in (save, put):
    try:
        await attempt()
        print("saved")
    except StoreUnwritable as error:
        print(error.path, error.detail)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
kept = await storage.vault.tokens(first.id)
print(kept.access_token.reveal(), kept.facts.serial, len(await storage.ledger.records()))
print((await storage.vault.save_tokens(first.id, make_tokens("later"))).facts.serial)
""",
    )

    lines = out.splitlines()
    assert all(line.startswith(str(store_home)) for line in lines[:2]), out
    assert lines[2:] == ["old 1 1", "2"]


@pytest.mark.skipif(sys.platform == "win32", reason="the limit of a path's length is Linux's and macOS's")
@pytest.mark.promise(38)
async def test_a_damaged_store_that_cannot_be_renamed_stays_where_it_is(tmp_path: Path) -> None:
    # The one refusal to rename that root meets too: the new name is longer than a path may be, all others fit.
    longest = os.pathconf(tmp_path, "PC_PATH_MAX") - 1 - len("/store.db.damaged")
    deep = tmp_path
    while longest - len(str(deep)) > 200:
        deep /= "d" * 100
    deep /= "d" * (longest - len(str(deep)) - 1)
    deep.mkdir(parents=True)
    (deep / "store.db").write_bytes(b"no database")
    storage = open_storage(deep, guard=MemoryGuard())

    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.records()
    await storage.close()

    assert caught.value.detail == "File name too long"
    assert (deep / "store.db").read_bytes() == b"no database"


async def test_a_home_made_read_only_by_its_owner_is_not_made_writable(storage: Storage, store_home: Path) -> None:
    await storage.close()
    store_home.chmod(0o555)

    again = await start(store_home)

    found = mode(store_home)
    store_home.chmod(0o700)
    assert found == 0o500
    await again.close()
