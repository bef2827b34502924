"""The background: when it renews, how fast, and what stops it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.engine.scripted import InProcessLocks, OneProvider, ScriptedEndpoint, ScriptedListener, provider
from tests.manual_clock import ManualClock
from tokendeck.core.changes import Changes
from tokendeck.core.errors import NetworkStep, Unreachable, VaultLocked
from tokendeck.core.provider import GrantKind, RateBudget, RenewalPolicy
from tokendeck.core.vault import VaultShut
from tokendeck.engine.background import LONGEST_NAP_S
from tokendeck.engine.engine import RefreshEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider
    from tokendeck.engine.ports import Ledger, Vault


@pytest.mark.promise(2)
async def test_after_a_refresh_was_cut_off_its_token_serves_to_its_end_before_one_more_try(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    cut_off, whole = await rig.add("Cut off"), await rig.add("Whole")
    for one in (cut_off, whole):
        await rig.give(one, "first", refresh_token="family-0")
    await rig.ledger.begin_refresh(cut_off, rig.clock.wall)
    await rig.engine.load()
    rig.endpoint.script = [{"access_token": "second", "expires_in": 3600}, (400, {"error": "invalid_grant"})]
    rig.engine.start()

    await rig.advance(3599)
    assert rig.endpoint.mints == 1
    assert (await rig.engine.token(cut_off, min_valid=timedelta(0))).access_token.reveal() == "first"
    await rig.advance(1)
    assert rig.endpoint.mints == 2
    assert rig.engine.status(cut_off).word == "sign_in"
    await rig.advance(600, step=60)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(2)
async def test_a_cut_off_request_that_a_person_is_not_needed_for_is_renewed_ahead_as_ever(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first")
    await rig.ledger.begin_refresh(connection_id, rig.clock.wall)
    await rig.engine.load()
    rig.engine.start()

    await rig.advance(3600 - 300)

    assert rig.endpoint.mints == 1


@pytest.mark.promise(6)
async def test_what_is_heard_of_just_before_a_renewal_begins_is_not_renewed_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first")
    others = await rig.another_process()
    rig.engine.start()
    await rig.advance(3282)  # due three seconds later, and looked at the store four seconds later
    await others.refresh(connection_id)
    newer = others.record(connection_id)

    class Hearing(OneProvider):
        def provider_for(self, connection: Connection) -> Provider:
            asyncio.get_running_loop().call_soon(rig.engine._roster.keep, newer)
            return super().provider_for(connection)

    rig.engine._roster._catalog = Hearing(*rig.catalog.providers())
    await rig.advance(3)

    assert rig.endpoint.mints == 1


async def test_what_is_heard_of_while_a_renewal_waits_its_turn_is_not_renewed_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first")
    others = await rig.another_process()
    await others.refresh(connection_id)

    renewal = asyncio.create_task(rig.engine._dispenser.renew(connection_id))
    await asyncio.sleep(0)
    rig.engine._roster.keep(others.record(connection_id))
    await renewal

    assert rig.endpoint.mints == 1


@pytest.mark.promise(32)
async def test_a_clock_that_is_set_and_set_back_at_once_leaves_no_token_to_die(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.engine.start()
    await rig.settle()

    rig.clock.step_wall(-86400)
    await rig.engine.token(connection_id)
    rig.clock.step_wall(86400)
    await rig.advance(10)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(30)
@pytest.mark.promise(33)
async def test_a_mute_origin_holds_up_nobody_else(rig: Rig) -> None:
    mute = "https://mute.example.test"
    ids = [await rig.add(f"Mute {number}", base_url=mute) for number in range(60)]
    ids += [await rig.add(f"Shop {number}") for number in range(6)]
    for connection_id in ids:
        await rig.give(connection_id, "ending", lifetime=timedelta(seconds=100))
    rig.endpoint.gate, rig.endpoint.held = asyncio.Event(), mute
    rig.engine.start()

    await rig.advance(90, step=10)

    assert [rig.engine.record(one).serial for one in ids[60:]] == [2] * 6
    assert rig.endpoint.in_flight == 2
    rig.endpoint.gate.set()


@pytest.mark.promise(30)
async def test_at_most_eight_are_in_flight_and_two_to_one_origin(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}", base_url=f"https://api{number % 6}.example.test") for number in range(30)]
    rig.endpoint.gate = asyncio.Event()
    callers = [asyncio.create_task(rig.engine.token(one)) for one in ids]
    await rig.endpoint.arrived.wait()
    await rig.settle()
    held = rig.endpoint.in_flight
    rig.endpoint.gate.set()
    await asyncio.gather(*callers)

    assert held == 8
    assert rig.endpoint.most_in_flight == 8
    assert rig.endpoint.mints == 30


@pytest.mark.promise(30)
async def test_an_origin_gets_two_requests_at_a_time(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}") for number in range(6)]
    rig.endpoint.gate = asyncio.Event()

    callers = [asyncio.create_task(rig.engine.token(one)) for one in ids]
    await rig.endpoint.arrived.wait()
    await rig.settle()
    held = rig.endpoint.in_flight
    rig.endpoint.gate.set()
    await asyncio.gather(*callers)

    assert held == 2


async def test_more_due_at_once_than_may_run_are_all_renewed(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}", base_url=f"https://h{number % 9}.example.test") for number in range(50)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(7200)
    for _ in range(6):
        await rig.advance(4)

    assert rig.endpoint.mints == 100


async def test_after_an_outage_the_background_catches_up_by_itself(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.script = [Unreachable("h", NetworkStep.CONNECT)] * 2
    rig.engine.start()

    await rig.advance(60, step=1)

    assert rig.engine.status(connection_id).word == "live"
    assert rig.endpoint.mints == 4


async def test_a_spent_budget_is_waited_for(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(2, timedelta(seconds=60))))
    ids = [await rig.add(f"Shop {number}") for number in range(4)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
        rig.clock.advance(61)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(7200)
    await rig.advance(4)
    assert rig.endpoint.mints == 6
    await rig.advance(120, step=4)

    assert rig.endpoint.mints == 8


async def test_what_is_deleted_edited_or_renewed_while_it_waits_for_a_budget_is_not_renewed_then(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(2, timedelta(seconds=60))))
    ids = [await rig.add(f"Shop {number}") for number in range(6)]
    for connection_id in ids:
        await rig.give(connection_id, "ending", lifetime=timedelta(seconds=100))
    rig.engine.start()
    await rig.advance(85, step=5)
    assert rig.endpoint.mints == 2
    upcoming = rig.engine.next_renewal()
    assert upcoming is not None
    deleted = upcoming[0]
    assert 50 <= upcoming[1] <= 60
    paused, given, left = [one for one in ids if rig.engine.record(one).serial == 1 and one != deleted]

    await rig.engine.delete(deleted)
    await rig.engine.set_paused(paused, paused=True)
    await rig.give(given, "given")
    await rig.advance(120, step=5)

    assert rig.endpoint.mints == 3
    assert rig.engine.record(left).serial == 2


async def test_a_lock_kept_by_another_process_is_tried_again_later(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.locks.taken.add(connection_id)
    rig.clock.advance(3601)
    rig.engine.start()
    await rig.advance(4)
    assert rig.endpoint.mints == 1

    rig.locks.taken.clear()
    await rig.advance(20, step=4)

    assert rig.endpoint.mints == 2


@pytest.mark.parametrize(
    "of",
    [
        provider(policy=RenewalPolicy.MANUAL),
        provider(policy=RenewalPolicy.ON_USE),
        provider(never_expires=True),
        provider(kind=GrantKind.AUTHORIZATION_CODE),
    ],
    ids=["manual", "on_use", "never", "signed_in"],
)
async def test_what_needs_no_renewal_gets_none(rig: Rig, of: Provider) -> None:
    rig.use(of)
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = None
    await rig.give(connection_id, "kept", lifetime=None if of == provider(never_expires=True) else timedelta(hours=1))
    rig.engine.start()

    await rig.advance(8000, step=100)

    assert rig.endpoint.sent == []


async def test_a_token_of_unknown_lifetime_is_renewed_at_the_period_that_the_user_sets(rig: Rig) -> None:
    rig.use(provider(every=timedelta(minutes=30)))
    connection_id = await rig.add("Shop")
    rig.endpoint.expires_in = None
    await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.advance(3601, step=10)

    assert rig.endpoint.mints == 3


class SleeplessLedger:
    """Lets time pass whenever it is looked at, so that naps end as they begin."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    async def purge_hidden(self) -> None: ...

    async def changes(self, since: int) -> Changes:
        self._clock.advance(LONGEST_NAP_S)
        return Changes(since)


