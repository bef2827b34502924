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

from tests.engine.machine.account import Account, Mood
from tests.engine.machine.happenings import Happening, let_happen
from tests.engine.machine.keyring import KeyringMood
from tests.engine.machine.kinds import KINDS
from tests.engine.machine.promised import CHECKS
from tests.engine.machine.world import World

if TYPE_CHECKING:
    from tests.engine.machine.process import Process

pytestmark = [pytest.mark.promise(number) for number in sorted(CHECKS)]

RUNS, RUNS_OF_A_SOAK = 35, 200
STEPS = 40

ANY = st.integers(0, 11)
"""Picks one of however many there are."""

FIRST_ONES = st.sampled_from(
    [("signedin",), ("signedin", "plain", "rotating"), ("plain", "rotating", "signedin"), tuple(KINDS) * 2]
)
MOODS = st.none() | st.sampled_from(Mood)
HAPPENINGS = st.sampled_from(Happening)
STEPS_OF_TIME = st.sampled_from(
    [*((1, seconds) for seconds in (1, 4, 15, 60, 290, 3300, 3700)), (30, 2), (30, 10), (60, 60)]
)


class Machine(RuleBasedStateMachine):
    """Its rules are what can happen to Tokendeck; after each, everything is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World
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
    def every_promise_is_kept(self) -> None:
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

    # Whatever happens

    @rule(happening=HAPPENINGS, whose=ANY, which=ANY)
    def something_happens(self, happening: Happening, whose: int, which: int) -> None:
        self._let_happen(happening, whose, which)

    @rule(whose=ANY, which=ANY, mood=MOODS, happenings=st.lists(st.tuples(HAPPENINGS, ANY), min_size=1, max_size=2))
    def something_happens_before_an_answer_comes(
        self, whose: int, which: int, mood: Mood | None, happenings: list[tuple[Happening, int]]
    ) -> None:
        self._set_mood(whose, which, mood)
        self.world.servers.holding = True
        self._let_happen(Happening.SOMEBODY_WANTS_A_FRESH_TOKEN, whose, which)
        self.world.settle()
        for happening, whom in happenings:
            self._let_happen(happening, whom, which)
            self.world.settle()
        self.world.servers.release_all()
        self.world.watch.disturb()

    @rule(whose=ANY, which=ANY, mood=MOODS, turns=st.integers(0, 40), happening=HAPPENINGS, whom=ANY)
    def something_happens_between_two_steps(
        self, whose: int, which: int, mood: Mood | None, turns: int, happening: Happening, whom: int
    ) -> None:
        """Let it happen so many turns of the loop after a token was asked for."""
        self._set_mood(whose, which, mood)
        self._let_happen(Happening.SOMEBODY_WANTS_A_FRESH_TOKEN, whose, which)
        self.world.loop.turn(turns)
        self._let_happen(happening, whom, which)
        self.world.watch.disturb()

    @rule(whose=ANY, jobs=st.integers(0, 12), which=ANY)
    def a_process_dies_between_two_steps(self, whose: int, jobs: int, which: int) -> None:
        """Kill it so many jobs of its store after a token was asked for."""
        self._process(whose).worker.jobs_to_live = jobs
        self._let_happen(Happening.SOMEBODY_WANTS_A_FRESH_TOKEN, whose, which)

    # Time

    @rule(steps=STEPS_OF_TIME)
    def time_passes(self, steps: tuple[int, float]) -> None:
        times, seconds = steps
        for _ in range(times):
            self.world.advance(seconds)

    @rule(which=ANY, mood=MOODS, then=st.sampled_from([(1, 4), (1, 4), (60, 60)]))
    def a_token_comes_due(self, which: int, mood: Mood | None, then: tuple[int, float]) -> None:
        account = self._account(which)
        if mood is not None:
            self.world.set_mood(account, mood)
        self.world.advance(self.world.watch.due_in_s(account))
        self.time_passes(then)

    @rule(seconds=st.sampled_from([30, 3600, 8 * 3600]))
    def the_machine_sleeps(self, seconds: float) -> None:
        self.world.sleep(seconds)

    @rule(seconds=st.sampled_from([86400, -86400, -3600, 90, -90]), then_s=st.sampled_from([0, 5, 100]))
    def the_wall_clock_is_set(self, seconds: float, then_s: float) -> None:
        self.world.set_wall(seconds)
        self.world.advance(then_s)

    # Servers and keyring

    @rule(which=st.none() | ANY, mood=st.sampled_from(Mood))
    def servers_change_their_mood(self, which: int | None, mood: Mood) -> None:
        accounts = self.world.servers.accounts.values() if which is None else [self._account(which)]
        for account in accounts:
            self.world.set_mood(account, mood)

    @rule(which=st.none() | ANY)
    def answers_are_held_back_or_let_go(self, which: int | None) -> None:
        waiting = self.world.servers.on_the_wire
        if not self.world.servers.holding:
            self.world.servers.holding = True
        elif which is None or not waiting:
            self.world.servers.release_all()
            self.world.watch.disturb()
        else:
            self.world.servers.release(waiting[which % len(waiting)])

    @rule(whose=ANY, mood=st.sampled_from(KeyringMood))
    def somebody_unlocks(self, whose: int, mood: KeyringMood) -> None:
        self.world.keyring.mood = mood
        self._process(whose).unlock()
        self.world.watch.disturb()

    # People and scripts

    @rule(
        whose=ANY,
        which=ANY,
        min_valid_s=st.sampled_from([None, 30, 600, 7200]),
        mood=MOODS,
        times=st.sampled_from([1, 1, 3]),
    )
    def somebody_asks_for_a_token(
        self, whose: int, which: int, min_valid_s: int | None, mood: Mood | None, times: int
    ) -> None:
        connection_id, process = self._set_mood(whose, which, mood), self._process(whose)
        for _ in range(times if connection_id else 0):
            process.ask(connection_id, None if min_valid_s is None else timedelta(seconds=min_valid_s), fresh=False)
            self.world.loop.settle()

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

    @rule(whose=ANY, kind=st.sampled_from(sorted(KINDS)))
    def somebody_adds_a_connection(self, whose: int, kind: str) -> None:
        process = self._process(whose)
        connection_id = self.world.add(process, KINDS[kind])
        self.world.loop.settle()
        process.ask(connection_id, None, fresh=False)

    # Inside

    def _let_happen(self, happening: Happening, whose: int, which: int) -> None:
        let_happen(happening, self.world, self._process(whose), self._known(whose, which))

    def _set_mood(self, whose: int, which: int, mood: Mood | None) -> str:
        """Set the mood of a connection's server, if there is such a connection, and give its id."""
        connection_id = self._known(whose, which)
        if connection_id and mood is not None:
            self.world.set_mood(self.world.servers.accounts[connection_id], mood)
        return connection_id

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
