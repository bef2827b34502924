"""Several processes on one store."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.storage.samples import KEY, make_connection, start
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

ROOT = Path(__file__).parents[2]

WRITER = """
import asyncio, sys
from pathlib import Path

sys.path.insert(0, {root!r})
from tests.storage.samples import make_tokens
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
    changes = await storage.ledger.changes(1)
    assert [record.serial for record in changes.records] == [100]
    await storage.close()


async def test_two_first_starts_make_one_store(store_home: Path) -> None:
    storages = [open_storage(store_home, guard=MemoryGuard(KEY)) for _ in range(4)]

    states = await asyncio.gather(*(storage.vault.open() for storage in storages))

    assert all(isinstance(state, VaultOpen) for state in states)
    for storage in storages:
        await storage.close()


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
    assert await third.vault.secrets_to_edit(of_dead.id) == {}
    assert not [path for path in (store_home / "locks").iterdir() if of_dead.id in path.name]
    await living.close()
    await third.close()
