"""The system's clocks."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tokendeck.core.moment import Moment

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """
    Wall clock and elapsed time, suspend included.

    Linux counts suspend in CLOCK_BOOTTIME, macOS in CLOCK_MONOTONIC, Windows in what `time.monotonic` reads. Only Linux
    names its boots; elsewhere each process counts as a boot of its own, so that readings of two processes are compared
    by the wall alone.
    """

    def __init__(self) -> None:
        """Find out which boot this is."""
        self._boot = os.urandom(16).hex()
        with suppress(OSError):
            self._boot = BOOT_ID.read_text(encoding="ascii").strip()
        self._elapsed_clock = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))

    def now(self) -> Moment:
        """Read both clocks."""
        elapsed_s = time.monotonic() if self._elapsed_clock is None else time.clock_gettime(self._elapsed_clock)
        return Moment(datetime.now(UTC), elapsed_s, self._boot)

    async def nap(self, seconds: float) -> None:
        """Return after about `seconds` of the machine being awake."""
        import asyncio

        await asyncio.sleep(seconds)
