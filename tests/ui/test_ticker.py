from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QSignalSpy

from tests.ui.mockup import HandClock
from tokendeck.ui.ticker import Ticker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def ticker(qapp: QApplication, clock: HandClock) -> Iterator[Ticker]:  # noqa: ARG001 - timers need an application
    made = Ticker(clock)
    yield made
    made.run(wanted=False)


def test_next_tick_is_just_after_the_full_second(ticker: Ticker, clock: HandClock) -> None:
    clock.moment = replace(clock.moment, wall=clock.moment.wall + timedelta(milliseconds=700))

    ticker.run(wanted=True)

    assert 300 <= ticker._timer.interval() <= 310


def test_ticker_ticks_at_once_when_it_starts_and_not_again_when_it_runs(ticker: Ticker) -> None:
    ticks = QSignalSpy(ticker.ticked)

    ticker.run(wanted=True)
    ticker.run(wanted=True)

    assert ticks.count() == 1
    assert ticker.is_running


def test_ticker_stands_still_when_nobody_looks(ticker: Ticker) -> None:
    ticker.run(wanted=True)
    ticker.run(wanted=False)

    assert not ticker.is_running
