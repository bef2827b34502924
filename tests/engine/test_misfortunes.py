"""Whatever befalls one connection stays with it: the others are renewed when they are due."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import UnknownProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.rig import Rig
    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider
    from tokendeck.core.request import Request

UNLUCKY = "https://unlucky.example.test"
LIFETIME = timedelta(seconds=1000)
DUE_S = 790
"""After so long a token is due: 20 % of its lifetime before its end, and half of the jitter's 10 % earlier."""


@dataclass(frozen=True)
class Misfortune:
    befall: Callable[[Rig, str], object]
    logged: str = ""


def sent(error: BaseException) -> Callable[[Rig, str], object]:
    """Let the connection's requests raise."""

    def befall(rig: Rig, _: str) -> None:
        def answer(request: Request) -> None:
            if request.url.startswith(UNLUCKY):
                raise error

        rig.endpoint.before_answer = answer

    return befall


def described(error: Exception) -> Callable[[Rig, str], object]:
    """Let whoever asks for the connection's descriptor get an error."""

    def befall(rig: Rig, connection_id: str) -> None:
        give = rig.catalog.provider_for

        def provider_for(connection: Connection) -> Provider:
            if connection.id == connection_id:
                raise error
            return give(connection)

        rig.catalog.provider_for = provider_for  # type: ignore[method-assign]  # this one catalog has gone mad

    return befall


def damaged(rig: Rig, connection_id: str) -> None:
    with closing(sqlite3.connect(rig.home / "store.db")) as store, store:
        store.execute("UPDATE sealed SET nonce = randomblob(12) WHERE connection_id = ?", (connection_id,))


MISFORTUNES = {
    "a crash under its lock": Misfortune(
        lambda rig, one: setattr(rig.locks, "crash_for", one), "renewal of .* crashed"
    ),
    "a lock that never comes free": Misfortune(lambda rig, one: rig.locks.taken.add(one)),
    "a crash while it asks": Misfortune(sent(RecursionError()), "renewal of .* crashed"),
    "no memory while it asks": Misfortune(sent(MemoryError()), "renewal of .* crashed"),
    "a cancellation from within": Misfortune(sent(asyncio.CancelledError())),
    "a descriptor that is gone": Misfortune(described(UnknownProvider("acme", ()))),
    "a descriptor that crashes": Misfortune(described(ZeroDivisionError()), "when .* is due cannot be told"),
    "a damaged secret": Misfortune(damaged),
}


@pytest.mark.promise(33)
@pytest.mark.parametrize("misfortune", MISFORTUNES.values(), ids=MISFORTUNES)
async def test_the_others_are_renewed_on_time_again_and_again(
    rig: Rig, misfortune: Misfortune, expect_log: Callable[[str, str], None]
) -> None:
    if misfortune.logged:
        expect_log("tokendeck.engine.background", misfortune.logged)
    unlucky, others = await ending_together(rig, 12)
    misfortune.befall(rig, unlucky)
    rig.endpoint.expires_in = LIFETIME.total_seconds()
    rig.engine.start()

    for serial in (2, 3, 4):
        await rig.advance(DUE_S - 50)
        assert {rig.engine.record(one).serial for one in others} == {serial - 1}
        await rig.advance(60, step=5)
        assert {rig.engine.record(one).serial for one in others} == {serial}

    assert rig.engine.record(unlucky).serial == 1
    assert sum(request.url.startswith(UNLUCKY) for request in rig.endpoint.sent) <= DUE_S * 3 / 60


@pytest.mark.promise(33)
async def test_one_that_crashes_leaves_499_on_time(rig: Rig, expect_log: Callable[[str, str], None]) -> None:
    expect_log("tokendeck.engine.background", "renewal of .* crashed")
    unlucky, others = await ending_together(rig, 500)
    rig.locks.crash_for = unlucky
    rig.engine.start()

    await rig.advance(DUE_S - 1)
    assert rig.endpoint.mints == 0
    await rig.advance(5)

    assert {rig.engine.record(one).serial for one in others} == {2}
    assert rig.endpoint.mints == len(others) == 499


async def ending_together(rig: Rig, count: int) -> tuple[str, list[str]]:
    """Give the ids of the unlucky one and of the others; the tokens of all end at the same time."""
    unlucky = await rig.add("Unlucky", base_url=UNLUCKY)
    others = [await rig.add(f"Shop {number}") for number in range(count - 1)]
    for connection_id in (unlucky, *others):
        await rig.give(connection_id, "ending", lifetime=LIFETIME)
    return unlucky, others
