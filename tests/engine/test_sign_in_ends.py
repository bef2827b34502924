"""How an attempt to sign in ends before it brings a token."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.signing_in import answer, begin, ended, signed_in
from tokendeck.core.errors import (
    EndOfSignIn,
    NotThisSignIn,
    OriginNotConfirmed,
    SignInEnded,
)

if TYPE_CHECKING:
    from tests.engine.rig import Rig


@pytest.fixture
async def acme(rig: Rig) -> str:
    rig.use(signed_in())
    return await rig.add("Acme")


@pytest.mark.promise(13)
async def test_nobody_is_waited_for_longer_than_five_minutes(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)

    await rig.advance(299, step=4)
    assert sign_in.left(rig.clock.now()) == timedelta(seconds=1)
    assert rig.listener.is_open
    await rig.advance(1)

    error = await ended(sign_in)
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.TIMED_OUT
    assert not rig.listener.is_open


@pytest.mark.promise(21)
async def test_another_attempt_ends_the_one_before(rig: Rig, acme: str) -> None:
    other = await rig.add("Other")
    first = await begin(rig, acme)

    second = await begin(rig, other)

    error = await ended(first)
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.REPLACED
    assert rig.engine.signing_in() is second


@pytest.mark.promise(17)
async def test_an_answer_serves_only_the_attempt_that_asked(rig: Rig, acme: str) -> None:
    first = await begin(rig, acme)
    second = await begin(rig, await rig.add("Other"))

    browser = rig.listener.come_back(answer(first, code="c"))
    await rig.settle()

    assert isinstance(browser.told[0], NotThisSignIn)
    assert rig.endpoint.sent == []
    second.cancel()


async def test_a_person_may_give_up(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)

    sign_in.cancel()
    error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.CANCELLED
    assert (rig.listener.is_open, rig.engine.signing_in()) == (False, None)


@pytest.mark.promise(7)
async def test_a_code_that_is_being_traded_is_traded_to_the_end(rig: Rig, acme: str) -> None:
    rig.endpoint.gate = asyncio.Event()
    sign_in = await begin(rig, acme)
    rig.listener.come_back(answer(sign_in, code="c"))
    await rig.endpoint.arrived.wait()
    waiter = asyncio.create_task(sign_in.outcome())

    sign_in.cancel()
    waiter.cancel()
    rig.endpoint.gate.set()
    tokens = await sign_in.outcome()

    assert await rig.vault.tokens(acme) == tokens


async def test_quitting_gives_up_waiting_and_saves_what_is_being_traded(rig: Rig, acme: str) -> None:
    waiting = await begin(rig, acme)

    await rig.engine.drain()

    error = await ended(waiting)
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.CANCELLED


@pytest.mark.promise(17)
async def test_a_code_is_not_traded_for_what_the_connection_has_become(rig: Rig, acme: str) -> None:
    sign_in = await begin(rig, acme)
    connection = rig.engine.record(acme).connection
    elsewhere = replace(connection, overrides={"base_url": "https://evil.example.test"})
    await rig.engine.edit(replace(elsewhere, confirmed_origins=("https://evil.example.test:443",)), {})

    rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.SETTINGS_CHANGED
    assert rig.endpoint.sent == []


async def test_a_connection_that_goes_takes_its_attempt_along(rig: Rig, acme: str) -> None:
    other = await rig.add("Other")
    sign_in = await begin(rig, acme)

    await rig.engine.delete(other)
    still_waited_for = rig.engine.signing_in()
    await rig.engine.delete(acme)

    error = await ended(sign_in)
    assert still_waited_for is sign_in
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.SETTINGS_CHANGED


async def test_a_connection_that_another_process_removed_gets_no_token(rig: Rig, acme: str) -> None:
    other = await rig.another_process()
    await other.load()
    sign_in = await begin(rig, acme)
    await other.delete(acme)

    rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert rig.endpoint.sent == []


@pytest.mark.promise(10)
async def test_a_code_goes_to_confirmed_origins_only(rig: Rig) -> None:
    rig.use(signed_in())
    acme = await rig.add("Acme", confirmed_origins=())

    sign_in = await begin(rig, acme)
    rig.listener.come_back(answer(sign_in, code="c"))
    error = await ended(sign_in)

    assert isinstance(error, OriginNotConfirmed)
    assert rig.endpoint.sent == []
