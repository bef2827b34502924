"""How long an answer is waited for, in time during which this process ran."""

from __future__ import annotations

import asyncio
import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BEAT_S = 0.5
"""Two beats without one mean that the process did not run."""


class Patience:
    """
    The limits of one exchange: for the whole of it, and for each piece once the first was begun.

    A process that was stopped (by Ctrl+Z, or with its machine) finds its timers run out before it has looked at what
    arrived meanwhile; and the answer to a refresh cannot be had twice. So a stop counts as no time at all, and after it
    there is at least a beat for reading.
    """

    def __init__(self, *, whole_s: float, piece_s: float) -> None:
        """Take the limits, in seconds."""
        self._piece_s = piece_s
        self._whole_left_s = whole_s
        self._piece_left_s = math.inf

    def begin_piece(self) -> None:
        """Give the next piece its whole time."""
        self._piece_left_s = self._piece_s

    @asynccontextmanager
    async def bound(self) -> AsyncIterator[None]:
        """Raise TimeoutError from the context as soon as one of the limits is reached. For one use."""
        async with asyncio.timeout(None) as scope:
            pulse = _Pulse(self, scope)
            try:
                yield
            finally:
                pulse.stop()

    def spend(self, passed_s: float) -> float:
        """Note that so much time has passed, and give how much is left."""
        if passed_s > 2 * BEAT_S:
            self._whole_left_s = max(self._whole_left_s, BEAT_S)
            self._piece_left_s = max(self._piece_left_s, BEAT_S)
        else:
            self._whole_left_s -= passed_s
            self._piece_left_s -= passed_s
        return min(self._whole_left_s, self._piece_left_s)


class _Pulse:
    """Looks at the loop's clock in short steps, and ends `scope` when there is no patience left."""

    def __init__(self, patience: Patience, scope: asyncio.Timeout) -> None:
        self._patience = patience
        self._scope = scope
        self._loop = asyncio.get_running_loop()
        self._seen_s = self._loop.time()
        self._next: asyncio.Handle = self._loop.call_soon(self._beat)

    def stop(self) -> None:
        self._next.cancel()

    def _beat(self) -> None:
        now_s = self._loop.time()
        left_s = self._patience.spend(now_s - self._seen_s)
        self._seen_s = now_s
        if left_s <= 0:
            self._scope.reschedule(now_s)
        else:
            self._next = self._loop.call_at(now_s + min(left_s, BEAT_S), self._beat)
