"""The file itself: who may read it, what happens when it does not serve, and what a crash leaves."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.contract import SOME_CALL, make_connection, make_tokens
from tokendeck.core.errors import StoreDamaged, StoreTooNew, StoreUnwritable
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.ledger import FileLedger
from tokendeck.storage.locks import FileLocks
from tokendeck.storage.schema import VERSION
from tokendeck.storage.storage import Storage, open_storage
from tokendeck.storage.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = bytes(range(32))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store_home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
async def storage(store_home: Path) -> AsyncIterator[Storage]:
    storage = await start(store_home)
    yield storage
    await storage.close()


async def start(home: Path) -> Storage:
    storage = open_storage(home, guard=MemoryGuard(KEY))
    await storage.vault.open()
    return storage


async def filled(home: Path) -> None:
    storage = await start(home)
    await storage.vault.put(make_connection(), {"a": Secret("1")})
    await storage.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


async def test_folder_and_files_are_for_their_owner_alone(storage: Storage, store_home: Path) -> None:
    await storage.vault.put(make_connection(), {})

    modes = {path.name: mode(path) for path in (store_home, *store_home.iterdir())}

    assert modes == {"home": 0o700, "locks": 0o700, "store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


async def test_modes_that_let_others_in_are_mended(store_home: Path) -> None:
    await filled(store_home)
    store_home.chmod(0o755)
    (store_home / "store.db").chmod(0o644)

    storage = await start(store_home)

    assert (mode(store_home), mode(store_home / "store.db")) == (0o700, 0o600)
    await storage.close()


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


async def test_a_folder_in_the_files_place_is_a_clear_error(store_home: Path) -> None:
    (store_home / "store.db").mkdir(parents=True)
    storage = open_storage(store_home, guard=MemoryGuard())

    with pytest.raises(StoreUnwritable):
        await storage.ledger.records()

    await storage.close()


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


# In a child, because limits and user ids cannot be taken back.
CRAMPED = """
import asyncio, os, resource, sys
from pathlib import Path

sys.path.insert(0, {root!r})
from tests.storage.contract import make_connection, make_tokens
from tokendeck.core.errors import StoreUnwritable
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

async def main():
    storage = open_storage(Path(sys.argv[1]), guard=MemoryGuard(bytes(range(32))))
    {body}
    await storage.close()

asyncio.run(main())
"""


def cramped(home: Path, body: str) -> str:
    program = CRAMPED.format(root=str(ROOT), body="\n    ".join(body.strip().splitlines()))
    done = subprocess.run([sys.executable, "-c", program, str(home)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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


@pytest.mark.skipif(sys.platform == "win32", reason="modes and user ids are POSIX's")
@pytest.mark.parametrize("existing", [False, True])
async def test_a_read_only_home_is_a_clear_error(short_folder: Path, *, existing: bool) -> None:
    home = short_folder / f"read-only-{existing}"
    if existing:
        await filled(home)
        (home / "store.db").chmod(0o444)
    else:
        home.mkdir()
    home.chmod(0o555)
    short_folder.chmod(0o755)

    out = cramped(
        home,
        """
if os.getuid() == 0:
    os.setuid(65534)
state = await storage.vault.open()
print(type(state.why).__name__, state.why.detail)
""",
    )

    home.chmod(0o700)
    short_folder.chmod(0o700)
    assert out.startswith("StoreUnwritable ")


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


WRITER = """
import asyncio, sys
from pathlib import Path

sys.path.insert(0, {root!r})
from tests.storage.contract import make_tokens
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

async def main():
    storage = open_storage(Path(sys.argv[1]), guard=MemoryGuard(bytes(range(32))))
    await storage.vault.open()
    for number in range(int(sys.argv[3])):
        saved = await storage.vault.save_tokens(sys.argv[2], make_tokens("a" * 2000, "r" * 2000))
        print(saved.facts.serial, flush=True)
    await storage.close()

asyncio.run(main())
"""


def writer(home: Path, connection_id: str, count: int) -> subprocess.Popen[str]:
    program = WRITER.format(root=str(ROOT))
    arguments = [str(home), connection_id, str(count)]
    return subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)


@pytest.mark.promise(36)
async def test_sigkill_in_the_middle_of_writing_loses_nothing_acknowledged(store_home: Path) -> None:
    chance = random.Random(36)  # noqa: S311 - no secret depends on it
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1")})
    await storage.close()

    for _ in range(10):
        process = writer(store_home, connection.id, 100_000)
        assert process.stdout
        acknowledged = [process.stdout.readline() for _ in range(chance.randrange(1, 40))]
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()

        after = await start(store_home)
        kept = await after.vault.tokens(connection.id)
        secrets = await after.vault.secrets(connection.id)
        await after.close()

        last = max(int(line) for line in acknowledged if line.endswith("\n"))
        assert kept is not None
        assert kept.facts.serial >= last
        assert kept.access_token == Secret("a" * 2000)
        assert secrets == {"a": Secret("1")}


async def test_two_processes_write_one_store_and_no_save_is_lost(store_home: Path) -> None:
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {})
    processes = [writer(store_home, connection.id, 50) for _ in range(2)]

    serials = []
    for process in processes:
        out, _ = process.communicate()
        serials += [int(line) for line in out.split()]

    assert sorted(serials) == list(range(1, 101))
    assert await storage.ledger.changed_elsewhere()
    assert not await storage.ledger.changed_elsewhere()
    await storage.close()


async def test_two_first_starts_make_one_store(store_home: Path) -> None:
    storages = [open_storage(store_home, guard=MemoryGuard(KEY)) for _ in range(4)]

    states = await asyncio.gather(*(storage.vault.open() for storage in storages))

    assert all(isinstance(state, VaultOpen) for state in states)
    for storage in storages:
        await storage.close()


async def test_what_was_erased_is_in_no_file_of_the_store(storage: Storage, store_home: Path) -> None:
    connection = make_connection("Findable by name", values={"merchantId": "findable-by-value"})
    await storage.vault.put(connection, {"a": Secret("s" * 300)})
    nonce, ciphertext = await storage._store.read(
        lambda store: store.execute("SELECT nonce, ciphertext FROM sealed").fetchone()
    )

    await storage.ledger.purge(connection.id)

    content = b"".join(path.read_bytes() for path in store_home.rglob("*") if path.is_file())
    for trace in (nonce, ciphertext[:32], b"Findable by name", b"findable-by-value", connection.id.encode()):
        assert trace not in content


async def test_what_a_dead_process_hid_is_purged_and_what_a_living_one_hid_is_not(store_home: Path) -> None:
    living, dead, third = await start(store_home), await start(store_home), await start(store_home)
    of_living, of_dead = make_connection("living"), make_connection("dead")
    for storage, connection in ((living, of_living), (dead, of_dead)):
        await storage.vault.put(connection, {"a": Secret("1")})
        await storage.ledger.hide(connection.id)
    await dead.close()

    await third.ledger.purge_hidden()
    await living.ledger.unhide(of_living.id)

    assert [record.connection.id for record in await third.ledger.records()] == [of_living.id]
    assert await third.vault.secrets(of_dead.id) == {}
    assert not [path for path in (store_home / "locks").iterdir() if of_dead.id in path.name]
    await living.close()
    await third.close()
