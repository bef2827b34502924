"""One process: an engine on its own opening of the store, which can be killed at any step."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tests.engine.machine.stepped import SteppedWorker
from tokendeck.core.errors import TokendeckError
from tokendeck.engine.engine import RefreshEngine
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import timedelta
    from pathlib import Path

    from tests.engine.machine.auditor import Auditor
    from tests.engine.machine.server import Servers
    from tests.engine.machine.stepped import SteppedLoop
    from tests.engine.scripted import OneProvider
    from tests.manual_clock import ManualClock
    from tokendeck.core.answers import Answer
    from tokendeck.core.request import Request

KEY = b"k" * 32
FORBIDDEN = 403


class Wire:
    """The process's way to the servers."""

    def __init__(self, process: Process, servers: Servers) -> None:
        self._process = process
        self._servers = servers

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        process = self._process
        process.stop_if_dead()
        connection_id = request.url  # only the servers know whose a test call is
        if not follow_same_origin:
            connection_id = str(getattr(request.parameters["client_id"], "reveal", str)())
        automatic = not follow_same_origin and connection_id not in process.commanded
        answer = await self._servers.receive(request, process.name, automatic=automatic, call=follow_same_origin)
        process.stop_if_dead()
        return answer


class Process:
    """Started with `open`; ends by `quit` or by being killed."""

    def __init__(
        self,
        name: str,
        home: Path,
        *,
        loop: SteppedLoop,
        clock: ManualClock,
        servers: Servers,
        catalog: OneProvider,
        chance: Callable[[], float],
        auditor: Auditor,
    ) -> None:
        self.name = name
        self._loop = loop
        self._auditor = auditor
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.waiters: list[asyncio.Task[None]] = []
        self.commanded: set[str] = set()
        """Connections for which a person's command is under way, or a flight that it started."""

        self._commands: Counter[str] = Counter()
        self._tested: set[str] = set()
        self._servers = servers
        self.worker = SteppedWorker(loop)
        self.storage = open_storage(home, guard=MemoryGuard(KEY))
        self.storage._store._worker = self.worker  # type: ignore[assignment]  # the same shape, and repeatable
        self._clock = clock
        self._catalog = catalog
        self._chance = chance
        self.engine: RefreshEngine

    def open(self) -> None:
        self._loop.finish(self._open(), self.tasks)

    async def _open(self) -> None:
        storage = self.storage
        self.engine = RefreshEngine(
            clock=self._clock,
            ledger=storage.ledger,
            vault=storage.vault,
            endpoint=Wire(self, self._servers),
            locks=storage.locks,
            catalog=self._catalog,
            chance=self._chance,
        )
        await self.engine.unlock()
        await self.engine.load()
        self.engine.subscribe(self._hear)
        self.engine.start()

    def is_dead(self) -> bool:
        return self.worker.dead

    def stop_if_dead(self) -> None:
        if self.worker.dead:
            raise asyncio.CancelledError

    def knows(self, connection_id: str) -> bool:
        return any(record.connection.id == connection_id for record in self.engine.records())

    def flies(self, connection_id: str) -> bool:
        return connection_id in self.engine._flights

    def holds_unsaved(self, connection_id: str) -> bool:
        return self.engine._issuer.holds_unsaved(connection_id)

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Do what a person clicked; the refusals that the engine has words for are part of life."""
        self.waiters.append(self._loop.start(self._carry_out(work), self.tasks))

    def ask(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> None:
        """Ask for a token, as a copy does."""
        self.do(self._ask(connection_id, min_valid, fresh=fresh))

    def test(self, connection_id: str) -> None:
        """Make a test call, unless one is under way."""
        if connection_id not in self._tested:
            self.do(self._command(connection_id, self._test(connection_id)))

    def forget_done(self) -> None:
        """Count commands as over whose flights have landed."""
        self.waiters = [waiter for waiter in self.waiters if not waiter.done()]
        self.commanded = {one for one in self.commanded if self._commands[one] or self.flies(one)}

    def bury(self) -> None:
        """Take away what is left of a killed process, as the system does: its locks and open files go."""
        self.worker.dead = True
        while self.tasks:
            for task in tuple(self.tasks):
                task.cancel()
            self._loop.settle()
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

    async def _ask(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> None:
        work = self._take_token(connection_id, min_valid, fresh=fresh)
        await (self._command(connection_id, work) if fresh else work)

    async def _take_token(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> None:
        tokens = await self.engine.token(connection_id, min_valid=min_valid, fresh=fresh)
        with self._loop.complaining():
            self._auditor.handed_out(self.name, connection_id, tokens, min_valid)

    async def _test(self, connection_id: str) -> None:
        before = self._servers.calls(self.name, connection_id)
        self._tested.add(connection_id)
        try:
            verdict = await self.engine.test(connection_id, confirmed=True)
        finally:
            self._tested.discard(connection_id)
        statuses = self._servers.calls(self.name, connection_id)[len(before) :]
        with self._loop.complaining():
            assert len(statuses) <= 2, "a test call was repeated more often than once"
            assert verdict.status != FORBIDDEN or statuses[:-1] in ([], ["401"]), "a test call was repeated after a 403"

    async def _command(self, connection_id: str, work: Coroutine[Any, Any, object]) -> None:
        self.commanded.add(connection_id)
        self._commands[connection_id] += 1
        try:
            await work
        finally:
            self._commands[connection_id] -= 1

    async def _carry_out(self, work: Coroutine[Any, Any, object]) -> None:
        with suppress(TokendeckError, ZeroDivisionError):
            await work

    def _hear(self, event: object) -> None:
        connection_id = getattr(event, "connection_id", "")
        if connection_id and not self.is_dead() and self.knows(connection_id):
            with self._loop.complaining():
                self._auditor.announced(self.name, self.engine.record(connection_id))
