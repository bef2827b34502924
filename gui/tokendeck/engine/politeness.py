"""How much a provider is asked, and how fast: in flight, per window, per connection."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.backoff import retry_after
from tokendeck.core.errors import BudgetSpent
from tokendeck.engine.tally import Tally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tokendeck.core.answers import Answer
    from tokendeck.core.provider import RateBudget

IN_FLIGHT = 8
IN_FLIGHT_PER_ORIGIN = 2
IN_LINE_PER_ORIGIN = 4
"""More than may be in flight, so that the next one is ready; few enough that not everybody's secrets are at hand."""

MINTS_A_MINUTE = 6
"""Of one connection, asked for by the program itself."""

TRIES_AN_HOUR = 20
"""Of one connection in a row of failures, asked for by the program itself."""


class Politeness:
    """The gate that every request passes. All spans are measured by the elapsed clock."""

    def __init__(self, elapsed_s: Callable[[], float]) -> None:
        """Measure by `elapsed_s`, in seconds, suspend included."""
        self._elapsed_s = elapsed_s
        self._total = asyncio.Semaphore(IN_FLIGHT)
        self._origins: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(IN_FLIGHT_PER_ORIGIN)
        )
        self._lines: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(IN_LINE_PER_ORIGIN))
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._shut_until: dict[str, float] = {}
        self._mints = Tally(elapsed_s, timedelta(minutes=1))
        self._failures = Tally(elapsed_s, timedelta(hours=1))

    @asynccontextmanager
    async def pass_gate(self, origin: str, rate: RateBudget | None) -> AsyncIterator[None]:
        """
        Wait for a place in flight to `origin`, and count the request.

        Raises:
            BudgetSpent: the provider's budget has no request left for now.

        """
        async with self._origins[origin], self._total:
            self._spend(origin, rate)
            yield

    def in_line(self, origin: str) -> asyncio.Semaphore:
        """Give what to hold while getting ready for, and waiting at, the gate of an origin."""
        return self._lines[origin]

    def heed(self, origin: str, answer: Answer, rate: RateBudget | None) -> None:
        """Heed what an answer says about the budget: 429 or none left shuts the origin until the time it names."""
        remaining = answer.headers.get(rate.remaining_header.lower(), "") if rate and rate.remaining_header else ""
        too_many_requests = 429
        wait = retry_after(answer.headers, answer.arrived, rate)
        if wait is not None and (remaining.strip() == "0" or answer.status == too_many_requests):
            self._shut_until[origin] = self._elapsed_s() + wait.total_seconds()

    def left(self, origin: str, rate: RateBudget) -> int:
        """Give how many requests the budget has left in this window."""
        self._forget(self._sent[origin], rate.per.total_seconds())
        return max(rate.requests - len(self._sent[origin]), 0)

    def shut_for(self, origin: str, rate: RateBudget | None) -> float:
        """Give for how many seconds an origin takes no request; zero where it takes one now."""
        shut_for_s = max(self._shut_until.get(origin, 0.0) - self._elapsed_s(), 0.0)
        if rate is None:
            return shut_for_s
        return max(shut_for_s, self._full_for(self._sent[origin], rate.requests, rate.per.total_seconds()))

    def count_mint(self, connection_id: str) -> None:
        """Count a mint that the program itself asks for; raises `BudgetSpent` beyond six a minute."""
        wait = self._mints.wait(connection_id, MINTS_A_MINUTE)
        if wait:
            raise BudgetSpent(wait)
        self._mints.count(connection_id)

    def count_failure(self, connection_id: str) -> None:
        """Count a try that came to passing trouble."""
        self._failures.count(connection_id)

    def forgive(self, connection_id: str) -> None:
        """Forget the failures: the outage is over."""
        self._failures.clear(connection_id)

    def outage_pause(self, connection_id: str) -> timedelta:
        """Give how long the cap of tries in an hour's outage forbids the next one; zero where it does not."""
        return self._failures.wait(connection_id, TRIES_AN_HOUR)

    def _spend(self, origin: str, rate: RateBudget | None) -> None:
        shut_for_s = self.shut_for(origin, rate)
        if shut_for_s > 0:
            raise BudgetSpent(timedelta(seconds=shut_for_s))
        if rate is not None:
            self._sent[origin].append(self._elapsed_s())

    def _full_for(self, times: deque[float], most: int, span_s: float) -> float:
        self._forget(times, span_s)
        return times[-most] + span_s - self._elapsed_s() if len(times) >= most else 0.0

    def _forget(self, times: deque[float], span_s: float) -> None:
        horizon = self._elapsed_s() - span_s
        while times and times[0] <= horizon:
            times.popleft()
