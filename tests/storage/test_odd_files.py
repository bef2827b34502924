"""What stands where the store should be and is none: told as what it is, kept, never taken for a new store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.storage.samples import KEY, SOME_CALL, filled, make_connection, make_tokens, mode, start
from tests.storage.tampering import tamper
from tokendeck.core.errors import Hindrance, StoreDamaged, StoreUnwritable, VaultDamaged
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.reading import set_aside_files
from tokendeck.storage.storage import open_storage
from tokendeck.storage.store_file import PARTS, connect

pytestmark = pytest.mark.promise(38)


async def set_aside(home: Path) -> tuple[Path, str]:
    """Open the store, which is damaged; give the file it was kept as, and why."""
    storage = open_storage(home, guard=MemoryGuard(KEY))
    with pytest.raises(StoreDamaged) as caught:
        await storage.ledger.records()
    await storage.close()
    kept_as = Path(caught.value.kept_as)
    assert set_aside_files(home) == (kept_as,)
    return kept_as, caught.value.detail


async def test_an_empty_file_is_no_new_store(store_home: Path) -> None:
    store_home.mkdir()
    (store_home / "store.db").touch()

    kept_as, why = await set_aside(store_home)

    assert kept_as.read_bytes() == b""
    assert why == "the file is empty"


async def test_a_store_that_was_cut_to_nothing_keeps_its_log(store_home: Path) -> None:
    storage = await start(store_home)
    await storage.vault.put(make_connection(), {})
    log = (store_home / "store.db-wal").read_bytes()
    await storage.close()
    (store_home / "store.db").write_bytes(b"")
    (store_home / "store.db-wal").write_bytes(log)

    kept_as, _ = await set_aside(store_home)

    assert kept_as.with_name(f"{kept_as.name}-wal").read_bytes() == log


async def test_a_log_without_its_file_is_kept_and_not_brought_into_a_new_store(store_home: Path) -> None:
    storage = await start(store_home)
    await storage.vault.put(make_connection(), {})
    log = (store_home / "store.db-wal").read_bytes()
    await storage.close()
    (store_home / "store.db").unlink()
    (store_home / "store.db-wal").write_bytes(log)

    kept_as, why = await set_aside(store_home)
    again = await start(store_home)

    assert kept_as.read_bytes() == log
    assert why == "the file is gone, and its log is still there"
    assert await again.ledger.records() == ()
    await again.close()


async def test_an_empty_log_without_its_file_is_nothing(store_home: Path) -> None:
    store_home.mkdir()
    for name in ("store.db-wal", "store.db-shm"):
        (store_home / name).touch()

    storage = await start(store_home)

    assert await storage.ledger.records() == ()
    await storage.close()


async def test_tables_without_a_version_are_no_store(store_home: Path) -> None:
    await filled(store_home)
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        store.execute("PRAGMA user_version = 0")

    _, why = await set_aside(store_home)

    assert why == "it has tables, but no version"


async def test_another_programs_database_is_no_store(store_home: Path) -> None:
    store_home.mkdir()
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        store.executescript("CREATE TABLE notes (text); PRAGMA user_version = 1;")

    kept_as, why = await set_aside(store_home)

    assert "no such table" in why
    with closing(sqlite3.connect(kept_as)) as store:
        assert store.execute("SELECT count(*) FROM notes").fetchone() == (0,)


async def test_a_store_that_claims_an_earlier_version_than_it_has_is_damage(store_home: Path) -> None:
    await filled(store_home)
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        store.execute("PRAGMA user_version = 1")

    _, why = await set_aside(store_home)

    assert "already exists" in why


@pytest.mark.parametrize("part", sorted(PARTS))
async def test_a_store_that_lacks_a_part_is_damage(store_home: Path, part: str) -> None:
    await filled(store_home)
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        ((kind,),) = store.execute("SELECT type FROM sqlite_schema WHERE name = ?", (part,))
        store.execute(f"DROP {kind} {part}")

    _, why = await set_aside(store_home)

    assert part in why


async def test_a_store_that_lacks_a_column_is_damage_when_it_is_missed(store_home: Path) -> None:
    await filled(store_home)
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        store.execute("ALTER TABLE connections DROP COLUMN last_good_at")

    _, why = await set_aside(store_home)

    assert "no such column" in why


async def test_a_folder_in_the_files_place_is_left_as_it_is(store_home: Path) -> None:
    (store_home / "store.db" / "inside").mkdir(parents=True)
    storage = open_storage(store_home, guard=MemoryGuard())

    with pytest.raises(StoreUnwritable) as caught:
        await storage.ledger.records()
    await storage.close()

    assert caught.value.hindrance is Hindrance.IN_THE_WAY
    assert caught.value.path == str(store_home / "store.db")
    assert (store_home / "store.db" / "inside").is_dir()


async def test_what_an_interrupted_start_left_behind_is_no_hindrance(store_home: Path) -> None:
    store_home.mkdir()
    for name in ("store.db.new", "store.db.new-wal", "store.db.new-shm"):
        (store_home / name).write_bytes(b"half of something")

    storage = await start(store_home)

    assert sorted(file.name for file in store_home.glob("*.new*")) == []
    assert mode(store_home / "store.db") == 0o600
    await storage.close()


async def test_a_database_in_which_nothing_was_made_yet_becomes_a_store(store_home: Path) -> None:
    store_home.mkdir()
    with closing(sqlite3.connect(store_home / "store.db")) as store:
        store.execute("PRAGMA journal_mode = WAL")  # as far as an earlier Tokendeck came before it was killed

    storage = await start(store_home)

    assert await storage.ledger.records() == ()
    await storage.close()


@pytest.mark.promise(12)
async def test_a_trigger_that_somebody_planted_does_not_get_its_changes_sealed(store_home: Path) -> None:
    await filled(store_home)
    with closing(connect(store_home / "store.db")) as store:
        store.executescript(
            "CREATE TRIGGER planted AFTER UPDATE OF settings ON connections BEGIN"
            " UPDATE connections SET settings = replace(NEW.settings, 'api.example', 'evil.example')"
            " WHERE id = NEW.id; END;"
            "CREATE TRIGGER planted_too AFTER UPDATE OF expires_at ON connections BEGIN"
            " UPDATE connections SET expires_at = '2100-01-01T00:00:00+00:00' WHERE id = NEW.id; END;"
        )
    storage = await start(store_home)
    (record,) = await storage.ledger.records()
    connection = record.connection

    await storage.vault.put(connection, {"a": Secret("new")})
    await storage.vault.save_tokens(connection.id, make_tokens())

    for use in (storage.vault.credentials, storage.vault.tokens):
        with pytest.raises(VaultDamaged):
            await use(connection.id)
    await storage.close()


@pytest.mark.parametrize("change", ["history SET at = 'x'", "history SET at = '2026-11-21'"])
async def test_a_test_in_the_history_that_was_never_written_so_is_damage(store_home: Path, change: str) -> None:
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {})
    await storage.ledger.note_call(connection.id, SOME_CALL)
    tamper(store_home, f"UPDATE {change}")

    with pytest.raises(StoreDamaged):
        await storage.ledger.history(connection.id, 10)
    await storage.close()


async def test_a_trouble_that_was_never_written_so_is_damage_to_an_edit(store_home: Path) -> None:
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {})
    tamper(store_home, "UPDATE connections SET trouble = '{}'")

    with pytest.raises(StoreDamaged):
        await storage.vault.put(connection, {}, edited_at=SOME_CALL.at)
    await storage.close()


@pytest.mark.parametrize("table", ["connections", "sealed"])
async def test_what_a_damaged_store_does_not_take_is_not_taken_for_saved(store_home: Path, table: str) -> None:
    await filled(store_home)
    with closing(connect(store_home / "store.db")) as store:
        store.executescript(
            f"CREATE TRIGGER swallowed BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END;"
            f"CREATE TRIGGER swallowed_too BEFORE UPDATE ON {table} BEGIN SELECT RAISE(IGNORE); END;"
        )
    storage = await start(store_home)
    (record,) = await storage.ledger.records()

    with pytest.raises(StoreDamaged):
        await storage.vault.save_tokens(record.connection.id, make_tokens())
    await storage.close()


async def test_files_set_aside_are_named_until_they_are_removed(store_home: Path) -> None:
    await filled(store_home)
    before = set_aside_files(store_home)
    tamper(store_home, "UPDATE connections SET created_at = 'yesterday'")

    kept_as, _ = await set_aside(store_home)
    await (await start(store_home)).close()
    still = set_aside_files(store_home)
    kept_as.unlink()

    assert before == set_aside_files(store_home / "nowhere") == ()
    assert still == (kept_as,)
    assert set_aside_files(store_home) == ()