@pytest.mark.parametrize("turns", range(12))
async def test_quitting_at_the_very_moment_of_waking_is_heard(turns: int) -> None:
    clock = ManualClock()
    engine = RefreshEngine(
        clock=clock,
        ledger=cast("Ledger", SleeplessLedger(clock)),
        vault=cast("Vault", SimpleNamespace(state=VaultShut(VaultLocked()))),
        endpoint=ScriptedEndpoint(clock),
        locks=InProcessLocks(),
        catalog=OneProvider(),
        listener=ScriptedListener(),
        draw=bytes,
        chance=lambda: 0.5,
    )
    engine.start()
    await clock.napped.wait()
    clock.advance(LONGEST_NAP_S)
    for _ in range(turns):
        await asyncio.sleep(0)

    await asyncio.wait_for(engine.drain(), timeout=1)

    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "schedule"] == []


async def test_a_schedule_that_crashes_is_told_of_and_keeps_nobody_from_quitting(
    rig: Rig, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.engine.background", "nothing is renewed any more")
    connection_id = await rig.add("Shop")
    rig.ledger.error = ZeroDivisionError()
    rig.engine.start()
    await rig.advance(5)
    await rig.engine.delete(connection_id)

    await rig.engine.drain()

    assert await rig.ledger.record(connection_id) is None
