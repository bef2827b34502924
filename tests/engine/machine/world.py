"""Everything that the state machine moves: processes on one store, servers, a keyring, a disk, clocks."""

from __future__ import annotations

import logging
import random
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engine.machine.account import RIGHT_SECRET, Account, Arrival, Mood, Typed
from tests.engine.machine.auditor import Auditor
from tests.engine.machine.clock import WorldClock
from tests.engine.machine.conduct import CONDUCT, Case
from tests.engine.machine.keeping import Keeping
from tests.engine.machine.keyring import Keyring, KeyringMood
from tests.engine.machine.kinds import KINDS
from tests.engine.machine.process import Process
from tests.engine.machine.promised import promised
from tests.engine.machine.server import Servers
from tests.engine.machine.showing import Showing
from tests.engine.machine.stepped import SteppedLoop
from tests.engine.machine.watch import Watch
from tests.engine.scripted import OneProvider
from tokendeck.core.connection import Connection
from tokendeck.core.errors import NoSuchConnection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet

if TYPE_CHECKING:
    from tests.engine.machine.kinds import Kind

ENGINE_LOGS = ("tokendeck.engine.background", "tokendeck.engine.roster")
FAST_FOLDER = Path("/dev/shm")  # noqa: S108 - where throw-away stores are quickest: on a disk a commit takes 4 ms
UNDO_S = 10.0
HEALING_S = (5.0, 60.0, 60.0, *[600.0] * 9, 60.0, 60.0)


