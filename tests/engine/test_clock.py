"""The system's clocks."""

from __future__ import annotations

from datetime import UTC, datetime

from tokendeck.engine.clock import SystemClock


def test_both_clocks_run() -> None:
    clock = SystemClock()

    first = clock.now()
    second = clock.now()

    assert first.wall.tzinfo is UTC
    assert abs((first.wall - datetime.now(UTC)).total_seconds()) < 60
    assert second.elapsed_s >= first.elapsed_s
    assert first.boot == second.boot


def test_two_processes_of_one_boot_name_it_alike() -> None:
    assert SystemClock().now().boot == SystemClock().now().boot


async def test_a_nap_ends() -> None:
    await SystemClock().nap(0)
