"""Both clocks under the test's hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tokendeck.core.moment import Moment

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class ManualClock:
    """Moves only when told to; naps end when the elapsed clock has passed them, or the machine wakes."""

    wall: datetime = START
    elapsed_s: float = 1000.0
    boot: str = "boot-1"
    naps: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    napped: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever somebody begins a nap."""

    def now(self) -> Moment:
        return Moment(self.wall, self.elapsed_s, self.boot)

    async def nap(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        entry = (self.elapsed_s + seconds, future)
        self.naps.append(entry)
        self.napped.set()
        try:
            await future
        finally:
            if entry in self.naps:
                self.naps.remove(entry)

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks, naps included."""
        self.wall += timedelta(seconds=seconds)
        self.elapsed_s += seconds
        for due, future in list(self.naps):
            if due <= self.elapsed_s and not future.done():
                future.set_result(None)

    def suspend(self, seconds: float) -> None:
        """Sleep as a laptop does: both clocks go on, no nap ends because of it."""
        self.wall += timedelta(seconds=seconds)
        self.elapsed_s += seconds
        self.naps[:] = [(due + seconds, future) for due, future in self.naps]

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock, as an administrator or NTP does."""
        self.wall += timedelta(seconds=seconds)
