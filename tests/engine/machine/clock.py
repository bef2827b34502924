"""The machine's clocks: the two that the program reads, and the time that really passes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.manual_clock import ManualClock


@dataclass
class WorldClock(ManualClock):
    """Knows what no program can: how much time has really passed."""

    true_s: float = 0.0
    """What the servers go by. Neither setting the wall clock nor starting the machine anew moves it."""

    boots: int = 1

    def advance(self, seconds: float) -> None:
        self.true_s += seconds
        super().advance(seconds)

    def suspend(self, seconds: float) -> None:
        self.true_s += seconds
        super().suspend(seconds)

    def restart(self, off_s: float) -> None:
        """Start the machine anew after `off_s`: whoever napped is gone, and the elapsed clock begins again."""
        self.suspend(off_s)
        self.naps.clear()
        self.boots += 1
        self.boot, self.elapsed_s = f"boot-{self.boots}", 20.0
