from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.core.errors import VaultLocked
from tokendeck.core.vault import VaultShut
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard

if TYPE_CHECKING:
    from pathlib import Path


async def test_building_the_parts_touches_nothing(home: Path) -> None:
    places = find_places(home / "deck")

    async with running_parts(
        places, catalog=Catalog(resources() / "providers"), clock=SystemClock(), guard=MemoryGuard()
    ) as parts:
        state = parts.engine.vault_state

    assert isinstance(state, VaultShut)
    assert isinstance(state.why, VaultLocked)
    assert not places.data.exists()
