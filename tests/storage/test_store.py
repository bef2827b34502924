"""The file itself: who may read it, and what happens when it is damaged or too new."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.samples import KEY, SOME_CALL, filled, make_connection, make_tokens, mode, start
from tokendeck.core.errors import StoreDamaged, StoreTooNew
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.schema import VERSION
from tokendeck.storage.storage import Storage, open_storage

ROOT = Path(__file__).parents[2]


async def test_folder_and_files_are_for_their_owner_alone(storage: Storage, store_home: Path) -> None:
    await storage.vault.put(make_connection(), {})

    modes = {path.name: mode(path) for path in (store_home, *store_home.iterdir())}

    assert modes == {"home": 0o700, "locks": 0o700, "store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


async def test_modes_that_let_others_in_are_mended_at_the_start(store_home: Path) -> None:
    killed = await start(store_home)  # its log and the log's index are left behind
    await killed.vault.put(make_connection(), {})
    names = ("store.db", "store.db-wal", "store.db-shm", "locks")
    for path in (store_home, *(store_home / name for name in names)):
        path.chmod(0o755)

    storage = await start(store_home)

    assert {mode(path) for path in (store_home, *(store_home / name for name in names))} == {0o700}
    await storage.close()
    await killed.close()


async def test_a_folder_shared_on_purpose_keeps_its_mode(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    storage = await start(shared)

    assert (mode(shared), mode(shared / "store.db")) == (0o777, 0o600)
    await storage.close()


async def test_nothing_is_made_before_the_first_use(store_home: Path) -> None:
    storage = open_storage(store_home, guard=MemoryGuard())

    made = store_home.exists()

    assert not made
    await storage.close()


async def test_every_setting_that_durability_rests_on_is_on(storage: Storage) -> None:
    pragmas = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "busy_timeout": 5000}
    pragmas |= {"fullfsync": 1, "checkpoint_fullfsync": 1}

    found = await storage._store.read(
        lambda connection: {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas}
    )

    assert found == pragmas


async def test_doctor_gets_facts(storage: Storage, store_home: Path) -> None:
    await storage.vault.put(make_connection(), {})

    facts = await storage.facts()

    assert facts.path == store_home / "store.db"
    assert facts.size_bytes > 0
    assert (facts.schema_version, facts.sqlite_version) == (VERSION, sqlite3.sqlite_version)
    assert (facts.guard, facts.backend, facts.backend_here) == (Guard.MEMORY, "", "")
    assert facts.modes["store.db"] == "0600"
    assert facts.modes["home"] == "0700"


async def test_doctor_gets_facts_of_a_vault_that_was_never_set_up(store_home: Path) -> None:
    storage = open_storage(store_home, guard=MemoryGuard())

    facts = await storage.facts()

    assert facts.guard is None
    await storage.close()


@pytest.mark.promise(38)
@pytest.mark.parametrize(
    "content",
    [b"x", b"not a database, but as long as one" * 99, b"SQLite format 3\0" + bytes(5000)],
    ids=["short", "long", "header only"],
)
async def test_a_file_that_is_no_database_is_set_aside_and_named(store_home: Path, content: bytes) -> None:
    store_home.mkdir()
    (store_home / "store.db").write_bytes(content)
    if b"long" in content:
        (store_home / "store.db-wal").write_bytes(b"a log of sorts")
    storage = open_storage(store_home, guard=MemoryGuard())

    with pytest.raises(StoreDamaged) as caught:
        await storage.ledger.records()
    with pytest.raises(StoreDamaged):
        await storage.ledger.records()
    state = await storage.vault.open()
    await storage.close()

    kept_as = Path(caught.value.kept_as)
    assert kept_as.parent == store_home
    assert kept_as.name.startswith("store.db.damaged-2")
    assert kept_as.read_bytes() == content
    assert caught.value.detail
    assert isinstance(state, VaultShut)
    assert isinstance(state.why, StoreDamaged)
    assert not (store_home / "store.db").exists()


@pytest.mark.promise(38)
async def test_after_a_damaged_store_was_set_aside_the_next_start_begins_anew(store_home: Path) -> None:
    store_home.mkdir()
    (store_home / "store.db").write_bytes(b"x" * 5000)
    storage = open_storage(store_home, guard=MemoryGuard())
    with pytest.raises(StoreDamaged):
        await storage.ledger.records()
    await storage.close()

    again = await start(store_home)

    assert await again.ledger.records() == ()
    assert isinstance(again.vault.state, VaultOpen)
    await again.close()


@pytest.mark.promise(38)
async def test_damage_found_while_running_sets_the_store_aside(storage: Storage, store_home: Path) -> None:
    for number in range(50):
        await storage.vault.put(make_connection(f"Shop {number}"), {"a": Secret("s" * 500)})
    await storage.close()
    path = store_home / "store.db"
    content = bytearray(path.read_bytes())
    content[4096 * 2 :] = b"\xff" * (len(content) - 4096 * 2)
    path.write_bytes(content)

    second = open_storage(store_home, guard=MemoryGuard(KEY))
    with pytest.raises(StoreDamaged) as caught:
        await second.ledger.records()
    await second.close()

    assert Path(caught.value.kept_as).read_bytes() == bytes(content)


@pytest.mark.promise(38)
async def test_two_processes_that_meet_the_same_damage_name_the_same_file(store_home: Path) -> None:
    await filled(store_home)
    storages = [await start(store_home) for _ in range(2)]
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.execute("UPDATE connections SET created_at = 'yesterday'")

    kept_as = set()
    for storage in storages:
        with pytest.raises(StoreDamaged) as caught:
            await storage.ledger.records()
        kept_as.add(caught.value.kept_as)
        await storage.close()

    assert len(kept_as) == 1


@pytest.mark.parametrize(
    "change",
    [
        "settings = '[]'",
        "settings = '{'",
        "expiry = 'sometime'",
        "expires_at = NULL",
        "scope = '7'",
        "trouble = '{}'",
        "last_call = '[1]'",
        "last_good_at = 'x'",
        "last_good_at = '2026-11-21T03:04:05'",
        "settings = replace(hex(zeroblob(100000)), '00', '[')",
        "name = CAST(x'ff' AS TEXT)",
    ],
)
async def test_a_row_that_was_never_written_so_is_damage(store_home: Path, change: str) -> None:
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {})
    await storage.vault.save_tokens(connection.id, make_tokens())
    await storage.ledger.note_call(connection.id, SOME_CALL)
    with closing(sqlite3.connect(store_home / "store.db")) as store, store:
        store.execute(f"UPDATE connections SET {change}")

    with pytest.raises(StoreDamaged):
        await storage.ledger.records()

    await storage.close()


@pytest.mark.promise(38)
@pytest.mark.parametrize("log_left", [False, True])
async def test_a_store_from_a_newer_version_is_refused_untouched(store_home: Path, *, log_left: bool) -> None:
    await filled(store_home)
    path = store_home / "store.db"
    newer = sqlite3.connect(path, isolation_level=None)
    newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    if not log_left:
        newer.close()
    before = hashlib.sha256(path.read_bytes()).digest()
    storage = open_storage(store_home, guard=MemoryGuard())

    with pytest.raises(StoreTooNew) as caught:
        await storage.ledger.records()
    with pytest.raises(StoreTooNew):
        await storage.ledger.records()
    await storage.close()

    assert (caught.value.found, caught.value.known) == (VERSION + 1, VERSION)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    newer.close()
