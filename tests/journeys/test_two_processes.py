"""Several processes that want a token of one connection: one request, and one refresh token spent."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.journeys.deck import ended, running_deck

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path

    from tests.journeys.deck import Deck
    from tokendeck.sandbox import Hold

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's")

NEARLY_OVER = timedelta(seconds=40)
FOR_LONGER = ("token", "Mine", "--min-valid", "600")
BOUND_S = 50.0
"""15 s for a lock and 20 s for a window, with room for a slow machine."""


async def lives_on(deck: Deck) -> bool:
    """Tell whether the newest refresh token is still good: a provider that saw one twice takes none of the family."""
    return (await deck.run("refresh", "Mine")).code == 0


@pytest.mark.promise(6)
async def test_three_command_lines_at_once_spend_one_refresh_token(home: Path) -> None:
    async with running_deck(home / "deck", left=NEARLY_OVER) as deck:
        first, hold = await deck.start_held(*FOR_LONGER)
        others = [await deck.start(*FOR_LONGER) for _ in range(2)]
        (row,) = (await deck.run("list", "--json")).json  # started last: when it has read the store, so have they
        hold.release()
        results = [await ended(one) for one in (first, *others)]

        assert row["status"] == "renewing"
        assert {one.code for one in results} == {0}, results
        assert len({one.out for one in results} - {deck.first}) == 1
        assert deck.requests == 1
        assert await lives_on(deck)


@pytest.mark.promise(6)
async def test_a_window_that_opens_while_a_command_line_refreshes_waits_for_its_token(home: Path) -> None:
    async with running_deck(home / "deck", left=NEARLY_OVER) as deck:
        alone, hold = await deck.start_held(*FOR_LONGER)
        window = await deck.open_window()  # the token is due, so it wants a new one at once
        through_window = await deck.start(*FOR_LONGER)
        (row,) = (await deck.run("list", "--json")).json
        hold.release()
        first, second = await ended(alone), await ended(through_window)

        assert row["status"] == "renewing"
        assert (first.code, second.code) == (0, 0), (first, second)
        assert first.out == second.out != deck.first
        assert deck.requests == 1
        assert await lives_on(deck)
        window.send_signal(signal.SIGTERM)
        assert (await ended(window)).code == 0


async def command_line_stopped(home: Path) -> None:
    async with running_deck(home) as deck:
        stopped, hold = await deck.start_held("token", "Mine", "--fresh")
        stopped.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(BOUND_S):
            other = await deck.run("token", "Mine", "--fresh")
        kept = await deck.run("token", "Mine")

        assert (other.code, other.out) == (3, "")
        assert "Another Tokendeck is asking for this connection's token just now." in other.err
        assert (kept.code, kept.out) == (0, deck.first)
        await goes_on(deck, stopped, hold, stopped)


async def command_line_stopped_beside_a_window(home: Path) -> None:
    async with running_deck(home) as deck:
        stopped, hold = await deck.start_held("token", "Mine", "--fresh")
        stopped.send_signal(signal.SIGSTOP)
        await deck.open_window()
        async with asyncio.timeout(BOUND_S):
            other = await deck.run("token", "Mine", "--fresh")

        assert (other.code, other.out) == (3, "")
        assert "Another Tokendeck is asking for this connection's token just now." in other.err
        await goes_on(deck, stopped, hold, stopped)


async def window_stopped(home: Path) -> None:
    async with running_deck(home) as deck:
        stopped = await deck.open_window()
        asking, hold = await deck.start_held("token", "Mine", "--fresh")
        stopped.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(BOUND_S):
            other = await deck.run("token", "Mine", "--fresh")

        assert (other.code, other.out) == (3, "")
        await goes_on(deck, stopped, hold, asking)


async def goes_on(deck: Deck, stopped: Process, hold: Hold, asking: Process) -> None:
    """Let the stopped process go on: it brings the one new token to who was asking, and nobody asked twice."""
    meanwhile = deck.requests
    hold.release()
    stopped.send_signal(signal.SIGCONT)
    fresh = await ended(asking)
    after = await deck.run("token", "Mine")

    assert fresh.code == 0, fresh.err
    assert after.out == fresh.out != deck.first
    assert (meanwhile, deck.requests) == (1, 1)
    assert (await deck.record()).cut_off_at is None


@pytest.mark.promise(6)
@pytest.mark.timeout(150)
async def test_while_the_holder_of_a_lock_is_stopped_others_say_try_later_and_nobody_asks_twice(home: Path) -> None:
    scenes = (command_line_stopped, command_line_stopped_beside_a_window, window_stopped)
    async with asyncio.TaskGroup() as all_at_once:  # each waits 15 s or longer
        for scene in scenes:
            all_at_once.create_task(scene(home / scene.__name__))
