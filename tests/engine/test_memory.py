"""What the engine keeps in memory does not grow with what has been."""

from __future__ import annotations

import gc
from collections import OrderedDict, defaultdict, deque
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tests.manual_clock import ManualClock
from tokendeck.core.errors import StoreUnwritable, TokendeckError
from tokendeck.core.provider import RenewalPolicy
from tokendeck.engine.schedule import Schedule
from tokendeck.engine.tally import Tally

if TYPE_CHECKING:
    from tests.engine.rig import Rig

CONTAINERS = (dict, list, set, tuple, deque, defaultdict, OrderedDict)
MINUTE = timedelta(minutes=1)


def texts_held_by(part: object) -> set[str]:
    """Give every text that can be reached from `part` by way of the engine's own objects and plain containers."""
    seen: dict[int, object] = {}
    waiting = [part]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, CONTAINERS) or type(one).__module__.startswith("tokendeck.engine"):
            waiting += gc.get_referents(one)
        if isinstance(one, dict):
            waiting += one.keys()  # which the collector passes over where all are texts
    return {one for one in seen.values() if isinstance(one, str)}


async def test_of_a_connection_that_is_gone_nothing_is_left(rig: Rig) -> None:
    connection_id, other = await rig.add("Shop"), await rig.add("Other")
    await rig.engine.test(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.script = [(503, {})]
    with suppress(TokendeckError):
        await rig.engine.token(connection_id)
    rig.clock.advance(60)
    rig.vault.error = StoreUnwritable("store", "no space left")
    with suppress(TokendeckError):
        await rig.engine.token(connection_id)
    rig.vault.error = None
    assert connection_id in texts_held_by(rig.engine)

    await rig.engine.delete(connection_id)
    await rig.advance(11)
    rig.clock.advance(3601)
    rig.endpoint.script = [(503, {})]
    with suppress(TokendeckError):
        await rig.engine.token(other)
    rig.engine.next_renewal()  # as the schedule asks whenever it wakes

    held = texts_held_by(rig.engine)
    assert other in held
    assert connection_id not in held


async def test_nor_of_one_that_asked_for_each_use(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    await rig.engine.token(connection_id)

    await rig.engine.delete(connection_id)
    await rig.advance(11)

    assert connection_id not in texts_held_by(rig.engine)


async def test_a_token_that_no_disk_took_outlives_a_deletion_that_is_undone(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.vault.error = StoreUnwritable("store", "no space left")
    with pytest.raises(StoreUnwritable):
        await rig.engine.token(connection_id)
    rig.vault.error = None

    await rig.engine.delete(connection_id)
    await rig.advance(9)
    await rig.engine.undo_delete(connection_id)

    assert (await rig.engine.token(connection_id)).access_token.reveal() == "token-1"
    assert rig.endpoint.mints == 1


def test_dues_that_are_set_anew_leave_nothing_behind() -> None:
    clock = ManualClock()
    schedule = Schedule(clock, lambda _: timedelta(days=30))
    for number in range(1000):
        clock.advance(1)
        schedule.set(f"{number % 10}")

    assert len(schedule._heap) < 100
    next_one = schedule.next_due()
    assert next_one is not None
    assert next_one[0] == "0"
    assert next_one[1] == pytest.approx(30 * 86400 - 9)


def test_a_tally_lets_go_of_what_is_too_old_to_count() -> None:
    clock = ManualClock()
    tally = Tally(lambda: clock.elapsed_s, MINUTE)
    for number in range(100):
        tally.count(f"once {number}")
        tally.count("always")
        clock.advance(10)

    assert len(tally) <= 7
    assert tally.wait("always", 7) == timedelta(0)
    assert tally.wait("always", 5) == timedelta(seconds=10)
    assert tally.wait("always", 1) == timedelta(seconds=50)
    assert tally.wait("never", 1) == timedelta(0)
