"""Single flight inside the process: whoever asks while a request is on its way waits for that one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

T = TypeVar("T")


class Flights(Generic[T]):
    """At most one task per key; cancelling whoever waits for it cancels nothing."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        """Tell `changed` the key whenever a flight takes off or lands."""
        self._tasks: dict[str, asyncio.Task[T]] = {}
        self._changed = changed

    def __contains__(self, key: str) -> bool:
        """Tell whether a flight of this key is on its way."""
        return key in self._tasks

    async def join(self, key: str, depart: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for the flight of this key, starting one by `depart` where there is none; raise what it raises."""
        task = self._tasks.get(key)
        if task is None:
            task = asyncio.create_task(depart(), name=f"refresh {key}")
            self._tasks[key] = task
            task.add_done_callback(lambda landed: self._land(key, landed))
            self._changed(key)
        return await asyncio.shield(task)

    async def all_landed(self, seconds: float) -> bool:
        """Wait for every flight on its way, `seconds` at most; tell whether all have landed."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self._tasks.values(), timeout=seconds)
        return not late

    def _land(self, key: str, task: asyncio.Task[T]) -> None:
        del self._tasks[key]
        if not task.cancelled():
            task.exception()  # seen here, since every waiter may have been cancelled
        self._changed(key)
