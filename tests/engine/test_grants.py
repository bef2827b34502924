"""What may be asked for at all: origins, pauses, sign-ins, refresh tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.connection import TroubleKind
from tokendeck.core.errors import (
    BudgetSpent,
    ConfigurationRefused,
    GrantDead,
    NetworkStep,
    OriginNotConfirmed,
    PassingTrouble,
    Paused,
    ProviderBusy,
    SignInNeeded,
    TokendeckError,
    Unreachable,
    UnreadableAnswer,
    VaultLocked,
)
from tokendeck.core.provider import GrantKind, RateBudget, RenewalPolicy
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.engine.rig import Rig


@pytest.mark.promise(10)
async def test_no_secret_goes_to_an_origin_that_was_not_confirmed(rig: Rig) -> None:
    connection_id = await rig.add("Shop", confirmed_origins=("https://elsewhere.example.test:443",))

    with pytest.raises(OriginNotConfirmed) as refusal:
        await rig.engine.token(connection_id)

    assert refusal.value.origin == "https://api.example.test:443"
    assert rig.endpoint.sent == []


@pytest.mark.promise(9)
async def test_only_test_calls_may_be_redirected(rig: Rig) -> None:
    rig.use(provider(refreshes=True))
    rig.endpoint.refresh_token = "r"
    connection_id = await rig.add("Shop")

    await rig.engine.token(connection_id)
    await rig.engine.refresh(connection_id)
    await rig.engine.test(connection_id)

    assert [request.url.rpartition("/")[2] for request in rig.endpoint.sent] == ["token", "token", "ping"]
    assert rig.endpoint.may_be_redirected == rig.endpoint.sent[-1:]


async def test_a_paused_connection_sends_nothing_but_hands_out_what_it_has(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    await rig.engine.set_paused(connection_id, paused=True)

    assert await rig.engine.token(connection_id) == kept
    with pytest.raises(Paused):
        await rig.engine.refresh(connection_id)

    assert rig.engine.status(connection_id).word == "paused"
    assert rig.endpoint.mints == 1


async def test_a_paused_on_use_connection_sends_nothing(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    await rig.engine.set_paused(connection_id, paused=True)

    with pytest.raises(Paused):
        await rig.engine.token(connection_id)


async def test_a_grant_that_needs_a_person_says_so_before_anything_is_sent(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE))
    connection_id = await rig.add("Shop")

    with pytest.raises(SignInNeeded):
        await rig.engine.token(connection_id)

    assert rig.engine.status(connection_id).word == "sign_in"
    assert rig.endpoint.sent == []


async def test_a_refresh_token_is_spent_and_an_absent_new_one_keeps_the_old(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")

    tokens = await rig.engine.refresh(connection_id)

    assert rig.endpoint.sent[0].parameters["refresh_token"].reveal() == "family-0"  # type: ignore[attr-defined]  # a Text
    assert tokens.refresh_token == Secret("family-0")


@pytest.mark.promise(24)
async def test_a_dead_grant_is_asked_once_and_keeps_its_token(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.clock.advance(3601)
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    for _ in range(3):
        with pytest.raises(GrantDead):
            await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "sign_in"
    kept = await rig.engine.kept_token(connection_id)
    assert kept is not None
    assert kept.access_token.reveal() == "first"


async def test_a_dead_refresh_token_gives_way_to_a_mint_where_no_person_is_needed(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.CLIENT_CREDENTIALS, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    tokens = await rig.engine.refresh(connection_id)

    assert ["refresh_token" in request.parameters for request in rig.endpoint.sent] == [True, False]
    assert tokens.access_token
    assert rig.engine.status(connection_id).word == "live"


async def test_a_refused_mint_is_not_asked_again_without_a_refresh_token(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]

    with pytest.raises(ConfigurationRefused):
        await rig.engine.refresh(connection_id)

    assert rig.endpoint.mints == 1
    assert rig.engine.status(connection_id).word == "needs_attention"


@pytest.mark.promise(1)
async def test_a_secret_that_the_provider_repeats_is_masked_before_it_is_kept(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    words = "no client with s3cret"
    rig.endpoint.script = [(401, {"error": "invalid_client", "error_description": words})]

    with pytest.raises(ConfigurationRefused):
        await rig.engine.refresh(connection_id)

    trouble = rig.engine.record(connection_id).trouble
    assert trouble is not None
    assert trouble.words.startswith("no client with ")
    assert "s3cret" not in trouble.words


@pytest.mark.promise(2)
@pytest.mark.parametrize(
    "end",
    [Unreachable("api.example.test", NetworkStep.ANSWER, timed_out=True), UnreadableAnswer("cut_off", status=200)],
)
async def test_a_refresh_whose_end_nobody_saw_is_known_as_cut_off(rig: Rig, end: PassingTrouble) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [end]

    with pytest.raises(PassingTrouble):
        await rig.engine.refresh(connection_id)

    assert rig.engine.record(connection_id).cut_off_at is not None
    await rig.engine.refresh(connection_id)
    assert rig.engine.record(connection_id).cut_off_at is None


@pytest.mark.promise(2)
@pytest.mark.parametrize(
    ("reply", "word"), [((503, {}), "waiting"), ((401, {"error": "invalid_client"}), "needs_attention")]
)
async def test_an_error_that_says_nothing_of_a_cut_off_refresh_takes_nothing_back(
    rig: Rig, reply: object, word: str
) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [Unreachable("h", NetworkStep.ANSWER, timed_out=True), reply]
    for _ in range(2):
        with pytest.raises((PassingTrouble, ConfigurationRefused)):
            await rig.engine.refresh(connection_id)

    record = await rig.ledger.record(connection_id)

    assert record.cut_off_at is not None
    assert rig.engine.record(connection_id).cut_off_at is not None
    assert rig.engine.status(connection_id).word == word


@pytest.mark.parametrize("hindrance", [BudgetSpent, VaultLocked])
async def test_a_dead_refresh_token_alone_stops_no_connection(rig: Rig, hindrance: type[TokendeckError]) -> None:
    rate = RateBudget(1 if hindrance is BudgetSpent else 9, timedelta(seconds=60))
    rig.use(provider(kind=GrantKind.CLIENT_CREDENTIALS, refreshes=True, rate=rate))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [(400, {"error": "invalid_grant"})]
    rig.endpoint.before_answer = lambda _: None if hindrance is BudgetSpent else rig.engine.lock()

    with pytest.raises(hindrance):
        await rig.engine.refresh(connection_id)

    record = await rig.ledger.record(connection_id)
    assert record.trouble is None
    assert record.cut_off_at is None


@pytest.mark.promise(29)
async def test_the_mint_after_a_dead_refresh_token_counts_too(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.CLIENT_CREDENTIALS, refreshes=True))
    connection_id = await rig.add("Shop")
    good: object = {"access_token": "t", "expires_in": 1, "refresh_token": "dead"}
    rig.endpoint.script = [good, *[(400, {"error": "invalid_grant"}), good] * 3]

    for _ in range(3):
        await rig.engine.token(connection_id)
        rig.clock.advance(2)

    with pytest.raises(BudgetSpent):
        await rig.engine.token(connection_id)

    assert rig.endpoint.mints == 6


@pytest.mark.promise(27)
async def test_a_stopped_connection_leaves_alone_who_asked_for_it_too(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"}), (429, {}, {"retry-after": "120"})]
    for error in (ConfigurationRefused, ProviderBusy):
        with pytest.raises(error):
            await rig.engine.refresh(connection_id)

    rig.clock.advance(20)
    with pytest.raises(ProviderBusy) as told:
        await rig.engine.refresh(connection_id)
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    assert told.value.retry_after == timedelta(seconds=100)
    assert rig.endpoint.mints == 2
    rig.clock.advance(101)
    await rig.engine.refresh(connection_id)


async def test_passing_trouble_does_not_wake_a_stopped_connection(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(401, {"error": "invalid_client"}), (503, {})]
    with pytest.raises(ConfigurationRefused):
        await rig.engine.token(connection_id)

    with pytest.raises(ProviderBusy):
        await rig.engine.refresh(connection_id)

    trouble = rig.engine.record(connection_id).trouble
    assert trouble is not None
    assert trouble.kind is TroubleKind.NEEDS_ATTENTION


@pytest.mark.parametrize("end", [Unreachable("h", NetworkStep.CONNECT), ProviderBusy(status=503)])
async def test_a_refresh_that_cannot_have_been_spent_is_not_cut_off(rig: Rig, end: PassingTrouble) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True))
    connection_id = await rig.add("Shop")
    await rig.give(connection_id, "first", refresh_token="family-0")
    rig.endpoint.script = [end]

    with pytest.raises(PassingTrouble):
        await rig.engine.refresh(connection_id)

    assert rig.engine.record(connection_id).cut_off_at is None


async def test_a_request_begun_by_another_process_is_renewing_while_its_lock_is_held(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.ledger.begin_refresh(connection_id, rig.clock.wall)
    await rig.engine.load()
    rig.locks.taken.add(connection_id)

    during = rig.engine.status(connection_id).word
    rig.locks.taken.clear()

    assert during == "renewing"
    assert rig.engine.status(connection_id).word == "no_token"
