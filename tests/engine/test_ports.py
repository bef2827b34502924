"""The real parts fit the engine's ports: mypy proves the shapes, this test that they can be built."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.vault import VaultShut
from tokendeck.engine import ports  # noqa: TC001 - importing it is part of the test
from tokendeck.engine.clock import SystemClock
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_real_parts_fit_the_ports(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, guard=MemoryGuard())

    ledger: ports.Ledger = storage.ledger
    vault: ports.Vault = storage.vault
    locks: ports.ConnectionLocks = storage.locks
    clock: ports.Clock = SystemClock()

    assert await ledger.records() == ()
    assert isinstance(vault.state, VaultShut)
    assert clock.now().boot
    async with locks.hold("a" * 32, timedelta(seconds=1)):
        await storage.close()
