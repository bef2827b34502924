"""Processes that are killed or asked to end while the provider's answer is on its way."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.deck import ended, running_deck
from tests.journeys.shell import Result

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.journeys.deck import Deck

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's")

TERMINATED = 128 + signal.SIGTERM


@pytest.fixture
async def deck(home: Path) -> AsyncIterator[Deck]:
    async with running_deck(home / "deck") as deck:
        yield deck


@pytest.mark.promise(2)
@pytest.mark.promise(36)
@pytest.mark.parametrize("processed", [False, True], ids=["before the provider acted", "after the provider acted"])
async def test_a_refresh_that_is_killed_is_known_as_cut_off_and_blocks_nothing(deck: Deck, *, processed: bool) -> None:
    killed, _ = await deck.start_held("token", "Mine", "--fresh", processed=processed)
    killed.kill()
    await ended(killed)
    await deck.lose_connections()
    (row,) = (await deck.run("list", "--json")).json
    record = await deck.record()
    kept = await deck.run("token", "Mine")
    fresh = await deck.run("token", "Mine", "--fresh")
    (after,) = (await deck.run("list", "--json")).json

    assert "was never saved: it was cut off" in row["last_error"]
    assert record.cut_off_at is not None
    assert (row["status"], record.serial) == ("live", 1)
    assert (kept.code, kept.out) == (0, deck.first)
    if processed:
        assert (fresh.code, fresh.out, after["status"]) == (1, "", "sign_in")
        assert "sign in again" in fresh.err.lower()
    else:
        assert fresh.code == 0, fresh.err
        assert fresh.out not in {"", deck.first}
        assert after["last_error"] is None
    assert deck.requests == 2


@pytest.mark.promise(2)
async def test_a_command_that_is_asked_to_end_saves_what_is_on_the_wire(deck: Deck) -> None:
    asked, hold = await deck.start_held("token", "Mine", "--fresh")
    asked.send_signal(signal.SIGTERM)
    hold.release()
    told = await ended(asked)
    after = await deck.run("token", "Mine")

    assert (told.code, told.out) == (TERMINATED, "")
    assert after.out not in {"", deck.first}
    assert deck.requests == 1


@pytest.mark.promise(2)
async def test_a_window_that_is_asked_to_end_saves_what_is_on_the_wire(deck: Deck) -> None:
    window = await deck.open_window()
    shell, hold = await deck.start_held("token", "Mine", "--fresh")
    window.send_signal(signal.SIGTERM)
    told = await ended(shell)  # the window answers nobody any more: it has begun to end
    hold.release()
    closed = await ended(window)
    after = await deck.run("token", "Mine")

    assert (told.code, told.out) == (3, "")
    assert closed == Result(0, "", "")
    assert after.out not in {"", deck.first}
    assert deck.requests == 1


@pytest.mark.promise(36)
async def test_a_window_that_is_killed_leaves_a_cut_off_refresh_and_nothing_locked(deck: Deck) -> None:
    window = await deck.open_window()
    shell, _ = await deck.start_held("token", "Mine", "--fresh")
    window.kill()
    told = await ended(shell)
    await deck.lose_connections()
    (row,) = (await deck.run("list", "--json")).json
    fresh = await deck.run("token", "Mine", "--fresh")

    assert (told.code, told.out) == (3, "")
    assert "was never saved: it was cut off" in row["last_error"]
    assert fresh.code == 0, fresh.err
    assert fresh.out not in {"", deck.first}
