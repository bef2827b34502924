"""The way in: everything that is kept, opened by one call."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.storage.ledger import FileLedger
from tokendeck.storage.locks import FileLocks
from tokendeck.storage.opening import KeyKeeper
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.store import Store
from tokendeck.storage.vault import SealedVault

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.storage.guards import KeyGuard

KEYRING_DEADLINE = timedelta(seconds=10)


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
    locks = FileLocks(home / "locks")
    store = Store(home, locks)
    keeper = KeyKeeper(store, locks, guard, cost)
    return Storage(store, FileLedger(store, locks), SealedVault(store, keeper, guard, deadline), locks)


class Storage:
    """The three ports of one home folder; they share its file and its thread."""

    def __init__(self, store: Store, ledger: FileLedger, vault: SealedVault, locks: FileLocks) -> None:
        """Hold them together."""
        self.ledger = ledger
        self.vault = vault
        self.locks = locks
        self._store = store

    async def close(self) -> None:
        """Finish what is queued, forget the key and let go of the file."""
        await self.vault.close()
        await self.ledger.close()
