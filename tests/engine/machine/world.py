"""Everything that the state machine moves: processes on one store, servers, two clocks."""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engine.machine.auditor import Auditor, is_stopped
from tests.engine.machine.conduct import judge_arrival
from tests.engine.machine.kinds import KINDS
from tests.engine.machine.process import Process
from tests.engine.machine.server import RIGHT_SECRET, Account, Arrival, Mood, Servers
from tests.engine.machine.stepped import SteppedLoop
from tests.engine.scripted import OneProvider
from tests.manual_clock import ManualClock
from tokendeck.core.connection import Connection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet

if TYPE_CHECKING:
    from tests.engine.machine.kinds import Kind

ENGINE_LOG = "tokendeck.engine.engine"
FAST_FOLDER = Path("/dev/shm")  # noqa: S108 - where throw-away stores are quickest: on a disk a commit takes 4 ms


class World:
    """Starts with one process and no connection."""

    def __init__(self, seed: int) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="td-", dir=FAST_FOLDER if FAST_FOLDER.is_dir() else None))
        self.loop = SteppedLoop()
        self.clock = ManualClock()
        self.servers = Servers(
            self.clock,
            self.loop,
            judge=self._judge,
            secret_of=self._secret_of,
        )
        self.auditor = Auditor(self.home, self.loop, self.clock, self.servers)
        self.processes: list[Process] = []
        self._steps: list[float] = []
        """When the wall clock was set, by the elapsed clock."""

        self._catalog = OneProvider(*(kind.provider for kind in KINDS.values()))
        self._chance = random.Random(seed).random  # noqa: S311 - repeatable, guards nothing
        self._ids = count(1)
        self._names = count(1)
        logging.getLogger(ENGINE_LOG).addFilter(self._heed_log)
        self.start_process()

    def start_process(self) -> Process:
        process = Process(
            f"process {next(self._names)}",
            self.home,
            loop=self.loop,
            clock=self.clock,
            servers=self.servers,
            catalog=self._catalog,
            chance=self._chance,
            auditor=self.auditor,
        )
        process.open()
        self.processes.append(process)
        return process

    def add(self, process: Process, kind: Kind) -> str:
        connection_id = f"{next(self._ids):032x}"
        self.servers.accounts[connection_id] = Account(kind)
        connection = Connection(
            id=connection_id,
            name=f"Shop {connection_id[-3:]}",
            provider=kind.provider.id,
            environment="production",
            grant="main",
            created_at=self.clock.wall,
            values={"client_id": connection_id},
            confirmed_origins=(kind.origin,),
        )
        tokens = self._signed_in(connection_id) if kind.signed_in else None
        process.do(process.engine.add(connection, {"client_secret": Secret(RIGHT_SECRET)}, tokens))
        return connection_id

    def edit(self, process: Process, connection_id: str, secret: str) -> None:
        """Type another secret; where the grant is dead and nothing is under way, sign in again as well."""
        account = self.servers.accounts[connection_id]
        record = process.engine.record(connection_id)
        flying = any(one.flies(connection_id) for one in self.processes)
        tokens = (
            self._signed_in(connection_id) if account.kind.signed_in and is_stopped(record) and not flying else None
        )

        async def edit() -> None:
            await process.engine.edit(record.connection, {"client_secret": Secret(secret)}, tokens)
            account.edits += 1
            account.refused_by, account.hold_until_s = None, 0.0

        process.do(edit())

    def delete(self, process: Process, connection_id: str) -> None:
        self.servers.accounts[connection_id].deleted = True
        process.do(process.engine.delete(connection_id))

    def undo_delete(self, process: Process, connection_id: str) -> None:
        async def undo() -> None:
            await process.engine.undo_delete(connection_id)
            account, record = self.servers.accounts[connection_id], self.auditor.record(connection_id)
            account.deleted = False
            account.refused_by = process.name if record is not None and is_stopped(record) else None

        process.do(undo())

    def kill(self, process: Process, *, work_is_done: bool) -> None:
        """End a process between two steps; the servers carry out what they had been sent, or never got it."""
        process.bury()
        self.processes.remove(process)
        self.servers.outlive(process.name, work_is_done=work_is_done)
        for connection_id, account in self.servers.accounts.items():
            self._forget_what_it_knew(process.name, connection_id, account)

    def quit(self, process: Process) -> None:
        """End in order, and by force once a person has waited for 10 s."""
        leaving = process.quit()
        self.loop.settle()
        if not leaving.done() and not process.is_dead():
            self.advance(10.0)
        assert leaving.done() or process.is_dead(), "quitting took longer than 10 s"
        self.kill(process, work_is_done=True)

    def advance(self, seconds: float) -> None:
        self.loop.advance(seconds)
        self.clock.advance(seconds)
        self.loop.settle()

    def step_wall(self, seconds: float) -> None:
        self.clock.step_wall(seconds)
        self._steps.append(self.clock.elapsed_s)
        for account in self.servers.accounts.values():
            account.hold_until_s = 0.0  # it is kept by the wall clock alone

    def let_answers_go(self) -> None:
        for wire in tuple(self.servers.on_the_wire):
            self.servers.release(wire)

    def heal(self) -> None:
        """Let everything be well for an hour and a half."""
        self.servers.holding = False
        self.let_answers_go()
        for account in self.servers.accounts.values():
            account.mood = Mood.GOOD
        self.settle()
        for process in self.processes:
            process.worker.jobs_to_live = None
            process.do(process.engine.unlock())
        for seconds in [4.0, 60.0, 60.0, *[600.0] * 9, 4.0, 4.0]:
            self.advance(seconds)
        self.settle()
        for process in self.processes:
            self.auditor.check_healed(process)

    def settle(self) -> None:
        """Let everything run, bury whoever died on the way, and look at it all."""
        self.loop.settle()
        for process in tuple(self.processes):
            if process.is_dead():
                self.kill(process, work_is_done=True)
        if not self.processes:
            self.start_process()
        for process in self.processes:
            process.forget_done()
        complaints = "; ".join(dict.fromkeys(self.loop.complaints))
        assert not complaints, complaints
        self.auditor.check(self.processes)

    def close(self) -> None:
        logging.getLogger(ENGINE_LOG).removeFilter(self._heed_log)
        for process in self.processes:
            process.bury()
        self.auditor.close()
        self.loop.settle()
        self.loop.close()
        shutil.rmtree(self.home)

    def _secret_of(self, connection_id: str) -> str:
        return self.auditor.secret(connection_id)

    def _heed_log(self, record: logging.LogRecord) -> bool:
        """Take the crash that a server of the mood `CRASH` causes as planned, and any other as a complaint."""
        raised = record.exc_info[1] if record.exc_info else None
        if raised is not None and not isinstance(raised, ZeroDivisionError):
            self.loop.complaints.append(f"{record.getMessage()}: {raised!r}")
        return raised is None

    def _judge(self, arrival: Arrival) -> None:
        record = self.auditor.record(arrival.connection_id)
        stopped = record is not None and is_stopped(record)
        judge_arrival(arrival, self.servers, self._steps, stopped=stopped)

    def _forget_what_it_knew(self, process: str, connection_id: str, account: Account) -> None:
        """Expect of nobody what only a dead process was told."""
        record = self.auditor.record(connection_id)
        issue = account.delivered.pop(process, None)
        if issue is not None and issue.number > self.auditor.kept_number(connection_id):
            account.end_unseen = account.kind.rotates
        if record is None or not is_stopped(record):
            account.refused_by = None
        hold_until = record.trouble.hold_until if record is not None and record.trouble is not None else None
        noted = (hold_until - self.clock.wall).total_seconds() if hold_until is not None else 0.0
        account.hold_until_s = min(account.hold_until_s, self.clock.elapsed_s + max(noted, 0.0))

    def _signed_in(self, connection_id: str) -> TokenSet:
        issue, refresh_token = self.servers.sign_in(connection_id)
        expiry = At(issue.asked_at.wall + timedelta(seconds=issue.lifetime_s or 0), ExpirySource.EXPIRES_IN)
        facts = TokenFacts(issue.asked_at, expiry, has_refresh_token=True)
        return TokenSet(Secret(issue.token), Secret(refresh_token), facts)
