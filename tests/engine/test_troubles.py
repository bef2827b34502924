"""What is remembered of a refusal or an outage, and how long it binds whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import (
    BudgetSpent,
    ConfigurationRefused,
    GrantDead,
    NetworkStep,
    PassingTrouble,
    ProviderBusy,
    StoreUnwritable,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
)
from tokendeck.core.provider import GrantKind, RateBudget
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.engine.rig import Rig


@pytest.mark.promise(25)
async def test_a_refused_client_is_not_asked_again_until_an_edit(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client", "error_description": "Invalid client credentials"})]
    for _ in range(3):
        with pytest.raises(ConfigurationRefused) as refusal:
            await rig.engine.token(connection_id)
        assert refusal.value.words == "Invalid client credentials"
    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "needs_attention"

    await rig.engine.edit(rig.engine.record(connection_id).connection, {"client_secret": Secret("better")})
    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-2"


async def test_a_refusal_of_what_was_edited_meanwhile_stops_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    rig.endpoint.gate = asyncio.Event()
    asking = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()

    await rig.engine.edit(rig.engine.record(connection_id).connection, {"client_secret": Secret("better")})
    rig.endpoint.gate.set()
    with pytest.raises(ConfigurationRefused):
        await asking

    record = await rig.ledger.record(connection_id)
    assert record.trouble is None
    assert record.cut_off_at is None
    assert rig.engine.record(connection_id) == record
    assert rig.engine.status(connection_id).word == "no_token"


async def test_an_edit_that_comes_while_a_refusal_is_being_noted_is_not_stopped_by_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    others = await rig.another_process()
    known = rig.engine.record(connection_id).connection
    rig.ledger.meanwhile["note_refusal"] = lambda: others.edit(known, {"client_secret": Secret("better")})

    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    assert (await rig.ledger.record(connection_id)).trouble is None
    assert rig.engine.status(connection_id).word == "no_token"


async def test_a_store_that_takes_no_note_hides_nothing_that_the_provider_said(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    rig.ledger.methods, rig.ledger.error = ("note_refusal",), StoreUnwritable("store", "disk full")

    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "needs_attention"


async def test_passing_trouble_does_not_bring_back_a_refusal_from_before_an_edit(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"}), (503, {})]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)
    rig.endpoint.gate = asyncio.Event()
    rig.endpoint.arrived.clear()
    asking = asyncio.create_task(rig.engine.refresh(connection_id))
    await rig.endpoint.arrived.wait()

    await rig.engine.edit(rig.engine.record(connection_id).connection, {"client_secret": Secret("better")})
    rig.endpoint.gate.set()
    with pytest.raises(ProviderBusy):
        await asking

    assert rig.engine.status(connection_id).word == "waiting"


async def test_a_connection_that_goes_while_its_refusal_is_being_noted_is_told_as_refused(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    others = await rig.another_process()

    async def delete() -> None:
        await others.delete(connection_id)
        await others.drain()

    rig.ledger.meanwhile["note_refusal"] = delete

    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    assert rig.engine.records() == ()


async def test_a_dead_grant_is_told_also_where_the_connection_was_renamed_meanwhile(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]
    renamed = replace(rig.engine.record(connection_id).connection, name="Renamed")
    rig.ledger.meanwhile["note_refusal"] = lambda: rig.engine.edit(renamed, {})

    with pytest.raises(GrantDead):
        await rig.engine.refresh(connection_id)

    assert rig.engine.status(connection_id).word == "sign_in"


async def test_a_dead_grant_stops_nobody_who_has_signed_in_again_meanwhile(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]
    rig.endpoint.gate = asyncio.Event()
    asking = asyncio.create_task(rig.engine.refresh(connection_id))
    await rig.endpoint.arrived.wait()

    await rig.give(connection_id, "second", refresh_token="family-1")
    rig.endpoint.gate.set()
    with pytest.raises(GrantDead):
        await asking

    assert rig.engine.status(connection_id).word == "live"


async def test_a_refusal_that_comes_while_the_vault_is_locked_is_remembered(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"})]
    rig.endpoint.before_answer = lambda _: rig.engine.lock()

    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    await rig.engine.unlock()
    assert rig.engine.status(connection_id).word == "needs_attention"


async def test_an_unusable_token_is_remembered_as_that(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [{"access_token": "x", "token_type": "mac"}]

    for _ in range(2):
        with pytest.raises(UnusableToken):
            await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 1


PASSING = [
    (Unreachable("api.example.test", NetworkStep.CONNECT), Unreachable),
    ((503, {"error": "temporarily_unavailable"}), ProviderBusy),
    ((200, {"nothing": True}), UnreadableAnswer),
]


@pytest.mark.promise(23)
@pytest.mark.parametrize(("reply", "expected"), PASSING)
async def test_passing_trouble_keeps_the_token_and_backs_off(
    rig: Rig, reply: object, expected: type[PassingTrouble]
) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    rig.clock.advance(3601)
    rig.endpoint.script = [reply]

    with pytest.raises(expected):
        await rig.engine.token(connection_id)
    with pytest.raises(expected) as again:
        await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 2
    assert again.value.retry_after is not None
    assert await rig.engine.kept_token(connection_id) == kept
    assert rig.engine.status(connection_id).word == "waiting"


async def test_a_person_goes_out_at_once_whatever_the_back_off_says(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(503, {})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    tokens = await rig.engine.refresh(connection_id)

    assert tokens.access_token.reveal() == "token-2"
    assert rig.engine.record(connection_id).trouble is None


@pytest.mark.promise(27)
async def test_even_a_person_waits_for_a_retry_after_that_still_runs(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.clock.advance(119)

    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)
    rig.clock.advance(2)
    await rig.engine.refresh(connection_id)

    assert rig.endpoint.mints == 2


async def test_a_wait_that_a_stepped_clock_made_absurd_binds_nobody(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.clock.step_wall(-86400)

    tokens = await rig.engine.token(connection_id)

    assert tokens.access_token.reveal() == "token-2"


async def test_a_rate_budget_is_never_exceeded(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(2, timedelta(seconds=60))))
    connection_id = await rig.add("Shop")
    await rig.engine.refresh(connection_id)
    await rig.engine.refresh(connection_id)

    with pytest.raises(BudgetSpent) as spent:
        await rig.engine.refresh(connection_id)

    assert spent.value.retry_after == timedelta(seconds=60)
    assert rig.engine.budget_left(rig.engine.record(connection_id).connection) == 0
    rig.clock.advance(61)
    await rig.engine.refresh(connection_id)
    assert rig.endpoint.mints == 3


async def test_an_answer_that_says_nothing_remains_shuts_the_origin(rig: Rig) -> None:
    rate = RateBudget(50, timedelta(seconds=60), "x-limit", "X-Left", "X-Reset")
    rig.use(provider(rate=rate))
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(200, {"access_token": "a"}, {"x-left": "0", "x-reset": "30"})]
    await rig.engine.refresh(connection_id)

    with pytest.raises(BudgetSpent) as spent:
        await rig.engine.refresh(connection_id)

    assert spent.value.retry_after == timedelta(seconds=30)
