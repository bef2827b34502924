"""A store that is set aside because its key is lost: kept whole, under a name of its own, and good to go back to."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import KEY, make_connection, make_tokens, mode, start, why
from tokendeck.core.errors import KeyLost, StoreTooNew
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.schema import VERSION
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection


async def without_key(home: Path) -> Storage:
    """Give a storage whose guard holds another key."""
    storage = open_storage(home, guard=MemoryGuard())
    assert type(why(await storage.vault.open())) is KeyLost
    return storage


async def put(storage: Storage, secret: str) -> Connection:
    connection = make_connection(secret)
    await storage.vault.put(connection, {"a": Secret(secret)})
    return connection


async def read(home: Path, connection: Connection) -> str:
    storage = await start(home)
    secrets = (await storage.vault.credentials(connection.id)).secrets
    await storage.close()
    return secrets["a"].reveal()


@pytest.mark.promise(38)
async def test_a_store_that_was_set_aside_is_gone_back_to_by_its_name(storage: Storage, store_home: Path) -> None:
    old = await put(storage, "old")
    await storage.close()
    lost = await without_key(store_home)

    kept_as = Path(await lost.vault.set_aside())
    assert isinstance(await lost.vault.open(), VaultOpen)
    new = await put(lost, "new")
    names = [one.connection.id for one in await lost.ledger.records()]
    await lost.close()

    assert names == [new.id]
    assert kept_as.parent == store_home
    assert kept_as.name.startswith("store.db.kept-2")
    assert mode(kept_as) == 0o600
    kept_as.rename(store_home / "store.db")
    assert await read(store_home, old) == "old"


@pytest.mark.promise(38)
async def test_a_process_that_has_the_old_store_open_goes_on_with_it_and_harms_no_new_one(
    storage: Storage, store_home: Path
) -> None:
    old = await put(storage, "old")
    lost = await without_key(store_home)

    kept_as = Path(await lost.vault.set_aside())
    await lost.vault.open()
    new = await put(lost, "new")
    saved = await storage.vault.save_tokens(old.id, make_tokens())
    await storage.close()

    assert (await lost.vault.credentials(new.id)).secrets == {"a": Secret("new")}
    await lost.close()
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        assert store.execute("SELECT name FROM connections").fetchall() == [("new",)]
    for suffix in ("", "-wal", "-shm"):
        Path(f"{kept_as}{suffix}").rename(store_home / f"store.db{suffix}")
    back = await start(store_home)
    assert await back.vault.tokens(old.id) == saved
    await back.close()


@pytest.mark.promise(38)
async def test_what_was_saved_is_in_the_file_alone_even_while_another_process_has_it_open(
    storage: Storage, store_home: Path
) -> None:
    old = await put(storage, "old")
    lost = await without_key(store_home)

    kept_as = Path(await lost.vault.set_aside())
    (store_home / "elsewhere").mkdir()
    shutil.copy(kept_as, store_home / "elsewhere" / "store.db")

    assert await read(store_home / "elsewhere", old) == "old"
    for one in (storage, lost):
        await one.close()


@pytest.mark.promise(38)
async def test_two_that_set_the_same_store_aside_keep_it_once(storage: Storage, store_home: Path) -> None:
    await put(storage, "old")
    await storage.close()
    both = [await without_key(store_home) for _ in range(2)]

    kept_as = await asyncio.gather(*(one.vault.set_aside() for one in both))
    states = [await one.vault.open() for one in both]

    assert kept_as[0] == kept_as[1]
    assert [path.name for path in store_home.glob("store.db.kept-*Z")] == [Path(kept_as[0]).name]
    assert isinstance(states[0], VaultOpen)
    assert type(why(states[1])) is KeyLost
    for one in both:
        await one.close()


async def test_a_store_from_a_newer_version_is_not_set_aside(store_home: Path) -> None:
    await (await start(store_home)).close()
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.execute(f"PRAGMA user_version = {VERSION + 1}")
    storage = open_storage(store_home, guard=MemoryGuard(KEY))

    with pytest.raises(StoreTooNew):
        await storage.vault.set_aside()

    assert (store_home / "store.db").exists()
    await storage.close()
