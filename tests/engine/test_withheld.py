"""Requests that are not sent: to where nobody confirmed, or because they cannot be."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import ORIGIN, provider
from tokendeck.core.errors import (
    BadUrl,
    FieldError,
    OriginNotConfirmed,
    ProviderBusy,
    StoreUnwritable,
    TokendeckError,
)
from tokendeck.core.provider import RenewalPolicy

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.provider import Provider

ELSEWHERE = "https://elsewhere.example.test:443"
CONTROL = FieldError("client_secret", "no control characters")


async def kept(rig: Rig, connection_id: str) -> ConnectionRecord:
    """Give what another start would find."""
    record = await rig.ledger.record(connection_id)
    assert record is not None
    return record  # type: ignore[no-any-return]  # the rig's ledger hands on whatever the real one gives


@pytest.mark.promise(10)
async def test_an_origin_that_nobody_confirmed_needs_attention_and_is_not_tried_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))
    await rig.give(connection_id, "kept", lifetime=timedelta(seconds=1))
    rig.clock.advance(5)
    rig.engine.start()
    rig.events.clear()

    await rig.advance(3600, step=60)

    trouble = (await kept(rig, connection_id)).trouble
    assert trouble is not None
    assert (trouble.code, trouble.subject) == ("origin_not_confirmed", ORIGIN)
    assert rig.engine.status(connection_id).word == "needs_attention"
    assert rig.engine.next_renewal() is None
    assert len(rig.events) == 3, "a flight takes off, brings trouble, and lands"
    assert rig.endpoint.sent == []


@pytest.mark.promise(10)
async def test_the_edit_that_confirms_lets_renewals_go_on(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))
    await rig.give(connection_id, "old", lifetime=timedelta(seconds=1))
    rig.clock.advance(5)
    rig.engine.start()
    await rig.advance(60)

    confirmed = replace(rig.engine.record(connection_id).connection, confirmed_origins=(ORIGIN,))
    await rig.engine.edit(confirmed, {})
    await rig.advance(60)

    assert rig.engine.record(connection_id).trouble is None
    assert rig.engine.status(connection_id).word == "live"
    assert rig.endpoint.mints == 1


@pytest.mark.promise(10)
async def test_confirming_changes_where_secrets_may_go_and_nothing_else(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))
    await rig.give(connection_id, "good", refresh_token="kept")
    before = rig.engine.record(connection_id).connection

    await rig.engine.confirm(connection_id, (ORIGIN,))

    assert rig.engine.record(connection_id).connection == replace(before, confirmed_origins=(ORIGIN,))
    kept = await rig.vault.tokens(connection_id)
    assert (kept.access_token.reveal(), kept.refresh_token.reveal()) == ("good", "kept")


@pytest.mark.parametrize("error", [CONTROL, BadUrl("https://api.example.test/", "shorter")], ids=repr)
async def test_what_cannot_be_sent_needs_attention_and_leaves_no_mark_of_one_cut_off(
    rig: Rig, error: TokendeckError
) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [error]

    with pytest.raises(type(error)):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "needs_attention"
    assert (await kept(rig, connection_id)).cut_off_at is None


async def test_settings_that_make_no_request_need_attention(rig: Rig) -> None:
    connection_id = await rig.add("Shop", overrides={"base_url": "https://api.example.test/?"})

    with pytest.raises(BadUrl):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "needs_attention"
    assert rig.endpoint.sent == []


@pytest.mark.promise(10)
async def test_a_connection_that_asks_at_each_use_needs_attention_too(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))

    with pytest.raises(OriginNotConfirmed):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "needs_attention"
    assert rig.endpoint.sent == []


def moved(base_url: str) -> Provider:
    """Give the same descriptor as if somebody had changed where it sends to."""
    (environment,) = provider().environments
    return replace(provider(), environments=(replace(environment, base_urls={"base_url": base_url}),))


@pytest.mark.promise(10)
async def test_a_changed_descriptor_is_told_as_it_is_now_and_counts_against_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    named = []
    for number in range(20):
        rig.use(moved(f"https://elsewhere-{number % 2}.example.test"))
        with pytest.raises(OriginNotConfirmed) as caught:
            await rig.engine.token(connection_id)
        named.append(caught.value.origin)

    assert named[-2:] == ["https://elsewhere-0.example.test:443", "https://elsewhere-1.example.test:443"]
    assert rig.endpoint.sent == []


async def test_once_the_descriptor_is_as_it_was_the_next_use_needs_no_edit(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.use(moved("https://elsewhere.example.test"))
    with pytest.raises(OriginNotConfirmed):
        await rig.engine.token(connection_id)

    rig.use(provider())
    await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "live"


async def test_what_the_provider_then_says_takes_the_place_of_what_kept_the_request_back(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [CONTROL, (503, {})]
    with pytest.raises(FieldError):
        await rig.engine.token(connection_id)

    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "waiting"


async def test_a_pause_that_the_provider_asked_for_holds_on(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "600"}), CONTROL]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.clock.advance(610)
    with pytest.raises(FieldError):
        await rig.engine.refresh(connection_id)

    await rig.engine.refresh(connection_id)

    assert rig.engine.status(connection_id).word == "live"


async def test_a_refresh_that_was_cut_off_before_stays_to_be_settled(rig: Rig) -> None:
    rig.use(provider(refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "old", refresh_token="r", lifetime=timedelta(0))
    await rig.ledger.begin_refresh(connection_id, rig.clock.wall)
    rig.endpoint.script = [CONTROL]

    with pytest.raises(FieldError):
        await rig.engine.token(connection_id)

    assert (await kept(rig, connection_id)).cut_off_at is not None


async def test_what_is_edited_meanwhile_is_not_held_against_it(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [CONTROL]
    others = await rig.another_process()
    renamed = replace(rig.engine.record(connection_id).connection, values={"client_id": "other"})
    edit = others.edit(renamed, {})
    rig.endpoint.gate = gate = asyncio.Event()
    asking = asyncio.ensure_future(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()
    await edit

    gate.set()
    with pytest.raises(FieldError):
        await asking

    assert rig.engine.record(connection_id).trouble is None


async def test_an_edit_that_comes_while_it_is_noted_why_nothing_is_sent_is_not_stopped_by_that(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))
    others = await rig.another_process()
    confirmed = replace(rig.engine.record(connection_id).connection, confirmed_origins=(ORIGIN,))
    rig.ledger.meanwhile["note_refusal"] = lambda: others.edit(confirmed, {})

    with pytest.raises(OriginNotConfirmed):
        await rig.engine.token(connection_id)

    assert rig.engine.record(connection_id).connection == confirmed
    assert rig.engine.record(connection_id).trouble is None


async def test_a_store_that_takes_no_note_hides_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=(ELSEWHERE,))
    rig.ledger.methods, rig.ledger.error = ("note_refusal",), StoreUnwritable("store", "disk full")

    with pytest.raises(OriginNotConfirmed):
        await rig.engine.token(connection_id)
