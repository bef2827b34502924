"""A home that takes no changes: what is there is listed and read, and whatever would change it says why it cannot."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.storage.cramped import cramped
from tests.storage.earlier import write_earlier_store
from tests.storage.samples import KEY, filled, make_connection, make_tokens, start
from tokendeck.core.errors import Hindrance, StoreTooNew, StoreUnwritable, VaultDamaged
from tokendeck.core.vault import VaultOpen
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.schema import VERSION
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.promise(38),
    pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's"),
]


@pytest.fixture
def shut(store_home: Path) -> Iterator[Path]:
    """Give a home in which the test puts a store, and which it then shuts."""
    yield store_home
    for folder in (store_home, *store_home.glob("locks")):
        folder.chmod(0o700)


def shut_for_writing(home: Path) -> None:
    for file in home.glob("store.db*"):
        file.chmod(0o400)
    for folder in (*home.glob("locks"), home):
        folder.chmod(0o500)


@pytest.mark.parametrize("has_locks", [True, False])
async def test_everything_that_only_reads_works(shut: Path, *, has_locks: bool) -> None:
    await filled(shut)
    if not has_locks:
        shutil.rmtree(shut / "locks")
    shut_for_writing(shut)

    out = cramped(
        shut,
        """
print(len(list(read_listing(home / "store.db"))))
(record,) = await storage.ledger.records()
state = await storage.vault.open()
credentials = await storage.vault.credentials(record.connection.id)
print(record.connection.name, type(state).__name__, credentials.secrets["a"].reveal())
print(storage.locks.is_held(record.connection.id), sorted(file.name for file in home.iterdir() if file.is_file()))
""",
        bound_by_modes=True,
    )

    assert out.splitlines() == ["1", "Shop VaultOpen 1", "False ['store.db']"]


async def test_whatever_changes_something_says_why_it_cannot(shut: Path) -> None:
    await filled(shut)
    shut_for_writing(shut)

    out = cramped(
        shut,
        """
await storage.vault.open()
(record,) = await storage.ledger.records()
for change in (
    storage.vault.put(make_connection("Other"), {}),
    storage.vault.save_tokens(record.connection.id, make_tokens()),
    storage.ledger.hide(record.connection.id),
    storage.ledger.set_paused(record.connection.id, paused=True),
):
    try:
        await change
    except StoreUnwritable as error:
        print(error.hindrance.value, error.detail)
""",
        bound_by_modes=True,
    )

    assert out.splitlines() == ["read_only Permission denied"] * 4


async def test_it_serves_again_once_it_may_be_written(shut: Path) -> None:
    await filled(shut)
    shut_for_writing(shut)

    out = cramped(
        shut,
        """
await storage.vault.open()
(record,) = await storage.ledger.records()
home.chmod(0o700), (home / "locks").chmod(0o700), (home / "store.db").chmod(0o600)
await storage.ledger.set_paused(record.connection.id, paused=True)
print((await storage.ledger.records())[0].connection.paused)
""",
        bound_by_modes=True,
    )

    assert out == "True"


async def test_a_home_without_a_store_has_nothing_to_read(shut: Path) -> None:
    shut.mkdir(mode=0o500)

    out = cramped(
        shut,
        """
state = await storage.vault.open()
print(state.why.hindrance.value, list(read_listing(home / "store.db")))
""",
        bound_by_modes=True,
    )

    assert out == "read_only []"


async def test_a_log_that_nobody_can_bring_in_is_not_passed_over(shut: Path) -> None:
    storage = await start(shut)
    await storage.vault.put(make_connection(), {})
    for file in ("store.db", "store.db-wal"):  # as a backup of a running program has them
        shutil.copy(shut / file, shut / f"copy of {file}")
    await storage.close()
    for file in ("store.db", "store.db-wal"):
        (shut / f"copy of {file}").rename(shut / file)
    shut_for_writing(shut)

    out = cramped(
        shut,
        """
try:
    print(await storage.ledger.records())
except StoreUnwritable as error:
    print(error.hindrance.value)
print(list(read_listing(home / "store.db")))
""",
        bound_by_modes=True,
    )

    assert out.splitlines() == ["read_only", "[]"]


# Root is not bound by modes, but needs a folder for the locks as everybody does.


@pytest.fixture
async def unlockable(store_home: Path) -> Path:
    await filled(store_home)
    shutil.rmtree(store_home / "locks")
    (store_home / "locks").write_text("in the way")
    return store_home


async def test_a_home_without_a_place_for_locks_is_read_all_the_same(unlockable: Path) -> None:
    storage = open_storage(unlockable, guard=MemoryGuard(KEY))

    (record,) = await storage.ledger.records()
    state = await storage.vault.open()
    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.set_paused(record.connection.id, paused=True)
    with pytest.raises(StoreUnwritable):
        await storage.ledger.purge_hidden()
    is_held = storage.locks.is_held(record.connection.id)
    await storage.close()

    assert isinstance(state, VaultOpen)
    assert caught.value.hindrance is Hindrance.IN_THE_WAY
    assert caught.value.path == str(unlockable / "locks")
    assert not is_held


async def test_what_a_reader_finds_damaged_is_left_where_it_is(unlockable: Path) -> None:
    (unlockable / "store.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    storage = open_storage(unlockable, guard=MemoryGuard(KEY))

    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.records()
    await storage.close()

    assert caught.value.hindrance is Hindrance.IN_THE_WAY
    assert (unlockable / "store.db").exists()


async def test_a_store_of_another_version_is_told_there_too(unlockable: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(unlockable / "store.db")) as store:
        store.execute(f"PRAGMA user_version = {VERSION + 1}")
    newer = open_storage(unlockable, guard=MemoryGuard(KEY))
    older_home = tmp_path / "older"
    write_earlier_store(older_home, [(make_connection(), make_tokens())])
    (older_home / "locks").write_text("in the way")
    older = open_storage(older_home, guard=MemoryGuard(KEY))

    with pytest.raises(StoreTooNew):
        await newer.ledger.records()
    with pytest.raises(StoreUnwritable):
        await older.ledger.records()

    for storage in (newer, older):
        await storage.close()


async def test_a_secret_that_does_not_open_is_damage_there_too(unlockable: Path) -> None:
    with closing(sqlite3.connect(unlockable / "store.db")) as store, store:
        store.execute("UPDATE sealed SET nonce = zeroblob(12) WHERE field = 'secret:a'")
    storage = open_storage(unlockable, guard=MemoryGuard(KEY))
    (record,) = await storage.ledger.records()
    await storage.vault.open()

    with pytest.raises(VaultDamaged):
        await storage.vault.credentials(record.connection.id)

    await storage.close()
