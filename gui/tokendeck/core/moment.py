"""One reading of both clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from tokendeck.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """
    The wall clock and the elapsed-time clock, read together.

    The wall clock can be stepped; the elapsed clock cannot, and it counts the time a laptop sleeps, but it starts anew
    with each boot.
    """

    wall: datetime
    """Aware UTC."""

    elapsed_s: float
    """Seconds since an arbitrary point of this boot, suspend included (CLOCK_BOOTTIME and its kin)."""

    boot: str
    """Names the boot that `elapsed_s` belongs to; readings from two boots cannot be compared by it."""

    def since(self, earlier: Moment) -> timedelta:
        """
        Give the time from `earlier` to this moment: the longer of what the two clocks say.

        Taking the longer one means that a token is dead when either clock says so. Never negative.
        """
        spans = [self.wall - earlier.wall, timedelta(0)]
        if self.boot == earlier.boot:
            spans.append(timedelta(seconds=self.elapsed_s - earlier.elapsed_s))
        return max(spans)
