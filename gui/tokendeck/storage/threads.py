"""Waiting for what blocks, on threads that cannot keep the process from ending."""

from __future__ import annotations

import asyncio
import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def aside(call: Callable[[], T], *, name: str) -> T:
    """
    Run `call` on a daemon thread of its own and give what it gives.

    Whoever waits may be cancelled: the thread is left alone then and its result dropped.
    """
    errand = _Errand(call)
    threading.Thread(target=errand.run, name=name, daemon=True).start()
    return await errand.outcome


class Worker:
    """One daemon thread that runs calls in the order in which they came."""

    def __init__(self, name: str) -> None:
        """Name the thread; it starts with the first call."""
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    async def run(self, call: Callable[[], T]) -> T:
        """Queue `call` and give what it gives. Once queued it runs, even if whoever waits is cancelled."""
        errand = _Errand(call)
        if self._thread.ident is None:
            self._thread.start()
        self._calls.put(errand.run)
        return await errand.outcome

    def stop(self) -> None:
        """End the thread once everything queued has run."""
        self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


class _Errand(Generic[T]):
    """A call for another thread, and the future of this loop that gets its outcome."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[T] = self._loop.create_future()

    def run(self) -> None:
        try:
            result = self._call()
        except Exception as error:  # noqa: BLE001 - the errand ends here; whoever waits gets the error
            self._deliver(self._fail, error)
        else:
            self._deliver(self._succeed, result)

    def _deliver(self, settle: Callable[[Any], None], value: object) -> None:
        with suppress(RuntimeError):  # the loop is gone, and everybody who waited with it
            self._loop.call_soon_threadsafe(settle, value)

    def _succeed(self, result: T) -> None:
        if not self.outcome.done():
            self.outcome.set_result(result)

    def _fail(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)
