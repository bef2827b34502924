"""The contracts under a key that the caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.contract import LedgerContract, Unlock, VaultContract
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tokendeck.engine.ports import Ledger, Vault


class _UnderMemoryGuard:
    @pytest.fixture
    async def storage(self, tmp_path: Path) -> AsyncIterator[Storage]:
        storage = open_storage(tmp_path / "home", guard=MemoryGuard())
        await storage.vault.open()
        yield storage
        await storage.close()

    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def vault(self, storage: Storage) -> Vault:
        return storage.vault

    @pytest.fixture
    def unlock(self, storage: Storage) -> Unlock:
        return storage.vault.open


class TestLedgerUnderMemoryGuard(_UnderMemoryGuard, LedgerContract):
    pass


class TestVaultUnderMemoryGuard(_UnderMemoryGuard, VaultContract):
    pass
