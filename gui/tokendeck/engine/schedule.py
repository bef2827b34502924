"""One heap, one timer: which connection is due next, and waking for it."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import timedelta
    from typing import Any

    from tokendeck.core.moment import Moment
    from tokendeck.engine.ports import Clock

LONGEST_NAP_S = 4.0
"""asyncio's clock stops while a laptop sleeps, so both clocks are looked at again this often."""

STEP_S = 2.0
"""Clocks that drift apart by more between two looks were stepped."""

RENEWALS_AT_ONCE = 32
"""More than may be in flight, so that a slow origin does not hold up the others; few enough to cost nothing."""


SLACK = 64
"""How many entries the heap may hold that were set anew since, beside as many as are due: clearing out is O(1) each."""


class Schedule:
    """
    Wakes for each connection when it is due.

    O(log n) for each change and each renewal; between them one nap and no task per connection.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        due_in: Callable[[str], timedelta | None],
        renew: Callable[[str], Coroutine[Any, Any, None]],
        look: Callable[[], Awaitable[None]],
    ) -> None:
        """
        Take what it asks.

        Args:
            clock: both clocks and naps.
            due_in: the time until a connection is due, None for never; asked again after every change.
            renew: renews one; must not raise.
            look: done after every nap: whether the store was changed by somebody else.

        """
        self._clock = clock
        self._due_in = due_in
        self._renew = renew
        self._look = look
        self._heap: list[tuple[float, str]] = []
        self._due: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def set(self, connection_id: str) -> None:
        """Ask anew when this connection is due."""
        span = self._due_in(connection_id)
        if span is None:
            self._due.pop(connection_id, None)
            return
        due = self._clock.now().elapsed_s + span.total_seconds()
        self._due[connection_id] = due
        heapq.heappush(self._heap, (due, connection_id))
        if len(self._heap) > 2 * len(self._due) + SLACK:
            self._clear_out()
        if self._heap[0] == (due, connection_id):
            self._changed.set()

    def forget(self, connection_id: str) -> None:
        """Take a connection off the schedule."""
        self._due.pop(connection_id, None)

    def next_due(self) -> tuple[str, float] | None:
        """Give the id of the connection that is due next and in how many seconds; None where none is."""
        self._drop_stale()
        if not self._heap:
            return None
        due, connection_id = self._heap[0]
        return connection_id, max(due - self._clock.now().elapsed_s, 0.0)

    async def run(self) -> None:
        """Renew whatever is due, for ever."""
        before = self._clock.now()
        while True:
            now = self._clock.now()
            if _stepped(before, now):
                self._set_all_anew()
            self._launch(now)
            before = now
            await self._nap(now)
            await self._look()

    def _launch(self, now: Moment) -> None:
        self._drop_stale()
        while self._heap and self._heap[0][0] <= now.elapsed_s and len(self._running) < RENEWALS_AT_ONCE:
            _, connection_id = heapq.heappop(self._heap)
            del self._due[connection_id]
            if connection_id not in self._running:
                task = asyncio.create_task(self._renew(connection_id), name=f"renew {connection_id}")
                self._running[connection_id] = task
                task.add_done_callback(lambda _, done=connection_id: self._finish(done))  # type: ignore[misc]  # the default binds the id
            self._drop_stale()

    def _finish(self, connection_id: str) -> None:
        del self._running[connection_id]
        self.set(connection_id)
        self._changed.set()

    async def _nap(self, now: Moment) -> None:
        self._drop_stale()
        room = len(self._running) < RENEWALS_AT_ONCE
        wait_s = self._heap[0][0] - now.elapsed_s if self._heap and room else LONGEST_NAP_S
        nap = asyncio.ensure_future(self._clock.nap(min(max(wait_s, 0.0), LONGEST_NAP_S)))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait((nap, changed), return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            changed.cancel()
            self._changed.clear()
            # Not each by itself: who awaits a cancelled task cannot tell its end from a cancellation of his own.
            await asyncio.wait((nap, changed))

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)

    def _clear_out(self) -> None:
        """Drop what is stale further down too: a connection due in a month leaves an entry at each change till then."""
        self._heap = [(due, connection_id) for connection_id, due in self._due.items()]
        heapq.heapify(self._heap)

    def _set_all_anew(self) -> None:
        for connection_id in tuple(self._due):
            self.set(connection_id)


def _stepped(before: Moment, now: Moment) -> bool:
    return abs((now.wall - before.wall).total_seconds() - (now.elapsed_s - before.elapsed_s)) > STEP_S
