from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from tests.engine.rig import Rig

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(tmp_path / "home")
    await made.open()
    yield made
    await made.close()
