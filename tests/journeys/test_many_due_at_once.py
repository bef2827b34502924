"""Five hundred connections, due in the same second, on a real store, real sockets and several origins."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import ScriptedListener
from tokendeck.app.places import resources
from tokendeck.core.connection import BASE_URL, Connection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.moment import Moment
from tokendeck.core.origin import origin_of
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.engine.clock import SystemClock
from tokendeck.engine.engine import RefreshEngine
from tokendeck.engine.events import RecordChanged
from tokendeck.oauth.endpoint import HttpEndpoint
from tokendeck.providers.catalog import Catalog
from tokendeck.sandbox import Delay, Sandbox
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tokendeck.core.answers import Answer
    from tokendeck.core.request import Request
    from tokendeck.engine.events import Event
    from tokendeck.sandbox import ProviderId

LIFETIME = timedelta(seconds=300)
LEAD = LIFETIME / 5
ORIGINS = 10
CONNECTIONS = 500


@dataclass
class Watched:
    """Sends for real, and counts what is on its way."""

    endpoint: HttpEndpoint
    in_flight: Counter[str] = field(default_factory=Counter)
    most: int = 0
    most_to_one: int = 0

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        self.in_flight[request.origin] += 1
        self.most = max(self.most, self.in_flight.total())
        self.most_to_one = max(self.most_to_one, *self.in_flight.values())
        try:
            return await self.endpoint.send(request, follow_same_origin=follow_same_origin)
        finally:
            self.in_flight[request.origin] -= 1


class Crowd:
    """An engine, and how to give it connections whose tokens end when the test says so."""

    def __init__(self, home: Path) -> None:
        self.clock = SystemClock()
        self.storage = open_storage(home, guard=MemoryGuard())
        self.endpoint = Watched(HttpEndpoint(self.clock.now))
        self.engine = RefreshEngine(
            clock=self.clock,
            ledger=self.storage.ledger,
            vault=self.storage.vault,
            endpoint=self.endpoint,
            locks=self.storage.locks,
            catalog=Catalog(resources() / "providers"),
            listener=ScriptedListener(),
            draw=bytes,
            chance=random.Random(30).random,  # noqa: S311 - spreads renewals
        )

    async def add(self, provider: ProviderId, sandbox: Sandbox, *, due_in: timedelta) -> str:
        """Add a connection whose token has seen most of its life."""
        given = sandbox.fields[provider]
        settings = {key: value for key, value in given.items() if "ecret" not in key and key != BASE_URL}
        connection = Connection(
            id=uuid.uuid4().hex,
            name=f"Shop {len(self.engine.records())}",
            provider=provider,
            environment="sandbox",
            grant="client_credentials",
            created_at=self.clock.now().wall,
            values=settings,
            overrides={BASE_URL: sandbox.base_url},
            confirmed_origins=(origin_of(sandbox.base_url),),
        )
        secrets = {key: Secret(value) for key, value in given.items() if "ecret" in key}
        now = self.clock.now()
        age = LIFETIME - LEAD - due_in
        asked_at = Moment(now.wall - age, now.elapsed_s - age.total_seconds(), now.boot)
        facts = TokenFacts(asked_at, At(asked_at.wall + LIFETIME, ExpirySource.EXPIRES_IN))
        await self.engine.add(connection, secrets, TokenSet(Secret("old"), None, facts))
        return connection.id

    async def renewed(self, ids: set[str]) -> None:
        """Return once each of these has a newer token."""
        left, done = {one for one in ids if self.engine.record(one).serial == 1}, asyncio.Event()

        def hear(event: Event) -> None:
            if isinstance(event, RecordChanged) and self.engine.record(event.connection_id).serial > 1:
                left.discard(event.connection_id)
            if not left:
                done.set()

        unsubscribe = self.engine.subscribe(hear)
        if left:
            await done.wait()
        unsubscribe()

    async def close(self) -> None:
        await self.engine.drain()
        await self.endpoint.endpoint.aclose()
        await self.storage.close()


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    crowd = Crowd(tmp_path / "home")
    await crowd.engine.unlock()
    yield crowd
    await crowd.close()


@pytest.fixture
async def sandboxes() -> AsyncIterator[list[Sandbox]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Sandbox()) for _ in range(ORIGINS)]


@pytest.mark.promise(30)
@pytest.mark.timeout(120)
async def test_five_hundred_due_in_one_second_are_renewed_politely_within_a_minute(
    crowd: Crowd, sandboxes: list[Sandbox]
) -> None:
    for sandbox in sandboxes:
        sandbox.inject("pyng", "token", Delay(0.01))
    ids = {
        await crowd.add("pyng", sandboxes[number % ORIGINS], due_in=timedelta(seconds=number / CONNECTIONS))
        for number in range(CONNECTIONS)
    }

    crowd.engine.start()
    async with asyncio.timeout(60):
        await crowd.renewed(ids)
    await crowd.engine.drain()

    assert crowd.endpoint.most <= 8
    assert crowd.endpoint.most_to_one <= 2
    assert [sandbox.count("pyng", "token") for sandbox in sandboxes] == [CONNECTIONS // ORIGINS] * ORIGINS
    assert {received.status for sandbox in sandboxes for received in sandbox.received} == {200}


@pytest.mark.promise(30)
async def test_what_a_budget_does_not_cover_waits_for_it(crowd: Crowd, sandboxes: list[Sandbox]) -> None:
    """Paysera takes 50 requests in a minute, and answers 429 to more."""
    sandbox, other = sandboxes[:2]
    waiting = [await crowd.add("paysera", sandbox, due_in=timedelta(0)) for _ in range(60)]
    unlimited = [await crowd.add("pyng", other, due_in=timedelta(0)) for _ in range(60)]

    crowd.engine.start()
    await sandbox.wait_for_requests(50)
    await crowd.renewed(set(unlimited))
    upcoming = crowd.engine.next_renewal()
    await crowd.engine.drain()

    assert {received.status for received in sandbox.received} == {200}
    assert sandbox.count("paysera", "token") == 50
    assert upcoming is not None
    assert upcoming[0] in waiting
    assert upcoming[1] > 0
