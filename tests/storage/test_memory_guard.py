"""The contracts under a key that the caller holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.ledger_contract import LedgerContract
from tests.storage.vault_contract import VaultContract

if TYPE_CHECKING:
    from tests.storage.samples import Unlock
    from tokendeck.engine.ports import Ledger, Vault
    from tokendeck.storage.storage import Storage


class _UnderMemoryGuard:
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
