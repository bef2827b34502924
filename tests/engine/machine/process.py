"""One process: an engine on its own opening of the store, which can be killed at any step."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tests.engine.machine.account import By
from tests.engine.machine.keyring import KeyringEntry
from tests.engine.machine.promised import promised
from tests.engine.machine.stepped import SteppedWorker
from tests.engine.scripted import ScriptedListener
from tokendeck.core.connection import TroubleKind
from tokendeck.core.credentials import Credentials
from tokendeck.core.errors import LifetimeTooShort, TokendeckError, VaultLocked
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.engine import RefreshEngine
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import timedelta
    from pathlib import Path

    from tests.engine.machine.clock import WorldClock
    from tests.engine.machine.keyring import Keyring
    from tests.engine.machine.server import Servers
    from tests.engine.machine.showing import Showing
    from tests.engine.machine.stepped import SteppedLoop
    from tests.engine.scripted import OneProvider
    from tokendeck.core.answers import Answer
    from tokendeck.core.holding import Holding
    from tokendeck.core.request import Request
    from tokendeck.core.verdict import Verdict
    from tokendeck.storage.vault import SealedVault


VERSION: ContextVar[int] = ContextVar("version", default=0)
"""Of the credentials that the running piece of code has read."""


class NotedVault:
    """Stands before a vault, and notes which credentials are read."""

    def __init__(self, vault: SealedVault) -> None:
        self._vault = vault

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the vault has
        return getattr(self._vault, name)

    async def credentials(self, connection_id: str, *, hidden_too: bool = False) -> Credentials:
        credentials = await self._vault.credentials(connection_id, hidden_too=hidden_too)
        VERSION.set(credentials.version)
        return credentials

    async def holding(self, connection_id: str) -> Holding:
        held = await self._vault.holding(connection_id)
        if isinstance(held.credentials, Credentials):
            VERSION.set(held.credentials.version)
        return held


class Wire:
    """The process's way to the servers."""

    def __init__(self, process: Process, servers: Servers) -> None:
        self._process = process
        self._servers = servers

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        self._process.stop_if_dead()
        answer = await self._servers.receive(request, self._process, call=follow_same_origin, version=VERSION.get())
        self._process.stop_if_dead()
        return answer


