"""Reading the list before anything slow is imported."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import NOW, SOME_CALL, SOME_TROUBLE, make_connection, make_tokens
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.records import read_listing, settings_text
from tokendeck.storage.schema import MIGRATIONS, VERSION
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "a home with % ? # in it" / "store.db"


@pytest.fixture
async def storage(store_path: Path) -> AsyncIterator[Storage]:
    storage = open_storage(store_path.parent, guard=MemoryGuard())
    await storage.vault.open()
    yield storage
    await storage.close()


async def fill(storage: Storage) -> None:
    for name in ("b", "A", "c"):
        connection = make_connection(name)
        await storage.vault.put(connection, {"a": Secret("1")})
        await storage.vault.save_tokens(connection.id, make_tokens())
        await storage.ledger.note_call(connection.id, SOME_CALL)
        await storage.ledger.note_trouble(connection.id, SOME_TROUBLE)
        await storage.ledger.begin_refresh(connection.id, NOW)
    hidden = (await storage.ledger.records())[-1]
    await storage.ledger.hide(hidden.connection.id)


async def test_it_reads_what_the_ledger_reads(storage: Storage, store_path: Path) -> None:
    await fill(storage)

    read = read_listing(store_path)

    assert [name for _, name in read.names()] == ["A", "b"]
    assert tuple(read.values()) == await storage.ledger.records()


async def test_it_reads_after_everybody_has_closed(storage: Storage, store_path: Path) -> None:
    await fill(storage)
    await storage.close()

    assert len(read_listing(store_path)) == 2


async def test_reading_is_no_change(storage: Storage, store_path: Path) -> None:
    before = await storage.ledger.changes(0)

    read_listing(store_path)

    assert await storage.ledger.changes(0) == before


def test_no_store_is_no_connections(store_path: Path) -> None:
    assert not read_listing(store_path)


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_a_file_that_does_not_serve_is_no_connections_and_untouched(store_path: Path, content: bytes) -> None:
    store_path.parent.mkdir()
    store_path.write_bytes(content)

    read = read_listing(store_path)

    assert not read
    assert store_path.read_bytes() == content


async def test_a_store_from_another_version_is_no_connections(storage: Storage, store_path: Path) -> None:
    await fill(storage)
    with closing(sqlite3.connect(store_path)) as store:
        store.execute(f"PRAGMA user_version = {VERSION + 1}")

    assert not read_listing(store_path)


async def test_a_row_that_does_not_read_is_listed_by_name(storage: Storage, store_path: Path) -> None:
    await fill(storage)
    with closing(sqlite3.connect(store_path)) as store, store:
        store.execute("UPDATE connections SET settings = 'x'")

    listed = read_listing(store_path).values()

    assert [record.connection.name for record in listed] == ["A", "b"]
    assert [record.connection.values for record in listed] == [{}, {}]


async def test_a_trouble_that_an_older_version_kept_is_read(storage: Storage, store_path: Path) -> None:
    await fill(storage)
    with closing(sqlite3.connect(store_path)) as store, store:
        store.execute("UPDATE connections SET trouble = json_remove(trouble, '$.timed_out')")

    troubles = [record.trouble for record in read_listing(store_path).values()]

    assert troubles == [replace(SOME_TROUBLE, timed_out=False)] * 2


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_garbage_collector_is_left_as_it_was(storage: Storage, *, enabled: bool) -> None:
    await fill(storage)
    if not enabled:
        gc.disable()

    await storage.ledger.changes(0)
    found = gc.isenabled()

    gc.enable()
    assert found == enabled


def test_nothing_slow_is_imported() -> None:
    program = (
        "import sys; before = set(sys.modules); import tokendeck.storage.records;"
        "print(*sorted({'asyncio', 'ssl', 'cryptography', 'keyring', 'filelock', 'hashlib', 'threading', 'queue'}"
        " & (set(sys.modules) - before)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


def test_ten_thousand_connections_stay_prompt(store_path: Path) -> None:
    store_path.parent.mkdir()
    with closing(sqlite3.connect(store_path)) as store, store:
        store.executescript(f"{''.join(MIGRATIONS)} PRAGMA user_version = {VERSION};")
        settings = settings_text(make_connection())
        store.executemany(
            "INSERT INTO connections (id, name, folded_name, provider, environment, grant_id, created_at, settings,"
            " paused, serial, asked_at, asked_elapsed_s, asked_boot, expiry, expires_at)"
            " VALUES (?1, ?2, ?2, 'payos', 'p', 'g', ?3, ?4, 0, 1, ?3, 1.5, 'boot', 'expires_in', ?3)",
            ((f"{number:032x}", f"name {number}", NOW.isoformat(), settings) for number in range(10_000)),
        )
    baseline_s = _seconds(lambda: [object() for _ in range(1_000_000)])

    taken_s = _seconds(lambda: read_listing(store_path))

    assert len(read_listing(store_path)) == 10_000
    assert taken_s < 20 * baseline_s


def _seconds(call: object) -> float:
    assert callable(call)
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return best
