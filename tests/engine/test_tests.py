"""Test calls: what they prove, at which step they end, what they ask first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import provider
from tokendeck.core.errors import (
    BudgetSpent,
    ConfirmationNeeded,
    NetworkStep,
    OriginNotConfirmed,
    ProviderBusy,
    SignInNeeded,
    UnknownCall,
    Unreachable,
    UnreadableAnswer,
    VaultLocked,
)
from tokendeck.core.provider import GrantKind, Hazard, Meaning, RateBudget, RenewalPolicy
from tokendeck.core.secret import Secret
from tokendeck.core.verdict import Step, VerdictKind

if TYPE_CHECKING:
    from tests.engine.rig import Rig

HAZARD = Hazard("allow_list", "A call from another address revokes the token.")


async def test_a_call_that_answers_works(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step, verdict.status) == (VerdictKind.WORKS, Step.DONE, 200)
    assert (verdict.call, verdict.method, verdict.url) == ("ping", "GET", "https://api.example.test/ping")
    assert verdict.latency_ms == 120
    assert not verdict.retried
    record = rig.engine.record(connection_id)
    assert record.last_good_at == rig.clock.wall
    assert [one.outcome for one in await rig.engine.history(connection_id)] == ["works"]


async def test_the_token_travels_in_the_header_only(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    await rig.engine.test(connection_id)

    call = rig.endpoint.sent[-1]
    assert call.headers["Authorization"].reveal() == "Bearer token-1"
    assert "token-1" not in call.url
    assert not call.parameters


async def test_without_a_documented_call_a_test_mints_and_says_that_this_is_all(rig: Rig) -> None:
    rig.use(provider(calls=False))
    connection_id = await rig.add("Shop")

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step, verdict.call) == (VerdictKind.MINTED, Step.DONE, "")
    assert (verdict.status, verdict.latency_ms) == (200, 120)
    assert rig.engine.record(connection_id).last_good_at is None


@pytest.mark.promise(26)
async def test_a_401_leads_to_one_new_token_and_one_more_try(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [(401, {"error": "invalid_token"})]

    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.WORKS
    assert verdict.retried
    assert rig.endpoint.mints == 2
    assert len(rig.endpoint.sent) == 4


@pytest.mark.promise(26)
async def test_a_second_401_is_surfaced_and_never_looped_on(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    refused = (401, {"error": "invalid_token", "error_description": "Token is expired"})
    rig.endpoint.script = [refused, {"access_token": "second", "expires_in": 60}, refused]

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step) == (VerdictKind.REFUSED, Step.AUTHENTICATION)
    assert (verdict.code, verdict.words) == ("invalid_token", "Token is expired")
    assert verdict.retried
    assert len(rig.endpoint.sent) == 4
    assert await rig.engine.kept_token(connection_id) is None


async def test_on_use_a_401_mints_once_more(rig: Rig) -> None:
    rig.use(provider(policy=RenewalPolicy.ON_USE))
    connection_id = await rig.add("Desk")
    rig.endpoint.script = [{"access_token": "a"}, (401, {})]

    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.WORKS
    assert rig.endpoint.mints == 2


@pytest.mark.promise(26)
async def test_a_403_is_never_tried_again(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    kept = await rig.engine.token(connection_id)
    rig.endpoint.script = [(403, {})]

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step) == (VerdictKind.REFUSED, Step.PERMISSION)
    assert len(rig.endpoint.sent) == 2
    assert await rig.engine.kept_token(connection_id) == kept


async def test_a_403_that_means_revoked_is_said_so_and_the_token_goes(rig: Rig) -> None:
    rig.use(provider(meanings=(Meaning(403, "The token was revoked.", token_revoked=True),)))
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [(403, {})]

    verdict = await rig.engine.test(connection_id)

    assert verdict.meaning == "The token was revoked."
    assert await rig.engine.kept_token(connection_id) is None
    assert rig.engine.status(connection_id).word == "no_token"


@pytest.mark.parametrize(
    ("reply", "kind", "step"),
    [
        ((429, {}), VerdictKind.TROUBLE, Step.RATE),
        ((500, {}), VerdictKind.TROUBLE, Step.ANSWER),
        ((302, {}), VerdictKind.TROUBLE, Step.ANSWER),
        ((404, {}), VerdictKind.REFUSED, Step.ANSWER),
        (Unreachable("h", NetworkStep.TLS), VerdictKind.TROUBLE, Step.TLS),
        (Unreachable("h", NetworkStep.NAME_LOOKUP), VerdictKind.TROUBLE, Step.NAME_LOOKUP),
    ],
)
async def test_a_verdict_names_the_step(rig: Rig, reply: object, kind: VerdictKind, step: Step) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [reply]

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step) == (kind, step)
    assert not verdict.retried


@pytest.mark.parametrize(
    ("reply", "kind", "step"),
    [
        ((401, {"error": "invalid_client"}), VerdictKind.REFUSED, Step.AUTHENTICATION),
        ((401, {}), VerdictKind.REFUSED, Step.AUTHENTICATION),
        ((400, {"error": "invalid_scope"}), VerdictKind.REFUSED, Step.TOKEN),
        ({"access_token": "x y"}, VerdictKind.REFUSED, Step.TOKEN),
        ((429, {}), VerdictKind.TROUBLE, Step.RATE),
        ((200, {}), VerdictKind.TROUBLE, Step.TOKEN),
    ],
)
async def test_trouble_with_the_token_is_a_verdict_too(rig: Rig, reply: object, kind: VerdictKind, step: Step) -> None:
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [reply]

    verdict = await rig.engine.test(connection_id)

    assert (verdict.kind, verdict.step) == (kind, step)
    assert verdict.error is not None
    assert rig.engine.record(connection_id).last_call is not None


async def test_minting_that_comes_to_trouble_is_a_verdict(rig: Rig) -> None:
    rig.use(provider(calls=False))
    connection_id = await rig.add("Shop")
    rig.endpoint.script = [(503, {})]

    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.TROUBLE
    assert isinstance(verdict.error, ProviderBusy)


@pytest.mark.promise(10)
async def test_a_call_to_an_unconfirmed_origin_is_not_sent(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    verdict = await rig.engine.test(connection_id, "elsewhere")

    assert isinstance(verdict.error, OriginNotConfirmed)
    assert all(request.origin == "https://api.example.test:443" for request in rig.endpoint.sent)


async def test_an_unknown_call_is_told_with_those_that_there_are(rig: Rig) -> None:
    connection_id = await rig.add("Shop")

    with pytest.raises(UnknownCall) as unknown:
        await rig.engine.test(connection_id, "pong")

    assert unknown.value.known == ("ping", "elsewhere")


async def test_a_hazard_asks_first_and_not_again_once_a_call_has_worked(rig: Rig) -> None:
    rig.use(provider(hazards=(HAZARD,)))
    connection_id = await rig.add("Shop")
    with pytest.raises(ConfirmationNeeded) as asked:
        await rig.engine.test(connection_id)
    assert (asked.value.hazard_id, asked.value.text) == (HAZARD.id, HAZARD.text)
    assert rig.endpoint.sent == []

    await rig.engine.test(connection_id, confirmed=True)
    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.WORKS


async def test_an_unsafe_method_in_production_asks_first(rig: Rig) -> None:
    rig.use(provider(unsafe=True))
    connection_id = await rig.add("Shop")
    own = await rig.add("Mine", environment="mine")

    with pytest.raises(ConfirmationNeeded):
        await rig.engine.test(connection_id)
    with pytest.raises(ConfirmationNeeded):
        await rig.engine.test(own)
    verdict = await rig.engine.test(connection_id, confirmed=True)

    assert verdict.method == "POST"


@pytest.mark.promise(1)
async def test_no_verdict_shows_a_secret(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    body = {"echo": "Bearer token-1", "client_secret": "s3cret", "deep": [{"note": "s3cret and token-1"}]}
    rig.endpoint.script = [
        {"access_token": "token-1", "refresh_token": "family"},
        (200, body, {"x-echo": "token-1", "set-cookie": "session=1"}),
    ]

    verdict = await rig.engine.test(connection_id)

    shown = f"{verdict.body} {verdict.headers} {verdict!r}"
    assert "token-1" not in shown
    assert "s3cret" not in shown
    assert "set-cookie" not in verdict.headers


async def test_a_spent_budget_is_a_verdict(rig: Rig) -> None:
    rig.use(provider(rate=RateBudget(1, timedelta(seconds=60))))
    connection_id = await rig.add("Shop")

    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.TROUBLE
    assert rig.endpoint.mints == 1


@pytest.mark.promise(27)
async def test_a_pause_that_an_api_asks_for_is_kept_by_the_next_test(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    await rig.engine.token(connection_id)
    rig.endpoint.script = [(429, {}, {"retry-after": "60"})]
    await rig.engine.test(connection_id)

    verdict = await rig.engine.test(connection_id)

    assert verdict.kind is VerdictKind.TROUBLE
    assert isinstance(verdict.error, BudgetSpent)
    assert len(rig.endpoint.sent) == 2
    rig.clock.advance(61)
    assert (await rig.engine.test(connection_id)).kind is VerdictKind.WORKS


async def test_a_locked_vault_gives_no_verdict(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    rig.engine.lock()

    with pytest.raises(VaultLocked):
        await rig.engine.test(connection_id)


async def test_trying_settings_out_saves_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    connection = rig.engine.record(connection_id).connection

    issue = await rig.engine.try_out(connection, {})

    assert issue.tokens.access_token.reveal() == "token-1"
    assert (issue.status, issue.latency_ms) == (200, 120)
    assert rig.engine.record(connection_id).token is None
    assert rig.endpoint.sent[0].parameters["client_secret"].reveal() == "s3cret"  # type: ignore[attr-defined]  # a Text


async def test_trying_out_settings_that_fail_remembers_nothing(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    connection = rig.engine.record(connection_id).connection
    rig.endpoint.script = [(200, {})]

    with pytest.raises(UnreadableAnswer):
        await rig.engine.try_out(connection, {"client_secret": Secret("typed")})

    assert rig.engine.record(connection_id).trouble is None


async def test_what_needs_a_person_cannot_be_tried_out(rig: Rig) -> None:
    rig.use(provider(kind=GrantKind.AUTHORIZATION_CODE))
    connection_id = await rig.add("Shop")

    with pytest.raises(SignInNeeded):
        await rig.engine.try_out(rig.engine.record(connection_id).connection, {})


async def test_a_connection_added_with_the_token_of_its_trial_has_it(rig: Rig) -> None:
    known = rig.engine.record(await rig.add("Known")).connection
    draft = replace(known, id="d" * 32, name="Draft")
    issue = await rig.engine.try_out(draft, {"client_secret": Secret("s3cret")})

    await rig.engine.add(draft, {"client_secret": Secret("s3cret")}, issue.tokens)

    kept = await rig.engine.token(draft.id)
    assert kept.access_token == issue.tokens.access_token
    assert rig.endpoint.mints == 1


async def test_the_preview_is_the_request_that_is_sent(rig: Rig) -> None:
    connection_id = await rig.add("Shop")
    secrets = await rig.vault.secrets_to_edit(connection_id)

    shown = rig.engine.request_preview(rig.engine.record(connection_id).connection, secrets)
    await rig.engine.token(connection_id)

    assert rig.endpoint.sent == [shown]
