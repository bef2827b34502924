"""Renewals that are due, each in the lane of its origin."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 32
"""More than may be in flight, so that slow origins do not hold up the others; few enough to cost nothing."""

AT_ONCE_PER_LANE = 4
"""More than may be in flight to one origin, so that the next one is ready when an answer comes."""


@dataclass(slots=True)
class Lane:
    """One origin's."""

    waiting: deque[str] = field(default_factory=deque)
    under_way: int = 0


class Lanes:
    """
    Lets renewals start in turn, so many at once and in each lane.

    An origin that answers slowly, or whose budget is spent, keeps its own waiting and nobody else.
    """

    def __init__(
        self, *, lane_of: Callable[[str], str], shut_for: Callable[[str], float], now_s: Callable[[], float]
    ) -> None:
        """
        Take what it asks.

        Args:
            lane_of: gives the lane of a connection.
            shut_for: gives for how many seconds a connection's origin takes no request; zero or less when it does.
            now_s: the elapsed clock, in seconds.

        """
        self._lane_of = lane_of
        self._shut_for = shut_for
        self._now_s = now_s
        self._lanes: dict[str, Lane] = {}
        self._names: dict[str, str] = {}
        """The lane of every connection that waits or is under way."""

        self._ready: deque[str] = deque()
        """Lanes that have somebody waiting, and room."""

        self._shut: list[tuple[float, str]] = []
        """The same, but each opens at a time yet to come."""

        self._under_way = 0

    def join(self, connection_id: str) -> None:
        """Let a connection wait for its turn; one that waits already, or is under way, does nothing."""
        if connection_id in self._names:
            return
        name = self._lane_of(connection_id)
        self._names[connection_id] = name
        lane = self._lanes.setdefault(name, Lane())
        lane.waiting.append(connection_id)
        if len(lane.waiting) == 1 and lane.under_way < AT_ONCE_PER_LANE:
            self._ready.append(name)

    def depart(self) -> str | None:
        """Give whoever may start now, in turn by lane; None where nobody may. Its `arrive` must follow."""
        self._open()
        while self._ready and self._under_way < AT_ONCE:
            name = self._ready.popleft()
            lane = self._lanes[name]
            shut_for_s = self._shut_for(lane.waiting[0])
            if shut_for_s > 0:
                heapq.heappush(self._shut, (self._now_s() + shut_for_s, name))
                continue
            connection_id = lane.waiting.popleft()
            lane.under_way += 1
            self._under_way += 1
            if lane.waiting and lane.under_way < AT_ONCE_PER_LANE:
                self._ready.append(name)
            return connection_id
        return None

    def arrive(self, connection_id: str) -> None:
        """Make room: whoever departed has come to an end."""
        name = self._names.pop(connection_id)
        lane = self._lanes[name]
        self._under_way -= 1
        lane.under_way -= 1
        if lane.waiting and lane.under_way == AT_ONCE_PER_LANE - 1:
            self._ready.append(name)
        elif not lane.waiting and not lane.under_way:
            del self._lanes[name]

    def next_departure(self) -> tuple[str, float] | None:
        """Give who starts next and in how many seconds, as far as that is known; None where nobody waits for a turn."""
        if self._ready:
            return self._lanes[self._ready[0]].waiting[0], 0.0
        opens_in_s = self.opens_in()
        return None if opens_in_s is None else (self._lanes[self._shut[0][1]].waiting[0], opens_in_s)

    def opens_in(self) -> float | None:
        """Give in how many seconds the next shut lane opens; None where none is shut."""
        return max(self._shut[0][0] - self._now_s(), 0.0) if self._shut else None

    def _open(self) -> None:
        while self._shut and self._shut[0][0] <= self._now_s():
            self._ready.append(heapq.heappop(self._shut)[1])
