"""The way in: everything that is kept, opened by one call."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import KeyringTrouble
from tokendeck.core.frozen import dataclass
from tokendeck.storage.ledger import FileLedger
from tokendeck.storage.locks import FileLocks
from tokendeck.storage.opening import KeyKeeper
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.store import Store
from tokendeck.storage.vault import SealedVault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tokendeck.core.vault import Guard
    from tokendeck.storage.guards import KeyGuard

KEYRING_DEADLINE = timedelta(seconds=8)
"""So that its silence is told within ten seconds of a start, whatever else that takes."""


def open_storage(
    home: Path,
    *,
    guard: KeyGuard,
    deadline: timedelta = KEYRING_DEADLINE,
    cost: Cost = Cost(),  # noqa: B008 - immutable
) -> Storage:
    """
    Give the storage in `home`; nothing is opened, made or asked before the first use.

    Args:
        home: the data folder; made where it is not there.
        guard: keeps the data key: `KeyringGuard()`, or `MemoryGuard()` for the demo and tests.
        deadline: how long opening the vault may take.
        cost: how hard guessing a passphrase is made.

    """
    return Storage(home, guard, deadline, cost)


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """What `tokendeck doctor` tells of a home folder; never a secret."""

    path: Path
    size_bytes: int
    """The store's file and its log."""

    schema_version: int
    sqlite_version: str
    guard: Guard | None
    """None where the vault was never set up."""

    backend: str
    """The keyring that guards the vault, as the store records it; empty where none does."""

    backend_here: str
    """The keyring of this system; empty where the key comes from elsewhere."""

    modes: Mapping[str, str]
    """Octal modes by file name, the folder's among them."""


class Storage:
    """The three ports of one home folder; they share its file and its thread."""

    def __init__(self, home: Path, guard: KeyGuard, deadline: timedelta, cost: Cost) -> None:
        """Lay the parts out; `open_storage` says what they take."""
        self.locks = FileLocks(home / "locks")
        self._store = Store(home, self.locks)
        self._guard = guard
        self._deadline = deadline
        self._keeper = KeyKeeper(self._store, self.locks, guard, cost)
        self.ledger = FileLedger(self._store, self.locks)
        self.vault = SealedVault(self._store, self._keeper, deadline)

    async def facts(self) -> StorageFacts:
        """Say how the storage stands. Raises what the store raises."""
        charter = await self._keeper.charter()
        (version,) = await self._store.read(lambda connection: connection.execute("PRAGMA user_version").fetchone())
        files = self._store.files()
        return StorageFacts(
            path=self._store.path,
            size_bytes=sum(file.stat().st_size for file in files),
            schema_version=version,
            sqlite_version=sqlite3.sqlite_version,
            guard=charter.guard if charter else None,
            backend=charter.backend if charter else "",
            backend_here=self._guard.backend,
            modes={file.name: f"{stat.S_IMODE(file.stat().st_mode):04o}" for file in (self._store.home, *files)},
        )

    async def hindrance(self) -> KeyringTrouble | None:
        """Ask the guard as for the key of a new vault, and say what keeps it from serving. Nothing is written."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await self._guard.read(str(uuid.uuid4()), lambda _: True)
        except TimeoutError:
            return self._guard.silence(self._deadline)
        except KeyringTrouble as trouble:
            return trouble
        return None

    async def close(self) -> None:
        """Finish what is queued, forget the key and let go of the file."""
        await self.vault.close()
        await self.ledger.close()
