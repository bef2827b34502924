"""Storage in a process of its own, because limits and rights cannot be taken back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, os, resource, sys
from pathlib import Path

sys.path.insert(0, {root!r})
from tests.storage.samples import filled, mode, make_connection, make_tokens
from tokendeck.core.errors import StoreDamaged, StoreUnwritable, VaultUnavailable
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.reading import set_aside_files
from tokendeck.storage.records import read_listing
from tokendeck.storage.storage import open_storage

home = Path(sys.argv[1])

async def main():
    storage = open_storage(home, guard=MemoryGuard(bytes(range(32))))
    {body}
    await storage.close()

asyncio.run(main())
"""
IN_ITS_OWN_MOUNTS = ("unshare", "--map-root-user", "--mount")
NOT_BOUND_BY_MODES = "dac_override,dac_read_search"


def cramped(home: Path, body: str, *, bound_by_modes: bool = False, disk_bytes: int | None = None) -> str:
    """
    Give what `body` prints; it finds a `storage` of `home`.

    Args:
        home: of the storage.
        body: statements of a coroutine.
        bound_by_modes: take from root what lets it pass over file modes; anybody else is bound by them anyway.
        disk_bytes: have `home` be a disk of its own, empty and this large; see `can_mount`.

    """
    program = PROGRAM.format(root=str(ROOT), body="\n    ".join(body.strip().splitlines()))
    command = [sys.executable, "-c", program, str(home)]
    if bound_by_modes and os.getuid() == 0:
        command = ["setpriv", f"--bounding-set=-{NOT_BOUND_BY_MODES.replace(',', ',-')}", *command]
    if disk_bytes is not None:
        home.mkdir(mode=0o700)
        mount = f'mount -t tmpfs -o size={disk_bytes},mode=700 none "$0" && exec "$@"'
        command = [*IN_ITS_OWN_MOUNTS, "sh", "-c", mount, str(home), *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def can_mount() -> bool:
    """Tell whether this system lets us mount a disk that nobody else sees."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*IN_ITS_OWN_MOUNTS, "true"], capture_output=True, check=False).returncode == 0
