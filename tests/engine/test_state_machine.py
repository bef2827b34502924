"""
Whatever happens, in whatever order: no token is lost, no dead one handed out, no server hammered.

Hypothesis draws what happens; engine, store and locks are the real ones. Each run ends with an hour and a half in which
all is well, and after which all must be. Here the runs are always the same; `make soak` draws anew, as long as asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.engine.machine.kinds import KINDS
from tests.engine.machine.server import RIGHT_SECRET, Account, Mood
from tests.engine.machine.world import World

if TYPE_CHECKING:
    from tests.engine.machine.process import Process

pytestmark = [pytest.mark.promise(number) for number in (2, 6, 7, 23, 24, 25, 26, 27, 29, 30, 32, 33)]

RUNS, RUNS_OF_A_SOAK = 80, 200
STEPS = 40
MOST_CONNECTIONS = 6
MOST_PROCESSES = 2

ANY = st.integers(0, 11)
"""Picks one of however many there are."""


class Machine(RuleBasedStateMachine):
    """Its rules are what can happen to Tokendeck; after each, the auditor looks at everything."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        self.world = World(seed)
        self.deleted: list[str] = []
        for kind in ("plain", "signedin", "rotating"):
            self.world.add(self.world.processes[0], KINDS[kind])
        self.world.settle()
        for connection_id in self.world.servers.accounts:
            self.world.processes[0].ask(connection_id, None, fresh=False)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.world.heal()
            finally:
                self.world.close()

    @invariant()
    def everything_is_in_order(self) -> None:
        if hasattr(self, "world"):
            self.world.settle()

    # Time

    @rule(seconds=st.sampled_from([1, 4, 15, 60, 290, 3300, 3700]))
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(step_s=st.sampled_from([2, 10, 60]))
    def time_passes_in_steps(self, step_s: float) -> None:
        for _ in range(30):
            self.world.advance(step_s)

    @rule(seconds=st.sampled_from([30, 3600, 8 * 3600]))
    def the_machine_sleeps(self, seconds: float) -> None:
        self.world.clock.suspend(seconds)
        self.world.advance(4)

    @rule(seconds=st.sampled_from([86400, -86400, -3600, 90, -90]))
    def the_wall_clock_is_set(self, seconds: float) -> None:
        self.world.step_wall(seconds)

    # The servers

    @rule(which=ANY, mood=st.sampled_from(Mood))
    def a_server_changes_its_mood(self, which: int, mood: Mood) -> None:
        self._account(which).mood = mood

    @rule(which=ANY, status=st.sampled_from([200, 401, 403, 429, 500]))
    def an_interface_changes_its_answer(self, which: int, status: int) -> None:
        self._account(which).call_status = status

    @rule()
    def answers_are_held_back(self) -> None:
        self.world.servers.holding = True

    @rule()
    def answers_are_let_go(self) -> None:
        self.world.servers.holding = False
        self.world.let_answers_go()

    @rule(which=ANY)
    def one_answer_is_let_go(self, which: int) -> None:
        waiting = self.world.servers.on_the_wire
        if waiting:
            self.world.servers.release(waiting[which % len(waiting)])

    # People and scripts

    @rule(whose=ANY, which=ANY, min_valid_s=st.sampled_from([None, 30, 600, 7200]), fresh=st.booleans())
    def somebody_asks_for_a_token(self, whose: int, which: int, min_valid_s: int | None, fresh: bool) -> None:  # noqa: FBT001 - drawn
        process, connection_id = self._process(whose), self._known(whose, which)
        if connection_id:
            span = None if min_valid_s is None else timedelta(seconds=min_valid_s)
            process.ask(connection_id, span, fresh=fresh)

    @rule(whose=ANY, which=ANY)
    def somebody_tests_a_connection(self, whose: int, which: int) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self._process(whose).test(connection_id)

    @rule(whose=ANY, which=ANY)
    def a_waiter_gives_up(self, whose: int, which: int) -> None:
        waiters = self._process(whose).waiters
        if waiters:
            waiters[which % len(waiters)].cancel()

    @rule(whose=ANY, which=ANY, right=st.booleans())
    def somebody_types_a_secret(self, whose: int, which: int, right: bool) -> None:  # noqa: FBT001 - drawn
        connection_id = self._known(whose, which)
        if connection_id:
            self.world.edit(self._process(whose), connection_id, RIGHT_SECRET if right else "wrong")

    @rule(whose=ANY, which=ANY, paused=st.booleans())
    def somebody_pauses_or_resumes(self, whose: int, which: int, paused: bool) -> None:  # noqa: FBT001 - drawn
        connection_id = self._known(whose, which)
        if connection_id:
            process = self._process(whose)
            process.do(process.engine.set_paused(connection_id, paused=paused))

    @rule(whose=ANY, kind=st.sampled_from(sorted(KINDS)))
    def somebody_adds_a_connection(self, whose: int, kind: str) -> None:
        if len(self.world.servers.accounts) - len(self.deleted) < MOST_CONNECTIONS:
            self.world.add(self._process(whose), KINDS[kind])

    @rule(whose=ANY, which=ANY)
    def somebody_deletes_a_connection(self, whose: int, which: int) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self.deleted.append(connection_id)
            self.world.delete(self._process(whose), connection_id)

    @rule(whose=ANY)
    def somebody_undoes_the_last_deletion(self, whose: int) -> None:
        if self.deleted:
            self.world.undo_delete(self._process(whose), self.deleted.pop())

    @rule(whose=ANY)
    def somebody_locks(self, whose: int) -> None:
        self._process(whose).engine.lock()

    @rule(whose=ANY)
    def somebody_unlocks(self, whose: int) -> None:
        process = self._process(whose)
        process.do(process.engine.unlock())

    # Processes

    @rule()
    def another_process_starts(self) -> None:
        if len(self.world.processes) < MOST_PROCESSES:
            self.world.start_process()

    @rule(whose=ANY, work_is_done=st.booleans())
    def a_process_is_killed(self, whose: int, work_is_done: bool) -> None:  # noqa: FBT001 - drawn
        self.world.kill(self._process(whose), work_is_done=work_is_done)

    @rule(whose=ANY, jobs=st.integers(0, 9))
    def a_process_will_be_killed(self, whose: int, jobs: int) -> None:
        """Kill it after so many more jobs of its store, wherever that is."""
        self._process(whose).worker.jobs_to_live = jobs

    @rule(whose=ANY)
    def a_process_quits(self, whose: int) -> None:
        self.world.quit(self._process(whose))

    # Picking

    def _process(self, whose: int) -> Process:
        return self.world.processes[whose % len(self.world.processes)]

    def _known(self, whose: int, which: int) -> str:
        known = sorted(record.connection.id for record in self._process(whose).engine.records())
        return known[which % len(known)] if known else ""

    def _account(self, which: int) -> Account:
        accounts = list(self.world.servers.accounts.values())
        return accounts[which % len(accounts)]


@pytest.mark.timeout(1800)
def test_nothing_is_lost_and_nobody_hammered_whatever_happens() -> None:
    soaking = settings.get_current_profile_name() == "soak"
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=RUNS_OF_A_SOAK if soaking else RUNS,
            stateful_step_count=STEPS,
            derandomize=not soaking,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
