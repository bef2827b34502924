"""
The whole program with a probe inside: `tokendeck` itself, and what asks its window how long things take.

    python inside.py OPTIONS OF TOKENDECK…

Once the vault is open it says so, by a line of JSON; then it reads such lines and answers each.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tokendeck.app.main import run
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.events import RecordChanged
from tokendeck.ui.connections.model import Order
from tokendeck.ui.window import MainWindow

if TYPE_CHECKING:
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.events import Event

PULSE_MS = 5
FIRST_SERIAL = 1
"""Of the tokens that the home was furnished with."""


class Waves:
    """
    Counts renewals, and looks for gaps between pulses from the first record that changes to the pulse after the last.

    What a program does before it asks for anything is starting, and has rows of its own.
    """

    def __init__(self, engine: RefreshEngine) -> None:
        self._engine = engine
        self._serials = {one.connection.id: one.serial for one in engine.records()}
        self._left = set[str]()
        self._started_s = self._ended_s = 0.0
        self.longest_gap_s = 0.0
        self.ended = asyncio.Event()
        self._pulse_s = time.perf_counter()
        engine.subscribe(self._hear)

    def pulse(self) -> None:
        now_s = time.perf_counter()
        if self._started_s and not self.ended.is_set():
            self.longest_gap_s = max(self.longest_gap_s, now_s - self._pulse_s)
            if not self._left:
                self.ended.set()
        self._pulse_s = now_s

    def expect(self) -> None:
        """Wait for a newer token of every connection."""
        self._serials = {one.connection.id: one.serial for one in self._engine.records()}
        self._left = set(self._serials)
        self._started_s = self._ended_s = self.longest_gap_s = 0.0
        self._pulse_s = time.perf_counter()
        self.ended.clear()

    def expect_first(self) -> None:
        """Do so from the beginning of the program on."""
        self.expect()
        self._serials = dict.fromkeys(self._serials, FIRST_SERIAL)

    def outcome(self) -> dict[str, float]:
        """Give the longest gap and how long all of it took."""
        return {"longest_gap_s": self.longest_gap_s, "took_s": self._ended_s - self._started_s}

    def _hear(self, event: Event) -> None:
        if not isinstance(event, RecordChanged) or event.connection_id not in self._left:
            return
        self._started_s = self._started_s or time.perf_counter()
        if self._engine.record(event.connection_id).serial > self._serials[event.connection_id]:
            self._left.discard(event.connection_id)
            self._ended_s = time.perf_counter()


class Probe(QObject):
    """Waits for the window and its engine, then for what it is asked."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self._application = application
        self._window: MainWindow | None = None
        self._waves: Waves | None = None
        self._is_ready = False
        self._ticks = 0
        self._notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.setEnabled(False)
        self._notifier.activated.connect(self._heed)
        self._pulse = QTimer(self, interval=PULSE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._pulse.timeout.connect(self._beat)
        self._pulse.start()

    def _beat(self) -> None:
        if self._waves is not None:
            self._waves.pulse()
        if self._is_ready:
            return
        windows = (one for one in self._application.topLevelWidgets() if isinstance(one, MainWindow))
        self._window = self._window or next(windows, None)
        if self._window is None or not self._window._context.has_engine:
            return
        engine = self._window._context.engine
        if self._waves is None:
            self._waves = Waves(engine)
            self._waves.expect_first()
        if isinstance(engine.vault_state, VaultOpen):
            self._is_ready = True
            self._notifier.setEnabled(True)
            self._window.ticker.ticked.connect(self._count_tick)
            _say("ready")

    def _count_tick(self) -> None:
        self._ticks += 1

    def _heed(self) -> None:
        line = os.read(sys.stdin.fileno(), 65536)
        if not line:
            self._application.exit(1)
            return
        request = json.loads(line)
        do = getattr(self, request.pop("do"))
        outcome = do(**request)
        if asyncio.iscoroutine(outcome):
            assert self._window is not None
            self._window._context.spawn(_say_later(outcome), name="answer the bench")
        else:
            _say(outcome)

    # What is asked

    def rest(self) -> None:
        """Beat no more."""
        self._pulse.stop()

    def tick(self, times: int) -> list[float]:
        """Let the countdown tick, and give how long each tick took until it was painted, in ms; by expiry."""
        window = self._shown()
        window.model.set_order(Order.EXPIRY)
        self._application.processEvents()
        return [self._timed(window.ticker.ticked.emit) for _ in range(times)]

    def search(self, word: str) -> list[float]:
        """Type a word and erase it again; give how long each key took until the list was painted, in ms."""
        window = self._shown()
        field = window.list.search
        field.setFocus()
        self._application.processEvents()
        keys: list[Any] = [*word, *[Qt.Key.Key_Backspace] * len(word)]
        return [self._timed(lambda key=key: QTest.keyClick(field, key)) for key in keys]

    def sort(self) -> list[float]:
        """Sort by each order; give how long each took until the list was painted, in ms."""
        window = self._shown()
        return [self._timed(lambda order=order: window.model.set_order(order)) for order in (*Order, Order.NAME)]

    def hide(self) -> None:
        """Hide the window, and count ticks from now on."""
        self._shown().hide()
        self._ticks = 0

    def ticks(self) -> int:
        """Give how often the countdown has ticked since it was hidden."""
        return self._ticks

    async def first_wave(self) -> dict[str, float]:
        """Wait until everything that was due at the start is renewed."""
        return await self._end_of_wave()

    async def wave(self) -> dict[str, float]:
        """Refresh everything at once."""
        assert self._waves is not None
        self._waves.expect()
        engine = self._shown()._context.engine
        await asyncio.gather(*(_and_drop(engine.refresh(one.connection.id)) for one in engine.records()))
        return await self._end_of_wave()

    async def _end_of_wave(self) -> dict[str, float]:
        assert self._waves is not None
        await self._waves.ended.wait()
        return self._waves.outcome()

    def _shown(self) -> MainWindow:
        assert self._window is not None
        return self._window

    def _timed(self, act: Any) -> float:  # noqa: ANN401 - whatever is timed
        started_s = time.perf_counter()
        act()
        self._application.processEvents()
        return (time.perf_counter() - started_s) * 1000


def _say(outcome: object) -> None:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


async def _and_drop(work: Any) -> None:  # noqa: ANN401 - a coroutine of any outcome
    """Keep no token for longer than the window does."""
    await work


async def _say_later(outcome: Any) -> None:  # noqa: ANN401 - a coroutine of any outcome
    _say(await outcome)


if __name__ == "__main__":
    application = QApplication(["tokendeck"])
    probe = Probe(application)
    sys.exit(run(sys.argv[1:]))
