"""How long an answer is waited for, in time during which this process ran."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

BEAT_S = 0.5
"""Two beats without one mean that the process did not run."""


class Pulse:
    """Looks at the loop's clock in short steps, by one timer for all who wait; none runs while nobody does."""

    def __init__(self) -> None:
        """Wait for somebody who waits."""
        self._waiting: dict[Patience, asyncio.Timeout] = {}
        self._next: asyncio.TimerHandle | None = None

    @contextmanager
    def ends(self, scope: asyncio.Timeout, patience: Patience) -> Iterator[None]:
        """End `scope` as soon as there is no patience left, for as long as the context lasts."""
        self._waiting[patience] = scope
        if self._next is None:
            self._beat_later()
        try:
            yield
        finally:
            self._waiting.pop(patience, None)

    def _beat_later(self) -> None:
        self._next = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _beat(self) -> None:
        self._next = None
        now_s = asyncio.get_running_loop().time()
        for patience in [one for one in self._waiting if one.left_s(now_s) <= 0]:
            self._waiting.pop(patience).reschedule(now_s)
        if self._waiting:
            self._beat_later()


class Patience:
    """
    The limits of one exchange: for the whole of it, and for each piece once the first was begun.

    A process that was stopped (by Ctrl+Z, or with its machine) finds its timers run out before it has looked at what
    arrived meanwhile; and the answer to a refresh cannot be had twice. So a stop counts as no time at all, and after it
    there is at least a beat for reading.
    """

    def __init__(self, pulse: Pulse, *, whole_s: float, piece_s: float) -> None:
        """Take what looks at the clock, and the limits, in seconds; they are kept to the next beat."""
        self._pulse = pulse
        self._piece_s = piece_s
        self._whole_left_s = whole_s
        self._piece_left_s = math.inf
        self._seen_s = 0.0

    def begin_piece(self) -> None:
        """Give the next piece its whole time."""
        self._piece_left_s = self._piece_s

    @asynccontextmanager
    async def bound(self) -> AsyncIterator[None]:
        """Raise TimeoutError from the context as soon as one of the limits is reached. For one use."""
        self._seen_s = asyncio.get_running_loop().time()
        async with asyncio.timeout(None) as scope:
            with self._pulse.ends(scope, self):
                yield

    def left_s(self, now_s: float) -> float:
        """Count what has passed since this was last asked, and give how much is left."""
        passed_s, self._seen_s = now_s - self._seen_s, now_s
        if passed_s > 2 * BEAT_S:
            self._whole_left_s = max(self._whole_left_s, BEAT_S)
            self._piece_left_s = max(self._piece_left_s, BEAT_S)
        else:
            self._whole_left_s -= passed_s
            self._piece_left_s -= passed_s
        return min(self._whole_left_s, self._piece_left_s)
