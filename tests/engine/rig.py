"""An engine on a real store, with a manual clock and a scripted other side."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tests.engine.scripted import ORIGIN, InProcessLocks, OneProvider, ScriptedEndpoint, ScriptedListener, provider
from tests.manual_clock import ManualClock
from tokendeck.core.connection import Connection
from tokendeck.core.expiry import At, ExpirySource, NotStated
from tokendeck.core.origin import origin_of
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.engine.engine import RefreshEngine
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from tokendeck.core.provider import Provider
    from tokendeck.engine.events import Event
    from tokendeck.engine.ports import TokenPen
    from tokendeck.storage.storage import Storage


KEY = b"k" * 32

T = TypeVar("T")


class Failing:
    """Hands everything on to the real part, except where the test lets some methods raise."""

    def __init__(self, real: Any, *methods: str) -> None:  # noqa: ANN401 - stands in for any port
        self._real = real
        self.methods = methods
        self.error: Exception | None = None
        self.meanwhile: dict[str, Callable[[], Awaitable[object]]] = {}
        """What happens just before the next call of a method, by its name."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - stands in for any port
        if name in self.meanwhile:
            return partial(self._after, self.meanwhile.pop(name), name)
        if name in self.methods and self.error is not None:
            return self._raise
        return getattr(self._real, name)

    async def _after(self, happen: Callable[[], Awaitable[object]], name: str, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - stands in for any port
        await happen()
        return await getattr(self._real, name)(*given, **named)

    def pen(self) -> FailingPen:
        return FailingPen(self, self._real.pen())

    async def _raise(self, *_: object, **__: object) -> None:
        assert self.error is not None
        raise self.error


class FailingPen:
    """Fails as its vault does."""

    def __init__(self, vault: Failing, real: TokenPen) -> None:
        self._vault = vault
        self._real = real

    async def renew_tokens(self, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet | None:
        if self._vault.error is not None and "renew_tokens" in self._vault.methods:
            raise self._vault.error
        return await self._real.renew_tokens(connection_id, tokens, serial)


class Rig:
    """What an engine test arranges and looks at."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = ManualClock()
        self.endpoint = ScriptedEndpoint(self.clock)
        self.locks = InProcessLocks()
        self.listener = ScriptedListener()
        self.draw: Callable[[int], bytes] = secrets.token_bytes
        self.catalog = OneProvider(provider())
        self.chance = 0.5
        self.events: list[Event] = []
        self.jobs = 0
        """How many jobs the stores were given, but for those that only wait for the others."""

        self._storages: list[Storage] = []
        self._engines: list[RefreshEngine] = []

    async def open(self) -> None:
        storage = self._storage()
        self.ledger = Failing(storage.ledger, "changes")
        self.vault = Failing(storage.vault, "save_tokens", "renew_tokens")
        self.engine = await self._engine(self.ledger, self.vault)
        self.engine.subscribe(self.events.append)

    async def another_process(self, *, key: bytes = KEY) -> RefreshEngine:
        """Give a second engine on the same file, as another process would have; `key` is what its keyring holds."""
        storage = self._storage(key)
        return await self._engine(storage.ledger, storage.vault)

    async def close(self) -> None:
        for engine in self._engines:
            await engine.drain()
        for storage in self._storages:
            await storage.close()

    def use(self, one: Provider) -> None:
        self.catalog.by_id = {one.id: one}

    async def add(self, name: str, *, base_url: str = "", **settings: Any) -> str:  # noqa: ANN401 - Connection's own
        (one,) = self.catalog.by_id.values()
        overrides = {"base_url": base_url} if base_url else {}
        connection = Connection(
            id=uuid.uuid4().hex,
            name=name,
            provider=one.id,
            environment="production",
            grant="main",
            created_at=self.clock.wall,
            values={"client_id": "id"},
            overrides=overrides,
            confirmed_origins=(origin_of(base_url) if base_url else ORIGIN,),
        )
        await self.engine.add(replace(connection, **settings), {"client_secret": Secret("s3cret")})
        return connection.id

    async def give(
        self,
        connection_id: str,
        token: str,
        *,
        refresh_token: str | None = None,
        lifetime: timedelta | None = timedelta(hours=1),
    ) -> None:
        """Let the connection have a token that no request brought."""
        now = self.clock.now()
        expiry = NotStated() if lifetime is None else At(now.wall + lifetime, ExpirySource.EXPIRES_IN)
        facts = TokenFacts(now, expiry, has_refresh_token=refresh_token is not None)
        kept = Secret(refresh_token) if refresh_token else None
        await self.vault.save_tokens(connection_id, TokenSet(Secret(token), kept, facts))
        await self.engine.load()

    async def settle(self) -> None:
        """Let everything run that waits for neither time nor an answer that is held back."""
        ready: deque[asyncio.Handle] = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # of BaseEventLoop
        before = -1
        while before != (before := self.jobs):
            await asyncio.gather(*(storage.ledger.record("nobody") for storage in self._storages))
            self.jobs -= len(self._storages)
            while ready:  # noqa: ASYNC110 - that nobody is ready is no event
                await asyncio.sleep(0)

    async def advance(self, seconds: float, *, step: float | None = None) -> None:
        """Let time pass, in steps, settling after each."""
        left = seconds
        while left > 0:
            await self.settle()
            self.clock.advance(min(step or seconds, left))
            left -= step or seconds
        await self.settle()

    def _storage(self, key: bytes = KEY) -> Storage:
        storage = open_storage(self.home, guard=MemoryGuard(key))
        run = storage._store._worker.run

        def counted(call: Callable[[], T]) -> Coroutine[object, object, T]:
            self.jobs += 1
            return run(call)

        storage._store._worker.run = counted  # type: ignore[method-assign]  # the jobs of a store tell who is busy
        self._storages.append(storage)
        return storage

    async def _engine(self, ledger: Any, vault: Any) -> RefreshEngine:  # noqa: ANN401 - a port, or Failing
        engine = RefreshEngine(
            clock=self.clock,
            ledger=ledger,
            vault=vault,
            endpoint=self.endpoint,
            locks=self.locks,
            catalog=self.catalog,
            listener=self.listener,
            draw=self.draw,
            chance=lambda: self.chance,
        )
        await engine.unlock()
        await engine.load()
        self._engines.append(engine)
        return engine
