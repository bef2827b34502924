"""Machines that sleep, and wall clocks that are set: no dead token is used, and nobody is hammered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.provider import RateBudget

if TYPE_CHECKING:
    from tests.engine.rig import Rig

HOUR, DAY = 3600.0, 86400.0


class Server:
    """Knows when each token that it issued ends, by a clock that nobody sets."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._ends_s: dict[str, float] = {}
        rig.endpoint.weather = self._issue

    def takes(self, token: str) -> bool:
        return self._rig.clock.elapsed_s < self._ends_s[token]

    def _issue(self) -> object:
        token = f"token-{len(self._ends_s)}"
        self._ends_s[token] = self._rig.clock.elapsed_s + HOUR
        return {"access_token": token, "expires_in": HOUR}


@pytest.mark.promise(31)
@pytest.mark.parametrize("into_the_nap_s", [0, 1, 3.9])
async def test_after_a_night_asleep_renewal_starts_within_five_seconds(rig: Rig, into_the_nap_s: float) -> None:
    ids = [await rig.add(f"Shop {number}", base_url=f"https://h{number}.example.test") for number in range(20)]
    for connection_id in ids:
        await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.advance(into_the_nap_s)

    rig.clock.suspend(8 * HOUR)
    assert {rig.engine.status(connection_id).word for connection_id in ids} == {"expired"}
    await rig.advance(4)

    assert rig.endpoint.mints == 40
    assert {rig.engine.status(connection_id).word for connection_id in ids} == {"live"}


@pytest.mark.promise(31)
async def test_whoever_asks_on_waking_gets_no_dead_token(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    server = Server(rig)
    await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(8 * HOUR)
    tokens = await rig.engine.token(connection_id)

    assert server.takes(tokens.access_token.reveal())


@pytest.mark.promise(31)
async def test_waking_is_no_storm(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(5, timedelta(minutes=1))))
    ids = [await rig.add(f"Shop {number}") for number in range(12)]
    for connection_id in ids:
        await rig.give(connection_id, "of yesterday")
    rig.engine.start()
    await rig.settle()

    rig.clock.suspend(8 * HOUR)
    await rig.advance(180, step=1)

    assert rig.endpoint.mints == 12
    assert rig.endpoint.most_within(60) == 5
    assert rig.endpoint.most_in_flight <= 2


STEPS = {
    "a day ahead": [DAY],
    "a day back": [-DAY],
    "an hour back": [-HOUR],
    "ahead and back again": [DAY, -DAY],
    "back and ahead again": [-DAY, DAY],
    "an hour back, every minute": [-HOUR] * 10,
    "to and fro, every minute": [DAY, -DAY, -HOUR, HOUR, DAY, -DAY],
}


@pytest.mark.promise(32)
@pytest.mark.parametrize("steps_s", STEPS.values(), ids=STEPS)
async def test_a_wall_clock_that_is_set_brings_no_storm_and_no_dead_token(rig: Rig, steps_s: list[float]) -> None:
    ids = [await rig.add(f"Shop {number}") for number in range(5)]
    server = Server(rig)
    for connection_id in ids:
        await rig.engine.token(connection_id)
    rig.engine.start()
    await rig.settle()

    for step_s in steps_s:
        rig.clock.step_wall(step_s)
        await no_dead_token(rig, server, ids, 60, every_s=10)
    asked_because_of_it = rig.endpoint.mints - len(ids)
    await no_dead_token(rig, server, ids, 2 * HOUR, every_s=60)

    assert asked_because_of_it <= len(ids) * sum(step_s > 0 for step_s in steps_s)
    assert rig.endpoint.mints - asked_because_of_it <= len(ids) * 4


async def no_dead_token(rig: Rig, server: Server, ids: list[str], seconds: float, *, every_s: float) -> None:
    """Ask for every token again and again for a while."""
    for _ in range(int(seconds / every_s)):
        for connection_id in ids:
            tokens = await rig.engine.token(connection_id)
            assert server.takes(tokens.access_token.reveal())
        await rig.advance(every_s)


@pytest.mark.promise(32)
async def test_a_dead_token_of_an_earlier_start_is_renewed_though_the_wall_clock_was_set_back(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "dead on arrival", lifetime=timedelta(0))
    rig.clock.boot = "boot-2"
    rig.clock.step_wall(-DAY)

    rig.engine.start()
    await rig.advance(5)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "live"