class World:
    """Starts with one process and no connection."""

    def __init__(self, seed: int, luck: float | None) -> None:
        """Draw jitter by `seed`, or have it always be `luck`."""
        self.home = Path(tempfile.mkdtemp(prefix="td-", dir=FAST_FOLDER if FAST_FOLDER.is_dir() else None))
        self.loop = SteppedLoop()
        self.clock = WorldClock()
        self.keyring = Keyring()
        self.disk_is_full = self._was_disk_full = False
        self.processes: list[Process] = []
        self._wall_steps_s: list[float] = []
        self._deleted: dict[str, tuple[Process, float] | None] = {}
        """What nobody has brought back: by which process and when it was deleted; None while it is."""
        self._catalog = OneProvider(*(kind.provider for kind in KINDS.values()))
        drawn = random.Random(seed)  # noqa: S311 - repeatable, guards nothing
        self._chance = drawn.random if luck is None else lambda: luck
        self._ids, self._names, self._typed = count(1), count(1), count(1)
        self.servers = Servers(
            self.clock,
            self.loop,
            judge=self._judge,
            auditor=lambda: self.auditor,
        )
        for name in ENGINE_LOGS:
            logging.getLogger(name).addFilter(self._heed_log)
        self.start_process()
        self.loop.settle()
        self.auditor = Auditor(self.home, self.keyring.entries, self.loop, self.servers)
        self.keeping = Keeping(self.auditor, self.servers)
        self.showing = Showing(self.auditor, self.servers, self.clock)
        self.watch = Watch(self.clock, self.servers, self.auditor, is_disk_full=lambda: self.disk_is_full)

    # Processes

    def start_process(self) -> Process:
        process = Process(
            f"process {next(self._names)}",
            self.home,
            loop=self.loop,
            clock=self.clock,
            keyring=self.keyring,
            servers=self.servers,
            catalog=self._catalog,
            chance=self._chance,
            showing=lambda: self.showing,
        )
        process.open()
        self.processes.append(process)
        self._apply_disk()
        return process

    def kill(self, process: Process, *, work_is_done: bool) -> None:
        """End a process between two steps; the servers carry out what they had been sent, or never got it."""
        process.bury()
        self.processes.remove(process)
        self.servers.outlive(process.name, work_is_done=work_is_done)
        self._forget_what_was_not_kept(process.name)
        self.watch.disturb()

    def quit(self, process: Process) -> None:
        """End in order, and by force once a person has waited for 10 s."""
        leaving = process.quit()
        self.loop.settle()
        if leaving.done():
            self.servers.who_quits_waits_for_answers(process.name)
        elif not process.is_dead():
            self.advance(10.0)
        assert leaving.done() or process.is_dead(), "quitting took longer than 10 s"
        if not process.is_dead() and not self.disk_is_full:
            self.keeping.what_came_through_outlives_an_orderly_end(process.name)
        self.kill(process, work_is_done=True)

    def restart_the_machine(self, off_s: float) -> None:
        """Have the power go, and come back."""
        for process in tuple(self.processes):
            self.kill(process, work_is_done=True)
        self.clock.restart(off_s)
        self._clock_was_set()
        self.start_process()

    # People

    def add(self, process: Process, kind: Kind) -> str:
        connection_id = f"{next(self._ids):032x}"
        typed = Typed(f"Shop {connection_id[-3:]}", self._client_id(connection_id), RIGHT_SECRET)
        self.servers.accounts[connection_id] = Account(connection_id, kind, typed)
        connection = Connection(
            id=connection_id,
            name=typed.name,
            provider=kind.provider.id,
            environment="production",
            grant="main",
            created_at=self.clock.wall,
            values={"client_id": typed.client_id},
            confirmed_origins=(kind.origin,),
        )
        tokens = self._signed_in(typed.client_id) if kind.signed_in else None
        process.do(process.engine.add(connection, {"client_secret": Secret(typed.secret)}, tokens))
        return connection_id

    def rename(self, process: Process, connection_id: str) -> None:
        self._edit(process, connection_id, name=f"Shop {connection_id[-3:]} {next(self._typed)}")

    def type_secret(self, process: Process, connection_id: str, secret: str) -> None:
        self._edit(process, connection_id, secret=secret)

    def change_account(self, process: Process, connection_id: str) -> None:
        self._edit(process, connection_id, client_id=self._client_id(connection_id))

    def sign_in(self, process: Process, connection_id: str) -> None:
        account = self.servers.accounts[connection_id]
        if account.kind.signed_in:
            self._edit(process, connection_id, tokens=self._signed_in(account.typed.client_id))

    def pause(self, process: Process, connection_id: str, *, paused: bool) -> None:
        account = self.servers.accounts[connection_id]

        async def pause() -> None:
            account.paused_since_s = None
            await process.engine.set_paused(connection_id, paused=paused)
            account.paused_since_s = self.clock.true_s if paused else None

        self.watch.disturb(account)
        process.do(pause())

    def delete(self, process: Process, connection_id: str) -> None:
        async def delete() -> None:
            await process.engine.delete(connection_id)
            with self.loop.complaining():
                assert not process.knows(connection_id), "what was deleted is still in the list"
            self._deleted[connection_id] = process, self.clock.true_s

        self._deleted[connection_id] = None
        self.servers.accounts[connection_id].deleted = True
        process.do(delete())

    def undo_a_deletion(self, process: Process) -> None:
        async def undo(connection_id: str, deletion: tuple[Process, float] | None) -> None:
            asked_s = self.clock.true_s
            try:
                await process.engine.undo_delete(connection_id)
            except NoSuchConnection:
                with self.loop.complaining():
                    in_time = deletion is not None and deletion[0] in self.processes and asked_s < deletion[1] + UNDO_S
                    assert not in_time, "a deletion could not be undone"
                raise
            self.servers.accounts[connection_id].deleted = False

        if self._deleted:
            process.do(undo(*self._deleted.popitem()))

    # Time

    def advance(self, seconds: float) -> None:
        self.loop.advance(seconds)
        self.clock.advance(seconds)
        self._look_at_once()
        self.loop.settle()

    def sleep(self, seconds: float) -> None:
        """Sleep as a laptop does, and be awake for five seconds."""
        calm = self.watch.calm()
        self.clock.suspend(seconds)
        self._look_at_once()
        woke_s = self.clock.true_s
        self.advance(5.0)
        if not any(process.is_dead() for process in self.processes):
            self.watch.what_is_due_is_asked_for_within_five_seconds_of_waking(calm, woke_s)

    def set_wall(self, seconds: float) -> None:
        self.clock.step_wall(seconds)
        self._clock_was_set()

    # The surroundings

    def set_mood(self, account: Account, mood: Mood) -> None:
        account.mood = mood
        self.watch.disturb(account)

    def set_disk(self, *, full: bool) -> None:
        """Let the store's file take no changes, or take them again."""
        self.disk_is_full = full
        self._was_disk_full = self._was_disk_full or full
        self._apply_disk()
        self._forget_what_was_not_kept("")
        self.watch.disturb()

    def heal(self) -> None:
        """Let everything be well for an hour and a half, after which nothing may be left of any trouble."""
        self.servers.release_all()
        self.keyring.mood = KeyringMood.OPEN
        self.set_disk(full=False)
        for account in self.servers.accounts.values():
            account.mood, account.call_status = Mood.GOOD, None
        self.settle()
        self.advance(15.0)
        for process in self.processes:
            process.worker.jobs_to_live = None
            process.unlock()
        for seconds in HEALING_S:
            self.advance(seconds)
            self.settle()
        for process in self.processes:
            assert not process.waiters, f"somebody still waits in {process.name}"
        for account in self.servers.accounts.values():
            self.no_trouble_is_left_once_all_has_been_well(account)

    # Looking

    def settle(self) -> None:
        """Let everything run, bury whoever died on the way, and look at it all."""
        self.loop.settle()
        for process in tuple(self.processes):
            if process.is_dead():
                self.kill(process, work_is_done=True)
        if not self.processes:
            self.start_process()
            self.loop.settle()
        for process in self.processes:
            process.forget_done()
            process.entry.the_vault_is_shown_as_what_the_keyring_said(process.engine.vault_state)
            self.showing.shown(process)
        self.keyring.nothing_is_overwritten_or_removed()
        complaints = "; ".join(dict.fromkeys(self.loop.complaints))
        assert not complaints, complaints
        self.keeping.look(self.processes)
        self.watch.look(self.processes)

    def close(self) -> None:
        for name in ENGINE_LOGS:
            logging.getLogger(name).removeFilter(self._heed_log)
        for process in self.processes:
            process.bury()
        self.auditor.close()
        self.loop.settle()
        self.loop.close()
        shutil.rmtree(self.home)

    @promised(23)
    def no_trouble_is_left_once_all_has_been_well(self, account: Account) -> None:
        record = self.auditor.record(account.connection_id)
        if record is None or record.connection.paused or not account.kind.ahead or account.refused:
            return
        if any(process.remembers_a_refusal(account.connection_id) for process in self.processes):
            return  # in memory alone, where the disk was full
        signed_out = account.kind.signed_in and self.auditor.kept_refresh_token(account.connection_id) is None
        assert record.trouble is None or signed_out, f"{record.trouble} although all has been well for long"

    # Inside

    def _client_id(self, connection_id: str) -> str:
        return f"{connection_id}-{next(self._typed)}"

    def _edit(self, process: Process, connection_id: str, *, tokens: TokenSet | None = None, **typed: str) -> None:
        account, before = self.servers.accounts[connection_id], process.engine.record(connection_id).connection
        if account.typing is not None:
            return  # one at a time, or nobody could say which came last
        account.typing = replace(account.typed, **typed)
        if before.name != account.typed.name or before.values["client_id"] != account.typed.client_id:
            before = replace(before, name=account.typed.name, values={"client_id": account.typed.client_id})
        edited = replace(before, name=account.typing.name, values={"client_id": account.typing.client_id})
        secrets = {"client_secret": Secret(typed["secret"])} if "secret" in typed else {}

        async def edit() -> None:
            assert account.typing is not None
            saving = account.typing
            await process.engine.edit(edited, secrets, tokens)
            asks_alike = tokens is None and saving.client_id == account.typed.client_id
            account.typed, account.typing = saving, None
            if tokens is not None:
                self.servers.count_anew(tokens.access_token.reveal())
                account.delivered.clear()
            account.edits_s.append(self.clock.true_s)
            account.refused = False
            account.hold_until_s = account.hold_until_s if asks_alike else 0.0

        self.watch.disturb(account)
        process.do(edit())

    def _look_at_once(self) -> None:
        """Look at what is shown before anybody has had time to do anything about it."""
        self.watch.clock_moved()
        for process in self.processes:
            self.showing.shown(process)

    def _clock_was_set(self) -> None:
        self._wall_steps_s.append(self.clock.true_s)
        for account in self.servers.accounts.values():
            account.hold_until_s = 0.0  # it is kept by the wall clock alone
        self._look_at_once()
        self.watch.disturb()

    def _apply_disk(self) -> None:
        for process in self.processes:
            connection = process.storage._store._connection
            assert connection is not None
            connection.execute(f"PRAGMA query_only = {int(self.disk_is_full)}")

    def _judge(self, arrival: Arrival) -> None:
        account = self.servers.accounts[arrival.connection_id]
        case = Case(
            arrival,
            account,
            list(self.servers.accounts.values()),
            [wire.arrival for wire in self.servers.on_the_wire if wire.arrival is not arrival],
            self._wall_steps_s,
            self.watch.may_be_due(arrival.connection_id),
            self._has_heard(arrival, account),
        )
        try:
            for judge in CONDUCT:
                judge(case)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{account.story()}") from error

    def _has_heard(self, arrival: Arrival, account: Account) -> bool:
        record = self.auditor.record(arrival.connection_id)
        is_noted = record is not None and record.trouble is not None
        before = [one for one in account.arrivals if one is not arrival and one.outcome != "under way"]
        of_no_good = takewhile(lambda one: one.outcome != "good", reversed(before))
        return is_noted or not self._was_disk_full or arrival.process in {one.process for one in of_no_good}

    def _forget_what_was_not_kept(self, process: str) -> None:
        """Expect of nobody what only a process knew that is gone."""
        for connection_id, account in self.servers.accounts.items():
            record = self.auditor.record(connection_id)
            account.delivered.pop(process, None)
            account.refused = account.refused and self.auditor.is_stopped(connection_id)
            hold_until = record.trouble.hold_until if record is not None and record.trouble is not None else None
            noted_s = (hold_until - self.clock.wall).total_seconds() if hold_until is not None else 0.0
            account.hold_until_s = min(account.hold_until_s, self.clock.true_s + max(noted_s, 0.0))

    def _heed_log(self, record: logging.LogRecord) -> bool:
        """Take the crash that a server of the mood `CRASH` causes as planned, and any other as a complaint."""
        raised = record.exc_info[1] if record.exc_info else None
        if raised is not None and not isinstance(raised, ZeroDivisionError):
            self.loop.complaints.append(f"{record.getMessage()}: {raised!r}")
        return raised is None

    def _signed_in(self, client_id: str) -> TokenSet:
        issue, refresh_token = self.servers.sign_in(client_id)
        expiry = At(issue.asked_at.wall + timedelta(seconds=issue.lifetime_s or 0), ExpirySource.EXPIRES_IN)
        facts = TokenFacts(issue.asked_at, expiry, has_refresh_token=True)
        return TokenSet(Secret(issue.text), Secret(refresh_token), facts)
