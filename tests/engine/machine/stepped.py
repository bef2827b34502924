"""An event loop and a store's worker that move one step at a time, so that a run is the same each time."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextvars import Context

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

OWNER: ContextVar[dict[asyncio.Task[Any], None] | None] = ContextVar("owner", default=None)
"""Where the tasks are noted that the running piece of code starts: those of one process."""


class SteppedLoop(asyncio.SelectorEventLoop):
    """Its time stands still between two calls of `advance`; `settle` runs all that waits for nothing else."""

    def __init__(self) -> None:
        self._now = 0.0
        self._fresh = 0
        self.jobs = 0
        """How many jobs of stores were run."""

        self.complaints: list[str] = []
        """What went wrong where raising it would only reach the engine, which takes it for a crash."""

        super().__init__()
        self.set_task_factory(_start_owned)  # type: ignore[arg-type]  # whatever settings there are, Task takes them
        self.set_exception_handler(lambda _, context: self.complaints.append(repr(context)))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self._fresh += 1
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self._fresh += when <= self._now
        return super().call_at(when, callback, *args, context=context)

    @contextmanager
    def complaining(self) -> Iterator[None]:
        """Keep an assertion that fails inside as a complaint."""
        try:
            yield
        except AssertionError as error:
            self.complaints.append(str(error))

    def turn(self, times: int) -> None:
        """Go round so many times, whatever is left then."""
        for _ in range(times):
            super().call_soon(self.stop)
            self.run_forever()

    def settle(self) -> None:
        """Run until nothing is left that does not wait for time or an answer."""
        for _ in range(100_000):
            self._fresh = 0
            self.turn(1)
            if not self._fresh:
                return
        raise AssertionError("something keeps the loop busy for ever")

    def finish(self, work: Coroutine[Any, Any, T], owner: dict[asyncio.Task[Any], None] | None = None) -> T:
        """Run `work`, which must wait for neither time nor an answer, and give what it gives."""
        task = self.start(work, owner)
        self.settle()
        assert task.done(), "this was not expected to wait"
        return task.result()

    def start(
        self, work: Coroutine[Any, Any, T], owner: dict[asyncio.Task[Any], None] | None = None
    ) -> asyncio.Task[T]:
        """Start `work`; it and all that it starts is noted in `owner`."""
        before = OWNER.set(owner)
        try:
            return self.create_task(work)
        finally:
            OWNER.reset(before)


def _start_owned(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any],
    **settings: Any,  # noqa: ANN401 - handed on
) -> asyncio.Task[Any]:
    task = asyncio.Task(work, loop=loop, **settings)
    owner = OWNER.get()
    if owner is not None:
        owner[task] = None
        task.add_done_callback(lambda done: owner.pop(done, None))
    return task


class SteppedWorker:
    """
    Takes the place of a store's thread: runs the jobs in order, one per turn of the loop, and can die between two.

    A job that was queued runs even if whoever waits is cancelled, as on the thread. Of a dead one nobody hears again.
    """

    def __init__(self, loop: SteppedLoop) -> None:
        self._loop = loop
        self.dead = False
        self.jobs_to_live: int | None = None
        """After so many more jobs the process is killed; None for never."""

    async def run(self, call: Callable[[], T]) -> T:
        if self.dead:
            raise asyncio.CancelledError
        outcome: asyncio.Future[T] = self._loop.create_future()
        self._loop.call_soon(self._work, call, outcome)
        return await outcome

    def stop(self) -> None:
        """There is no thread to end."""

    def _work(self, call: Callable[[], T], outcome: asyncio.Future[T]) -> None:
        if self.jobs_to_live is not None:
            self.dead = self.dead or self.jobs_to_live <= 0
            self.jobs_to_live -= 1
        if self.dead:
            return
        self._loop.jobs += 1
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            if not outcome.done():
                outcome.set_exception(error)
        else:
            if not outcome.done():
                outcome.set_result(result)


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run what never really waits."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("this waited")


class ImmediateWorker:
    """Runs each job where it is asked for: for whoever only looks."""

    async def run(self, call: Callable[[], T]) -> T:
        return call()

    def stop(self) -> None:
        """There is no thread to end."""
