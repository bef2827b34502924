"""A start of the program that refreshes its connections again and again, and tells every token that it was given."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import anyio._backends._asyncio  # noqa: F401 - what the first request would import, the zygote has imported
import httpcore  # noqa: F401 - likewise

import tokendeck.oauth.exchange
import tokendeck.oauth.tls  # noqa: F401 - likewise
from tests.zygote import say
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard

if TYPE_CHECKING:
    from tokendeck.engine.engine import RefreshEngine

CATALOG = Catalog(resources() / "providers")


class Task(TypedDict):
    home: str
    key: str
    """The data key in hexadecimal digits."""


def live(task: Task) -> None:
    asyncio.run(_refresh_all(task))


async def _refresh_all(task: Task) -> None:
    places, guard = find_places(Path(task["home"])), MemoryGuard(bytes.fromhex(task["key"]))
    async with running_parts(places, catalog=CATALOG, clock=SystemClock(), guard=guard) as parts:
        await parts.engine.unlock()
        await asyncio.gather(*(_refresh(parts.engine, one.connection.id) for one in parts.engine.records()))


async def _refresh(engine: RefreshEngine, connection_id: str) -> None:
    while True:
        tokens = await engine.refresh(connection_id)
        say(f"{connection_id} {tokens.facts.serial} {tokens.access_token.reveal()}")
