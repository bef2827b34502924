"""A running app that hangs, ends, or speaks another version, and the command line beside it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tokendeck.cli.errors import AppSilent, OtherVersion
from tokendeck.cli.running.client import AT_ONCE
from tokendeck.cli.running.codec import to_line
from tokendeck.cli.running.messages import show, value_of
from tokendeck.cli.running.server import listening

if TYPE_CHECKING:
    from tests.cli.running.open_app import OpenApp

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        to_line({"protocol": 99, "ask": "hello", "with": {}}),
        to_line({"protocol": 1, "ask": "unlock_with_passphrase", "with": {}}),
        to_line({"protocol": 1, "ask": "token", "with": {}}),
    ],
)
async def test_a_request_that_this_version_does_not_know_is_refused(app: OpenApp, line: bytes) -> None:
    answer = await app.answers.answer(line)

    with pytest.raises(OtherVersion):
        value_of(answer)
    assert app.engine.asked == []


async def test_an_answer_of_another_version_is_told(closed_app: OpenApp) -> None:
    async def answer(_: bytes) -> bytes:
        return b"HTTP/1.0 400\n"

    async with listening(closed_app.path, answer):
        with pytest.raises(OtherVersion):
            await closed_app.shared.unlock()


async def test_an_app_that_ends_before_it_answers_is_passing_trouble(closed_app: OpenApp) -> None:
    begun = asyncio.Event()

    async def answer(line: bytes) -> bytes:
        if b'"hello"' in line or b'"vault"' in line:
            return await closed_app.answers.answer(line)
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with listening(closed_app.path, answer):
        await closed_app.shared.unlock()
        asking = asyncio.create_task(closed_app.shared.token("id"))
        await begun.wait()

    with pytest.raises(AppSilent) as raised:
        await asking
    assert raised.value.exit_code == 3


async def test_an_app_that_closes_before_it_was_asked_for_anything_is_none(closed_app: OpenApp) -> None:
    async def answer(line: bytes) -> bytes:
        Path(closed_app.path).unlink()
        return await closed_app.answers.answer(line)

    async with listening(closed_app.path, answer):
        await closed_app.shared.unlock()
    await closed_app.shared.token(closed_app.alone.keep("shop").id)

    assert len(closed_app.alone.asked) == 1


async def test_an_app_that_closed_meanwhile_is_not_stood_in_for(closed_app: OpenApp) -> None:
    async with listening(closed_app.path, closed_app.answers.answer):
        await closed_app.shared.unlock()

    with pytest.raises(AppSilent):
        await closed_app.shared.token("id")
    assert closed_app.alone.asked == []


async def test_an_app_that_hangs_is_waited_for_until_the_deadline(closed_app: OpenApp) -> None:
    async def answer(_: bytes) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async with listening(closed_app.path, answer):
        with pytest.raises(AppSilent):
            await closed_app.client.ask("hello", {}, 0.05)


async def test_many_requests_are_sent_a_few_at_a_time(closed_app: OpenApp) -> None:
    now = most = 0

    async def answer(line: bytes) -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return await closed_app.answers.answer(line)

    connection = closed_app.engine.keep("shop")
    async with listening(closed_app.path, answer):
        await closed_app.shared.unlock()
        await asyncio.gather(*(closed_app.shared.refresh(connection.id) for _ in range(200)))

    assert len(closed_app.engine.asked) == 200
    assert most <= AT_ONCE


@pytest.mark.promise(37)
async def test_a_second_start_brings_the_first_ones_window_forward(
    app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "the desktop's")

    assert await asyncio.to_thread(show, app.path)
    assert await app.client.show()
    assert app.shown == ["the desktop's"] * 2


async def test_without_an_app_there_is_no_window_to_show(closed_app: OpenApp) -> None:
    assert not await asyncio.to_thread(show, closed_app.path)
    assert not await closed_app.client.show()


async def test_a_window_that_hangs_is_not_shown(closed_app: OpenApp) -> None:
    async def answer(_: bytes) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async with listening(closed_app.path, answer):
        with pytest.raises(AppSilent):
            await asyncio.to_thread(show, closed_app.path, deadline_s=0.05)


async def test_a_window_is_shown_before_it_is_known_how_the_vault_stands(app: OpenApp) -> None:
    app.begun.clear()

    assert await app.client.show()
