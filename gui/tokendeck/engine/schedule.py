"""Which connection is due when: one heap, brought up to date a little at a time."""

from __future__ import annotations

import heapq
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from tokendeck.engine.ports import Clock

ASKED_AT_ONCE = 200
"""Takes 2 to 3 ms. Whoever asks about all of 10,000 connections at once keeps the window from painting."""

FEW_STALE = 64
"""How many entries the heap may hold that were set anew since, beside as many as are due: clearing out is O(1) each."""


class Schedule:
    """Knows when each connection is due; O(log n) for each change and each question."""

    def __init__(self, clock: Clock, due_in: Callable[[str], timedelta | None]) -> None:
        """Measure by `clock`; `due_in` gives the time until a connection is due, None for never."""
        self._clock = clock
        self._due_in = due_in
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        """What `_due` says, and entries that are stale because it says otherwise by now."""

        self._unasked: dict[str, None] = {}

    def set(self, connection_id: str) -> bool:
        """Ask anew when this connection is due; tell whether it is the first of all now."""
        self._unasked.pop(connection_id, None)
        span = self._due_in(connection_id)
        if span is None:
            self._due.pop(connection_id, None)
            return False
        due = self._clock.now().elapsed_s + span.total_seconds()
        self._due[connection_id] = due
        heapq.heappush(self._heap, (due, connection_id))
        if len(self._heap) > 2 * len(self._due) + FEW_STALE:
            self._clear_out()
        return self._heap[0] == (due, connection_id)

    def set_later(self, connection_ids: Iterable[str]) -> None:
        """Have `catch_up` ask anew when these are due."""
        self._unasked.update(dict.fromkeys(connection_ids))

    def set_all_later(self) -> None:
        """Have `catch_up` ask anew when those are due that are on the schedule: the clocks say something else."""
        self.set_later(tuple(self._due))

    def catch_up(self) -> bool:
        """Ask about a few of those that are still to be asked about; tell whether more are left."""
        for connection_id in tuple(islice(self._unasked, ASKED_AT_ONCE)):
            self.set(connection_id)
        return bool(self._unasked)

    def forget(self, connection_id: str) -> None:
        """Take a connection off the schedule."""
        self._unasked.pop(connection_id, None)
        self._due.pop(connection_id, None)

    def take(self) -> str | None:
        """Take off the schedule whichever has been due for longest, and give its id; None where none is due."""
        self._drop_stale()
        if not self._heap or self._heap[0][0] > self._clock.now().elapsed_s:
            return None
        _, connection_id = heapq.heappop(self._heap)
        del self._due[connection_id]
        return connection_id

    def next_due(self) -> tuple[str, float] | None:
        """Give the id of the connection that is due next and in how many seconds; None where none is."""
        self.catch_up()
        self._drop_stale()
        if not self._heap:
            return None
        due, connection_id = self._heap[0]
        return connection_id, max(due - self._clock.now().elapsed_s, 0.0)

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)

    def _clear_out(self) -> None:
        """Drop what is stale further down too: a connection due in a month leaves an entry at each change till then."""
        self._heap = [(due, connection_id) for connection_id, due in self._due.items()]
        heapq.heapify(self._heap)
