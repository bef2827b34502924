"""One home for a store, and an open storage in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tokendeck.storage.storage import Storage


@pytest.fixture
def store_home(tmp_path: Path) -> Path:
    """Give a folder that is not there yet."""
    return tmp_path / "home"


@pytest.fixture
async def storage(store_home: Path) -> AsyncIterator[Storage]:
    """Give a storage under a key held in memory."""
    storage = await start(store_home)
    yield storage
    await storage.close()
