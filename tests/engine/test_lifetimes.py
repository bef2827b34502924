"""How long before its end a token is renewed, and how often at most, however short it lives."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import BudgetSpent, LifetimeTooShort

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tests.engine.scripted import ScriptedEndpoint


@pytest.mark.promise(28)
@pytest.mark.parametrize(
    ("lifetime_s", "lead_s", "kept_s"),
    [(3600, 300, 300), (86400, 300, 300), (1500, 300, 300), (1499, 300, 299.8), (600, 30, 30), (60, 300, 12)],
)
@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_a_token_is_renewed_its_lead_before_it_ends_and_a_tenth_of_that_earlier_at_most(
    rig: Rig, lifetime_s: float, lead_s: float, kept_s: float, chance: float
) -> None:
    rig.use(provider(lead_s=lead_s))
    rig.endpoint.expires_in = lifetime_s
    rig.chance = chance
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.start()
    due_s = lifetime_s - kept_s * (1 + chance / 10)

    await rig.advance(due_s - 0.5)
    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word in {"live", "due"}
    await rig.advance(1)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(28)
async def test_a_minute_token_is_renewed_once_per_lifetime(rig: Rig) -> None:
    rig.endpoint.expires_in = 60
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.advance(1200, step=2)

    gaps_s = [after - before for before, after in pairwise(rig.endpoint.sent_s)]
    assert len(gaps_s) >= 20
    assert min(gaps_s) >= 60 - 12 * 1.1
    assert max(gaps_s) < 60, "a token ended before the next one was there"


def of_one_second(_: ScriptedEndpoint) -> Callable[[], object]:
    numbers = iter(range(1000))
    return lambda: {"access_token": f"token-{next(numbers)}", "expires_in": 1}


def the_same_of_one_second(_: ScriptedEndpoint) -> Callable[[], object]:
    return lambda: {"access_token": "same", "expires_in": 1}


def the_same_with_what_is_left(endpoint: ScriptedEndpoint) -> Callable[[], object]:
    """Keep to one token until it ends, as a server with a cache does."""
    ends_s = endpoint.clock.elapsed_s + 100
    return lambda: {"access_token": "same", "expires_in": max(ends_s - endpoint.clock.elapsed_s, 0)}


def the_same_that_is_dead(_: ScriptedEndpoint) -> Callable[[], object]:
    return lambda: {"access_token": "same", "expires_in": 0}


@pytest.mark.promise(29)
@pytest.mark.parametrize(
    "server", [of_one_second, the_same_of_one_second, the_same_with_what_is_left, the_same_that_is_dead]
)
@pytest.mark.parametrize("with_callers", [False, True])
async def test_a_server_is_asked_six_times_a_minute_at_most(
    rig: Rig, server: Callable[[ScriptedEndpoint], Callable[[], object]], *, with_callers: bool
) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.weather = server(rig.endpoint)
    rig.engine.start()
    with suppress(LifetimeTooShort):
        await rig.engine.token(connection_id)

    for _ in range(200):
        await rig.advance(1)
        if with_callers:
            with suppress(LifetimeTooShort, BudgetSpent):
                await rig.engine.token(connection_id, min_valid=timedelta(seconds=30))

    assert len(rig.endpoint.sent) > 6
    assert rig.endpoint.most_within(60) <= 6
    gaps_s = [after - before for before, after in pairwise(rig.endpoint.sent_s)]
    assert with_callers or min(gaps_s) >= 10
