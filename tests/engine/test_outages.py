"""Providers that are in trouble, for hours: nothing is lost, and nobody is hammered."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.backoff import FLOOR, LAST_CEILING
from tokendeck.core.errors import (
    ConfigurationRefused,
    GrantDead,
    NetworkStep,
    PassingTrouble,
    ProviderBusy,
    TlsFault,
    Unreachable,
)
from tokendeck.core.provider import GrantKind
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.core.token import TokenSet

HOST = "api.example.test"
PAGE = {"content-type": "text/html; charset=utf-8"}
DATE = "Fri, 20 Nov 2026 12:30:00 GMT"

TROUBLES: tuple[object, ...] = (
    *((status, {"error": "temporarily_unavailable"}) for status in (500, 502, 503, 504, 599)),
    *((status, b"<html><h1>Bad gateway</h1></html>", PAGE) for status in (500, 502, 503)),
    (503, {}, {"retry-after": "120"}),
    (503, {}, {"retry-after": DATE}),
    *((429, {"error": "slow_down"}, {"retry-after": seconds}) for seconds in ("0", "30", "900", "86400")),
    (429, b"Too many requests", PAGE),
    *(Unreachable(HOST, step) for step in NetworkStep),
    *(Unreachable(HOST, step, timed_out=True) for step in NetworkStep),
    *(Unreachable(HOST, NetworkStep.TLS, fault=fault) for fault in TlsFault),
    (200, b"<html><form>Sign in to the hotel's network</form></html>", PAGE),
    (302, b"", {"location": "https://portal.example/login"}),
    (511, b"<html>Network authentication required</html>", PAGE),
    (200, b""),
    (200, b'{"access_token": "cut o'),
    (200, {"nothing": "of use"}),
    (200, [1, 2, 3]),
)


@pytest.mark.promise(23)
@pytest.mark.parametrize("seed", [23, 24])
async def test_a_day_of_any_mix_of_troubles_keeps_every_token(rig: Rig, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, guards nothing
    ids, kept = await two_kinds(rig)
    rig.endpoint.weather = lambda: chance.choice(TROUBLES)
    rig.engine.start()

    for _ in range(24):
        await rig.advance(3600, step=180)
        for connection_id in ids:
            with suppress(PassingTrouble):
                await rig.engine.token(connection_id)
    assert len(rig.endpoint.sent) > 100
    assert [await rig.vault.tokens(connection_id) for connection_id in ids] == kept
    assert [rig.engine.status(connection_id).word for connection_id in ids] == ["waiting", "waiting"]

    rig.endpoint.weather = None
    await rig.advance(2 * 3600, step=60)
    assert [rig.engine.status(connection_id).word for connection_id in ids] == ["live", "live"]


async def two_kinds(rig: Rig) -> tuple[list[str], list[TokenSet | None]]:
    """Add a connection that asks for itself and one for which a person signed in; give what the vault has of them."""
    by_itself, by_person = provider(), provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True, provider_id="signed")
    rig.use(by_itself)
    ids = [await rig.add("Shop")]
    rig.use(by_person)
    ids.append(await rig.add("Desk"))
    rig.catalog.by_id = {one.id: one for one in (by_itself, by_person)}
    await rig.give(ids[0], "first")
    await rig.give(ids[1], "first", refresh_token="family-0")
    return ids, [await rig.vault.tokens(connection_id) for connection_id in ids]


@pytest.mark.promise(27)
@pytest.mark.parametrize("chance", [0.0, 0.3])
async def test_an_outage_costs_twenty_requests_in_any_hour_whoever_asks(rig: Rig, chance: float) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", lifetime=timedelta(seconds=1))
    rig.clock.advance(2)
    rig.endpoint.weather = lambda: Unreachable(HOST, NetworkStep.CONNECT)
    rig.chance = chance
    rig.engine.start()

    for _ in range(3 * 360):
        await rig.advance(10)
        with suppress(PassingTrouble):
            await rig.engine.token(connection_id)

    assert len(rig.endpoint.sent) >= 40 * (1 - chance)
    assert rig.endpoint.most_within(3600) <= 20


@pytest.mark.promise(27)
async def test_each_pause_is_drawn_anew_from_its_whole_span(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.weather = lambda: (503, {})
    ceiling = timedelta(seconds=4)
    for chance in (1.0, 0.25, 0.9, 0.0, 0.5, 0.01, 1.0, 0.5, 0.75):
        rig.chance = chance

        with pytest.raises(ProviderBusy):
            await rig.engine.token(connection_id)

        trouble = rig.engine.record(connection_id).trouble
        assert trouble is not None
        assert trouble.retry_at == rig.clock.wall + max(ceiling * chance, FLOOR)
        rig.clock.advance(601)
        ceiling = min(ceiling * 2, LAST_CEILING)


@pytest.mark.promise(27)
@pytest.mark.parametrize(
    ("asked", "kept_s"),
    [("90", 90), ("3600", 3600), ("7200", 3600), (timedelta(seconds=600), 600), (timedelta(hours=3), 3600)],
)
@pytest.mark.parametrize("chance", [0.0, 1.0])
async def test_a_provider_is_left_alone_for_as_long_as_it_asks_up_to_an_hour(
    rig: Rig, asked: str | timedelta, kept_s: float, chance: float
) -> None:
    connection_id = await rig.add("Shop")
    stated = asked if isinstance(asked, str) else format_datetime(rig.clock.wall + asked, usegmt=True)
    date = format_datetime(rig.clock.wall, usegmt=True)
    rig.endpoint.script = [(429, {}, {"retry-after": stated, "date": date})]
    rig.chance = chance
    rig.engine.start()
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    await rig.advance(kept_s - 1, step=kept_s / 4)
    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)
    assert rig.endpoint.mints == 1
    await rig.advance(10, step=1)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(24)
async def test_a_dead_grant_is_left_alone_for_a_day_until_somebody_signs_in(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Desk")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.weather = lambda: (400, {"error": "invalid_grant"})
    rig.engine.start()

    await a_day_of_asking(rig, connection_id, GrantDead)
    assert rig.endpoint.mints == 1
    rig.endpoint.weather = None
    await rig.give(connection_id, "second", refresh_token="family-1")
    await rig.advance(3600, step=60)

    assert rig.endpoint.mints == 2
    assert rig.engine.status(connection_id).word == "live"


@pytest.mark.promise(24)
async def test_a_grant_that_looks_dead_here_is_read_anew_before_it_is_spent(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Desk")
    await rig.give(connection_id, "first", refresh_token="family-0")
    other = await rig.another_process()
    rig.endpoint.refresh_token = "family"
    tokens = await other.refresh(connection_id)
    rig.endpoint.weather = lambda: (400, {"error": "invalid_grant"})
    rig.engine.start()

    await rig.advance(3600 - 320, step=40)

    assert rig.endpoint.mints == 1
    assert await rig.engine.token(connection_id) == tokens


@pytest.mark.promise(25)
@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"])
async def test_a_refused_configuration_is_left_alone_for_a_day_until_an_edit(rig: Rig, code: str) -> None:
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first")
    rig.endpoint.weather = lambda: (401 if code == "invalid_client" else 400, {"error": code})
    rig.engine.start()

    await a_day_of_asking(rig, connection_id, ConfigurationRefused)
    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "needs_attention"
    rig.endpoint.weather = None
    await rig.engine.edit(rig.engine.record(connection_id).connection, {"client_secret": Secret("right")})
    await rig.advance(60, step=4)

    assert rig.endpoint.mints == 2
    assert rig.engine.status(connection_id).word == "live"


async def a_day_of_asking(rig: Rig, connection_id: str, refusal: type[Exception]) -> None:
    """Let the background run for a day, and ask for a token every ten minutes once the first has ended."""
    await rig.advance(3601, step=60)
    for _ in range(24 * 6):
        await rig.advance(600)
        with pytest.raises(refusal):
            await rig.engine.token(connection_id)
