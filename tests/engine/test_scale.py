"""
Ten thousand connections: whatever is done with one of them costs no more than among a hundred.

Time says nothing on a machine that does other work as well, so that calls are counted.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.crowd import fill
from tests.engine.rig import Rig
from tests.engine.scripted import ORIGIN
from tokendeck.core.secret import Secret
from tokendeck.engine.background import LONGEST_NAP_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

FEW, MANY = 100, 10_000


class Crowd(Rig):
    """A rig whose store is full before it is opened; one connection, added by hand, has secrets."""

    def __init__(self, home: Path, count: int) -> None:
        super().__init__(home)
        fill(home, count, asked_at=self.clock.now(), origin=ORIGIN)
        self.one = ""

    async def open(self) -> None:
        await super().open()
        self.one = await self.add("The one")
        self.other = await self.another_process()
        self.engine.start()
        await self.settle()


@contextmanager
def counted_calls(results: list[int]) -> Iterator[None]:
    """Add to `results` how many calls of Python functions there are in this thread meanwhile."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
    results.append(calls)


async def find(crowd: Crowd) -> None:
    assert crowd.engine.find(" THE ONE ").connection.id == crowd.one
    assert crowd.engine.next_renewal() is not None


async def add(crowd: Crowd) -> None:
    await crowd.engine.add(replace(crowd.engine.record(crowd.one).connection, id="f" * 32, name="New"), {})


async def edit(crowd: Crowd) -> None:
    await crowd.engine.edit(crowd.engine.record(crowd.one).connection, {"client_secret": Secret("rotated")})


async def delete_and_undo(crowd: Crowd) -> None:
    await crowd.engine.delete(crowd.one)
    await crowd.engine.undo_delete(crowd.one)


async def delete_for_good(crowd: Crowd) -> None:
    await crowd.engine.delete("f" * 32)
    await crowd.advance(11)


async def pause(crowd: Crowd) -> None:
    await crowd.engine.set_paused(crowd.one, paused=True)
    assert crowd.engine.status(crowd.one).word == "paused"
    await crowd.engine.set_paused(crowd.one, paused=False)


async def use(crowd: Crowd) -> None:
    await crowd.engine.token(crowd.one)
    await crowd.engine.token(crowd.one)
    await crowd.engine.test(crowd.one)


async def be_renewed(crowd: Crowd) -> None:
    crowd.endpoint.expires_in = 100
    await crowd.engine.refresh(crowd.one)
    mints = crowd.endpoint.mints
    await crowd.advance(90, step=10)
    assert crowd.endpoint.mints == mints + 1
    crowd.endpoint.expires_in = 3600


async def notice_another_process(crowd: Crowd) -> None:
    await crowd.other.load()
    tokens = await crowd.other.refresh(crowd.one)
    await crowd.advance(LONGEST_NAP_S)
    assert crowd.engine.record(crowd.one).token == tokens.facts


async def lock_and_unlock(crowd: Crowd) -> None:
    crowd.engine.lock()
    await crowd.engine.unlock()
    await crowd.settle()


async def rest(crowd: Crowd) -> None:
    await crowd.advance(5 * LONGEST_NAP_S, step=LONGEST_NAP_S)


OPERATIONS = (
    *(find, add, edit, delete_and_undo, delete_for_good, pause, use),
    *(be_renewed, notice_another_process, lock_and_unlock, rest),
)


async def test_no_operation_does_more_work_among_ten_thousand_than_among_a_hundred(tmp_path: Path) -> None:
    work: dict[str, list[int]] = {operation.__name__: [] for operation in OPERATIONS}
    for count in (FEW, MANY):
        crowd = Crowd(tmp_path / str(count), count)
        await crowd.open()
        for operation in OPERATIONS:
            with counted_calls(work[operation.__name__]):
                await operation(crowd)
        await crowd.close()

    grown = {name: (few, many) for name, (few, many) in work.items() if many - few > MANY / 2}
    assert grown == {}


async def test_ten_thousand_at_rest_are_one_nap_and_no_task_of_their_own(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    crowd = Crowd(tmp_path / "home", MANY)
    await crowd.open()

    tasks = asyncio.all_tasks() - before

    assert len(crowd.engine.records()) == MANY + 1
    assert len(crowd.clock.naps) == 1
    assert len(tasks) == 3, "the schedule, its nap, and what may wake it"
    await crowd.close()


async def test_a_connection_costs_two_kilobytes_of_memory(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path / "home", 1000)
    gc.collect()
    tracemalloc.start()

    await crowd.open()
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()

    tracemalloc.stop()
    await crowd.close()
    assert taken / 1000 < 2 * 2048, "there are two engines"


async def test_after_a_step_of_the_clock_no_turn_of_the_loop_asks_about_all(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path / "home", MANY)
    await crowd.open()
    turns: list[int] = []
    crowd.clock.napped.clear()

    crowd.clock.step_wall(-3600)
    crowd.clock.advance(LONGEST_NAP_S)
    while not crowd.clock.napped.is_set():
        with counted_calls(turns):
            await asyncio.sleep(0)
    await crowd.close()

    assert sum(turns) > 10 * MANY, "all were asked about"
    assert max(turns) < 5 * MANY