class Process:
    """Started with `open`; ends by `quit` or by being killed."""

    def __init__(
        self,
        name: str,
        home: Path,
        *,
        loop: SteppedLoop,
        clock: WorldClock,
        keyring: Keyring,
        servers: Servers,
        catalog: OneProvider,
        chance: Callable[[], float],
        showing: Callable[[], Showing],
    ) -> None:
        self.name = name
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.waiters: list[asyncio.Task[None]] = []
        self.worker = SteppedWorker(loop)
        self.entry = KeyringEntry(keyring)
        self.storage = open_storage(home, guard=self.entry)
        self.storage._store._worker = self.worker  # type: ignore[assignment]  # the same shape, and repeatable
        self.engine: RefreshEngine
        self._loop = loop
        self._clock = clock
        self._catalog = catalog
        self._chance = chance
        self._servers = servers
        self._showing = showing
        self._asking: Counter[str] = Counter()
        self._commanding: Counter[str] = Counter()
        self._wishes: dict[str, By] = {}
        """At whose wish a flight was begun; kept until it lands, however soon whoever wished it gives up."""

        self._testing: set[str] = set()

    def open(self) -> None:
        """Do what the program does when it starts; the keyring may keep it waiting."""
        self._loop.finish(self._open(), self.tasks)
        self.unlock()

    async def _open(self) -> None:
        storage = self.storage
        vault: Any = NotedVault(storage.vault)
        self.engine = RefreshEngine(
            clock=self._clock,
            ledger=storage.ledger,
            vault=vault,
            endpoint=Wire(self, self._servers),
            locks=storage.locks,
            catalog=self._catalog,
            listener=ScriptedListener(),
            draw=bytes,
            chance=self._chance,
        )
        await self.engine.load()
        self.engine.subscribe(self._hear)
        self.engine.start()

    # Looking

    def is_dead(self) -> bool:
        return self.worker.dead

    def stop_if_dead(self) -> None:
        if self.worker.dead:
            raise asyncio.CancelledError

    def is_open(self) -> bool:
        return isinstance(self.engine.vault_state, VaultOpen)

    def knows(self, connection_id: str) -> bool:
        return any(record.connection.id == connection_id for record in self.engine.records())

    def cares_for(self, connection_id: str) -> bool:
        """Tell whether it renews a connection by itself: what it remembers of trouble may be in memory alone."""
        return self.is_open() and self.knows(connection_id) and self.engine.record(connection_id).trouble is None

    def remembers_a_refusal(self, connection_id: str) -> bool:
        if not self.knows(connection_id):
            return False
        trouble = self.engine.record(connection_id).trouble
        return trouble is not None and trouble.kind is not TroubleKind.WAITING

    def flies(self, connection_id: str) -> bool:
        return connection_id in self.engine._flights

    def holds_unsaved(self, connection_id: str) -> bool:
        return connection_id in self.engine._issuer._waiting

    def at_whose_wish(self, connection_id: str) -> By:
        return self._wishes.get(connection_id, By.BACKGROUND)

    # People and scripts

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Do what a person clicked; the refusals that the engine has words for are part of life."""
        waiter = self._loop.start(self._carry_out(work), self.tasks)
        waiter.add_done_callback(lambda _: work.close())  # else Python warns of what was given up before it began
        self.waiters.append(waiter)

    def unlock(self) -> None:
        self.do(self._unlock())

    def lock(self) -> None:
        self.do(self._lock())

    def ask(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> None:
        """Ask for a token, as a copy does."""
        wish = By.PERSON if fresh else By.SOMEBODY
        self.do(self._wish(connection_id, wish, lambda: self._ask(connection_id, min_valid, fresh=fresh)))

    def test(self, connection_id: str) -> None:
        """Make a test call, unless one is under way."""
        if connection_id not in self._testing:
            self.do(self._wish(connection_id, By.PERSON, lambda: self._test(connection_id)))

    def forget_done(self) -> None:
        """Count wishes as over whose flights have landed."""
        for waiter in [waiter for waiter in self.waiters if waiter.done()]:
            self.waiters.remove(waiter)
            if not waiter.cancelled():
                waiter.result()
        for connection_id in tuple(self._wishes):
            if self._commanding[connection_id]:
                self._wishes[connection_id] = By.PERSON
            elif not self.flies(connection_id):
                del self._wishes[connection_id]
                if self._asking[connection_id]:
                    self._wishes[connection_id] = By.SOMEBODY

    # The end

    def bury(self) -> None:
        """Take away what is left of a killed process, as the system does: its locks and open files go."""
        self.worker.dead = True
        while self.tasks:
            for task in tuple(self.tasks):
                task.cancel()
            self._loop.settle()
        unsaved = self.engine._issuer._waiting
        for connection_id, _ in unsaved.all():
            unsaved.forget(connection_id)
        ledger = self.storage.ledger
        if ledger._presence is not None:
            ledger._presence.release()
        self.storage._store._let_go()

    def quit(self) -> asyncio.Task[None]:
        """End in order; the task is done when the process has gone."""
        return self._loop.start(self._quit(), self.tasks)

    async def _quit(self) -> None:
        await self.engine.drain()
        await self.storage.close()

    # Inside

    async def _unlock(self) -> None:
        self.entry.is_heard = True
        await self.engine.unlock()

    async def _lock(self) -> None:
        self.entry.is_heard, self.entry.told = False, VaultLocked
        self.engine.lock()

    async def _ask(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> None:
        asked_s = self._clock.true_s
        under_way = self.flies(connection_id)
        try:
            tokens = await self.engine.token(connection_id, min_valid=min_valid, fresh=fresh)
        except LifetimeTooShort:
            arrivals = self._servers.accounts[connection_id].arrivals
            with self._loop.complaining():
                tried = under_way or any(one.at_s >= asked_s and not one.call for one in arrivals)
                assert tried, "a token was said to be too short although no other was asked for"
            raise
        with self._loop.complaining():
            self._showing().handed_out(self, connection_id, tokens, min_valid)

    async def _test(self, connection_id: str) -> None:
        arrivals = self._servers.accounts[connection_id].arrivals
        before = len(arrivals)
        self._testing.add(connection_id)
        try:
            verdict = await self.engine.test(connection_id, confirmed=True)
        finally:
            self._testing.discard(connection_id)
        calls = [one.outcome for one in arrivals[before:] if one.call and one.process == self.name]
        with self._loop.complaining():
            a_test_call_is_repeated_once_after_a_401_and_never_else(calls, verdict)

    async def _wish(self, connection_id: str, wish: By, work: Callable[[], Coroutine[Any, Any, object]]) -> None:
        counter = self._commanding if wish is By.PERSON else self._asking
        counter[connection_id] += 1
        if wish is By.PERSON or connection_id not in self._wishes:
            self._wishes[connection_id] = wish
        try:
            await work()
        finally:
            counter[connection_id] -= 1

    async def _carry_out(self, work: Coroutine[Any, Any, object]) -> None:
        with suppress(TokendeckError, ZeroDivisionError):
            await work

    def _hear(self, event: object) -> None:
        connection_id = getattr(event, "connection_id", "")
        if connection_id and not self.is_dead() and self.knows(connection_id):
            with self._loop.complaining():
                self._showing().announced(self.engine.record(connection_id))


@promised(26)
def a_test_call_is_repeated_once_after_a_401_and_never_else(outcomes: list[str], verdict: Verdict) -> None:
    assert len(outcomes) <= 2, "a test call was repeated more often than once"
    assert outcomes[:-1] in ([], ["401"]), f"a test call was repeated after {outcomes[0]}"
    assert verdict.retried or len(outcomes) < 2, "a retry was not told"
