"""Every part of the program for one home, built and taken down in order."""

from __future__ import annotations

import random
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass
from tokendeck.core.wording import Wording
from tokendeck.engine.engine import RefreshEngine
from tokendeck.oauth.callbacks import LoopbackListener
from tokendeck.oauth.endpoint import HttpEndpoint
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tokendeck.app.places import Places
    from tokendeck.core.connection import Connection
    from tokendeck.engine.ports import Clock
    from tokendeck.providers.catalog import Catalog
    from tokendeck.storage.guards import KeyGuard


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs while the program runs, and on what."""

    places: Places
    catalog: Catalog
    clock: Clock
    engine: RefreshEngine
    storage: Storage
    endpoint: HttpEndpoint


@asynccontextmanager
async def running_parts(places: Places, *, catalog: Catalog, clock: Clock, guard: KeyGuard) -> AsyncIterator[Parts]:
    """
    Build the parts; when the context ends, drain and close everything.

    Nothing is read yet, the vault is not asked for anything, and no schedule runs.
    """
    storage = open_storage(places.data, guard=guard)
    endpoint = HttpEndpoint(now=clock.now, ca_folder=places.certificates)
    engine = RefreshEngine(
        clock=clock,
        ledger=storage.ledger,
        vault=storage.vault,
        endpoint=endpoint,
        locks=storage.locks,
        catalog=catalog,
        listener=LoopbackListener(_sign_in_page),
        chance=random.random,
        draw=secrets.token_bytes,
    )
    try:
        yield Parts(places, catalog, clock, engine, storage, endpoint)
    finally:
        await engine.drain()
        await endpoint.aclose()
        await storage.close()


def _sign_in_page(trouble: Exception | None, connection: Connection | None) -> tuple[str, str]:
    return Wording().sign_in_page(connection.name if connection else "", trouble)
