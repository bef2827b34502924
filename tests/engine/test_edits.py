"""Edits that come while something is on its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tests.engine.signing_in import answer, begin, ended, signed_in
from tokendeck.core.errors import EndOfSignIn, NoSuchConnection, ProviderBusy, SignInEnded, StoreUnwritable
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.provider import GrantKind, RenewalPolicy
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet

if TYPE_CHECKING:
    from tests.engine.rig import Rig


async def change_account(rig: Rig, connection_id: str, tokens: TokenSet | None = None) -> None:
    connection = rig.engine.record(connection_id).connection
    await rig.engine.edit(replace(connection, values={"client_id": "another"}), {}, tokens)


def brought(rig: Rig, token: str) -> TokenSet:
    now = rig.clock.now()
    facts = TokenFacts(now, At(now.wall.replace(year=2030), ExpirySource.EXPIRES_IN), has_refresh_token=True)
    return TokenSet(Secret(token), Secret(f"{token}-refresh"), facts)


async def test_a_token_of_the_account_before_is_saved_for_nobody(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.token(connection_id))
    await rig.endpoint.arrived.wait()

    await change_account(rig, connection_id)
    rig.endpoint.gate.set()
    tokens = await caller

    assert [one.parameters["client_id"].reveal() for one in rig.endpoint.sent] == ["id", "another"]  # type: ignore[attr-defined]  # a Text
    assert tokens.access_token.reveal() == "token-2"
    assert await rig.vault.tokens(connection_id) == tokens
    assert rig.engine.record(connection_id).cut_off_at is None


async def test_a_refresh_does_not_take_the_place_of_a_sign_in_that_came_meanwhile(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.gate = asyncio.Event()
    caller = asyncio.create_task(rig.engine.refresh(connection_id))
    await rig.endpoint.arrived.wait()

    connection = rig.engine.record(connection_id).connection
    await rig.engine.edit(connection, {}, brought(rig, "signed-in"))
    rig.endpoint.gate.set()
    tokens = await caller

    assert tokens.access_token.reveal() == "signed-in"
    assert await rig.vault.tokens(connection_id) == tokens
    record = await rig.ledger.record(connection_id)
    assert record.cut_off_at is None
    assert len(rig.endpoint.sent) == 1


async def test_a_token_of_the_account_before_that_waits_for_a_disk_is_dropped(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.vault.error = StoreUnwritable("store", "no space left")
    with pytest.raises(StoreUnwritable):
        await rig.engine.token(connection_id)
    rig.vault.error = None

    await change_account(rig, connection_id)

    assert (await rig.engine.token(connection_id)).access_token.reveal() == "token-2"


async def test_a_refresh_token_never_goes_where_only_the_next_account_is_known(rig: Rig) -> None:
    rig.use(provider(refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.vault.meanwhile["holding"] = lambda: change_account(rig, connection_id)

    await rig.engine.refresh(connection_id)

    assert all("refresh_token" not in one.parameters for one in rig.endpoint.sent)
    assert [one.parameters["client_id"].reveal() for one in rig.endpoint.sent] == ["another"]  # type: ignore[attr-defined]  # a Text


async def test_what_replaces_a_dead_refresh_token_is_asked_for_with_the_settings_as_they_are(rig: Rig) -> None:
    rig.use(provider(refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    async def change_before_the_second_look() -> None:
        rig.vault.meanwhile["holding"] = lambda: change_account(rig, connection_id)

    rig.vault.meanwhile["holding"] = change_before_the_second_look

    await rig.engine.refresh(connection_id)

    refreshed, minted = rig.endpoint.sent
    assert "refresh_token" in refreshed.parameters
    assert minted.parameters["client_id"].reveal() == "another"  # type: ignore[attr-defined]  # a Text


async def test_a_token_for_one_use_is_asked_for_with_the_settings_as_they_are(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    rig.vault.meanwhile["holding"] = lambda: change_account(rig, connection_id)

    await rig.engine.token(connection_id)

    assert [one.parameters["client_id"].reveal() for one in rig.endpoint.sent] == ["another"]  # type: ignore[attr-defined]  # a Text


async def test_a_code_that_is_traded_while_the_account_changes_brings_nothing(rig: Rig) -> None:
    rig.use(signed_in())
    connection_id = await rig.add("Shop")
    sign_in = await begin(rig, connection_id)
    rig.endpoint.gate = asyncio.Event()
    rig.listener.come_back(answer(sign_in, code="c"))
    await rig.endpoint.arrived.wait()

    await change_account(rig, connection_id)
    rig.endpoint.gate.set()
    error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.SETTINGS_CHANGED
    assert await rig.vault.tokens(connection_id) is None


async def test_an_edit_of_what_was_deleted_meanwhile_brings_nothing_back(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    connection = rig.engine.record(connection_id).connection
    await rig.engine.delete(connection_id)
    with pytest.raises(NoSuchConnection) as refusal:
        await rig.engine.edit(replace(connection, values={"client_id": "another"}), {})
    assert refusal.value.name == "Shop"

    await rig.engine.undo_delete(connection_id)

    assert rig.engine.record(connection_id).connection == connection


async def test_an_edit_of_what_another_process_has_changed_keeps_no_token_of_that(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    stale = rig.engine.record(connection_id).connection
    other = await rig.another_process()
    await other.edit(replace(stale, values={"client_id": "another"}), {})
    await other.token(connection_id)

    await rig.engine.edit(replace(stale, name="Web shop"), {})

    assert await rig.vault.tokens(connection_id) is None


@pytest.mark.promise(27)
async def test_a_new_name_ends_no_pause_that_the_provider_asked_for(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    rig.engine.start()

    await rig.engine.edit(replace(rig.engine.record(connection_id).connection, name="Web shop"), {})
    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)
    await rig.advance(100)
    assert rig.endpoint.mints == 1
    await rig.advance(30, step=4)

    assert rig.endpoint.mints == 2


@pytest.mark.promise(27)
async def test_settings_are_not_tried_out_while_a_pause_runs_unless_somebody_else_is_asked(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(429, {}, {"retry-after": "120"})]
    with pytest.raises(ProviderBusy):
        await rig.engine.token(connection_id)
    connection = rig.engine.record(connection_id).connection

    with pytest.raises(ProviderBusy):
        await rig.engine.try_out(connection, {"client_secret": Secret("better")})
    await rig.engine.try_out(replace(connection, values={"client_id": "another"}), {})
    rig.clock.advance(121)
    await rig.engine.try_out(connection, {"client_secret": Secret("better")})

    assert rig.endpoint.mints == 3
