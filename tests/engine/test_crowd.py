"""Many refreshed at once: who waits keeps neither a lock nor a secret at hand."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import ORIGIN
from tokendeck.core.secret import live_secrets
from tokendeck.engine.issuer import LOCK_PATIENCE
from tokendeck.engine.politeness import IN_FLIGHT_PER_ORIGIN, IN_LINE_PER_ORIGIN

if TYPE_CHECKING:
    from tests.engine.rig import Rig

CROWD = 30


async def test_only_those_next_in_line_have_locks_and_secrets_at_hand(rig: Rig) -> None:
    ids = [await rig.add(f"Shop {number}") for number in range(CROWD)]
    rig.endpoint.gate = asyncio.Event()
    before = len(live_secrets())

    refreshing = [asyncio.create_task(rig.engine.refresh(one)) for one in ids]
    await rig.settle()
    locked = sum(map(rig.locks.is_held, ids))
    at_hand = len(live_secrets()) - before
    on_the_wire = rig.endpoint.in_flight
    rig.endpoint.gate.set()
    await asyncio.gather(*refreshing)

    assert on_the_wire == IN_FLIGHT_PER_ORIGIN
    assert locked == IN_LINE_PER_ORIGIN
    assert at_hand < CROWD
    assert rig.endpoint.mints == CROWD


async def test_an_origin_that_does_not_answer_holds_up_no_other(rig: Rig) -> None:
    slow = [await rig.add(f"Slow {number}") for number in range(CROWD)]
    quick = await rig.add("Quick", base_url="https://quick.example")
    rig.endpoint.gate, rig.endpoint.held = asyncio.Event(), ORIGIN.removesuffix(":443")

    waiting = [asyncio.create_task(rig.engine.refresh(one)) for one in slow]
    await rig.engine.refresh(quick)

    assert not any(one.done() for one in waiting)
    rig.endpoint.gate.set()
    await asyncio.gather(*waiting)


@pytest.mark.promise(33)
async def test_locks_that_another_process_holds_hold_up_no_other_connection(rig: Rig) -> None:
    held = [await rig.add(f"Held {number}") for number in range(IN_LINE_PER_ORIGIN)]
    free = await rig.add("Free")
    async with AsyncExitStack() as other_process:
        for connection_id in held:
            await other_process.enter_async_context(rig.locks.hold(connection_id, LOCK_PATIENCE))
        waiting = [asyncio.create_task(rig.engine.refresh(one)) for one in held]
        await rig.settle()

        await rig.engine.refresh(free)

        assert not any(one.done() for one in waiting)
    await asyncio.gather(*waiting)
    assert rig.endpoint.mints == len(held) + 1
