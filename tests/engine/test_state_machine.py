"""
Whatever happens, in whatever order: no token is lost, no dead one handed out, no server hammered.

Hypothesis draws what happens; engine, store, locks and the sandbox's issuer are the real ones, time and the network
between them move when they are told to. Each run ends with an hour and a half in which all is well, and after which all
must be. Here the runs are always the same; `make soak` draws anew, as long as asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.engine.machine.account import RIGHT_SECRET, WRONG_SECRET, Account, Mood
from tests.engine.machine.keyring import KeyringMood
from tests.engine.machine.kinds import KINDS
from tests.engine.machine.world import World

if TYPE_CHECKING:
    from tests.engine.machine.process import Process

pytestmark = [pytest.mark.promise(number) for number in (2, 4, 6, 7, *range(23, 34))]

RUNS, RUNS_OF_A_SOAK = 120, 200
STEPS = 40
MOST_PROCESSES = 2

ANY = st.integers(0, 11)
"""Picks one of however many there are."""

FIRST_ONES = st.sampled_from(
    [("signedin",), ("signedin", "plain", "rotating"), ("plain", "rotating", "signedin"), tuple(KINDS) * 2]
)
MOODS = st.none() | st.sampled_from(Mood)
SECONDS = st.sampled_from([1, 4, 15, 60, 290, 3300, 3700])
STEP_BY_STEP = st.sampled_from([(30, 2), (30, 10), (60, 60)])


class Machine(RuleBasedStateMachine):
    """Its rules are what can happen to Tokendeck; after each, everything is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
        self.deleted: list[str] = []
        self.turns_left: int | None = None

    @initialize(seed=st.integers(0, 2**32 - 1), luck=st.sampled_from([None, 0.0, 1.0]), kinds=FIRST_ONES)
    def begin(self, seed: int, luck: float | None, kinds: tuple[str, ...]) -> None:
        self.world = World(seed, luck)
        for kind in kinds:
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
        if not hasattr(self, "world"):
            return
        turns, self.turns_left = self.turns_left, None
        if turns is None:
            self.world.settle()
        else:
            self.world.loop.turn(turns)

    @rule(turns=st.integers(0, 12))
    def the_next_two_happen_at_once(self, turns: int) -> None:
        """Let the next one begin while of this one's only so many turns of the loop are done."""
        self.turns_left = turns

    # Time

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    @rule(steps=STEP_BY_STEP)
    def time_passes_in_steps(self, steps: tuple[int, float]) -> None:
        times, seconds = steps
        for _ in range(times):
            self.world.advance(seconds)

    @rule(which=ANY, mood=MOODS)
    def a_token_comes_due(self, which: int, mood: Mood | None) -> None:
        account = self._account(which)
        if mood is not None:
            self.world.set_mood(account, mood)
        self.world.advance(self.world.watch.due_in_s(account) + 4.0)

    @rule(seconds=st.sampled_from([30, 3600, 8 * 3600]))
    def the_machine_sleeps(self, seconds: float) -> None:
        self.world.sleep(seconds)

    @rule(seconds=st.sampled_from([86400, -86400, -3600, 90, -90]), then_s=st.sampled_from([0, 5, 100]))
    def the_wall_clock_is_set(self, seconds: float, then_s: float) -> None:
        self.world.set_wall(seconds)
        self.world.advance(then_s)

    # The servers

    @rule(which=ANY, mood=st.sampled_from(Mood))
    def a_server_changes_its_mood(self, which: int, mood: Mood) -> None:
        self.world.set_mood(self._account(which), mood)

    @rule(mood=st.sampled_from([Mood.GOOD, Mood.SHORT, Mood.NO_CONNECTION, Mood.DOWN, Mood.WEB_PAGE]))
    def every_server_changes_its_mood(self, mood: Mood) -> None:
        for account in self.world.servers.accounts.values():
            self.world.set_mood(account, mood)

    @rule()
    def the_provider_revokes_every_access_token(self) -> None:
        self.world.servers.revoke_tokens()

    @rule()
    def answers_are_held_back(self) -> None:
        self.world.servers.holding = True

    @rule(which=st.none() | ANY)
    def answers_are_let_go(self, which: int | None) -> None:
        waiting = self.world.servers.on_the_wire
        if which is None:
            self.world.servers.release_all()
            self.world.watch.disturb()
        elif waiting:
            self.world.servers.release(waiting[which % len(waiting)])

    # Keyring and disk

    @rule(whose=ANY, mood=st.sampled_from(KeyringMood), lock=st.booleans())
    def somebody_unlocks(self, whose: int, mood: KeyringMood, lock: bool) -> None:  # noqa: FBT001 - drawn
        process = self._process(whose)
        self.world.keyring.mood = mood
        if lock:
            process.lock()
            self.world.loop.turn(1)
        process.unlock()
        self.world.watch.disturb()

    @rule(whose=ANY)
    def somebody_locks(self, whose: int) -> None:
        self._process(whose).lock()
        self.world.watch.disturb()

    @rule(full=st.booleans())
    def the_disk_fills_up_or_is_cleared(self, full: bool) -> None:  # noqa: FBT001 - drawn
        self.world.set_disk(full=full)

    # People and scripts

    @rule(
        whose=ANY,
        which=ANY,
        how=st.sampled_from([None, 30, 600, 7200, "fresh", "fresh"]),
        mood=MOODS,
        afterwards_s=st.sampled_from([0, 0, 4, 130]),
    )
    def somebody_asks_for_a_token(
        self, whose: int, which: int, how: int | str | None, mood: Mood | None, afterwards_s: float
    ) -> None:
        connection_id = self._known(whose, which)
        if not connection_id:
            return
        if mood is not None:
            self.world.set_mood(self.world.servers.accounts[connection_id], mood)
        span = timedelta(seconds=how) if isinstance(how, int) else None
        self._process(whose).ask(connection_id, span, fresh=how == "fresh")
        if afterwards_s:
            self.world.advance(afterwards_s)

    @rule(whose=ANY)
    def everybody_asks_for_tokens(self, whose: int) -> None:
        process = self._process(whose)
        for record in process.engine.records():
            for _ in range(3):
                process.ask(record.connection.id, None, fresh=True)

    @rule(whose=ANY, which=ANY, status=st.sampled_from([None, 200, 401, 403, 429, 500]))
    def somebody_tests_a_connection(self, whose: int, which: int, status: int | None) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self.world.servers.accounts[connection_id].call_status = status
            self._process(whose).test(connection_id)

    @rule(whose=ANY, which=st.none() | ANY)
    def waiters_give_up(self, whose: int, which: int | None) -> None:
        waiters = self._process(whose).waiters
        for waiter in waiters if which is None else waiters[which % len(waiters) :][:1] if waiters else ():
            waiter.cancel()

    @rule(whose=ANY, which=ANY, right=st.booleans())
    def somebody_types_a_secret(self, whose: int, which: int, right: bool) -> None:  # noqa: FBT001 - drawn
        connection_id = self._known(whose, which)
        if connection_id:
            secret = RIGHT_SECRET if right else WRONG_SECRET
            self.world.type_secret(self._process(whose), connection_id, secret)

    @rule(whose=ANY, which=ANY)
    def somebody_renames_a_connection(self, whose: int, which: int) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self.world.rename(self._process(whose), connection_id)

    @rule(whose=ANY, which=ANY)
    def somebody_changes_the_account(self, whose: int, which: int) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self.world.change_account(self._process(whose), connection_id)

    @rule(whose=ANY, which=ANY)
    def somebody_signs_in(self, whose: int, which: int) -> None:
        connection_id = self._known(whose, which)
        if connection_id:
            self.world.sign_in(self._process(whose), connection_id)

    @rule(whose=ANY, which=ANY, paused=st.booleans())
    def somebody_pauses_or_resumes(self, whose: int, which: int, paused: bool) -> None:  # noqa: FBT001 - drawn
        connection_id = self._known(whose, which)
        if connection_id:
            process = self._process(whose)
            process.do(process.engine.set_paused(connection_id, paused=paused))
            self.world.watch.disturb()

    @rule(whose=ANY, kind=st.sampled_from(sorted(KINDS)))
    def somebody_adds_a_connection(self, whose: int, kind: str) -> None:
        process = self._process(whose)
        connection_id = self.world.add(process, KINDS[kind])
        self.world.loop.settle()
        process.ask(connection_id, None, fresh=False)

    @rule(whose=ANY, which=st.none() | ANY)
    def somebody_deletes_or_undoes(self, whose: int, which: int | None) -> None:
        if which is None:
            if self.deleted:
                self.world.undo_delete(self._process(whose), self.deleted.pop())
            return
        connection_id = self._known(whose, which)
        if connection_id:
            self.deleted.append(connection_id)
            self.world.delete(self._process(whose), connection_id)

    # Processes

    @rule()
    def another_process_starts(self) -> None:
        if len(self.world.processes) < MOST_PROCESSES:
            self.world.start_process()
            self.world.watch.disturb()

    @rule(whose=ANY, work_is_done=st.booleans())
    def a_process_is_killed(self, whose: int, work_is_done: bool) -> None:  # noqa: FBT001 - drawn
        self.world.kill(self._process(whose), work_is_done=work_is_done)

    @rule(whose=ANY, jobs=st.integers(0, 12), which=ANY)
    def a_process_is_killed_while_somebody_asks(self, whose: int, jobs: int, which: int) -> None:
        """Kill it after so many more jobs of its store, wherever that is."""
        process, connection_id = self._process(whose), self._known(whose, which)
        process.worker.jobs_to_live = jobs
        if connection_id:
            process.ask(connection_id, None, fresh=True)

    @rule(whose=ANY)
    def a_process_quits(self, whose: int) -> None:
        self.world.quit(self._process(whose))

    @rule(off_s=st.sampled_from([20, 7200]))
    def the_machine_is_started_anew(self, off_s: float) -> None:
        self.world.restart_the_machine(off_s)

    # Picking

    def _process(self, whose: int) -> Process:
        if not self.world.processes:
            self.world.start_process()
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
