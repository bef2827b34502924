"""What a person's consent is worth: codes, access tokens, refresh tokens that rotate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.application import CHALLENGE, VERIFIER, App, refusal
from tests.sandbox.clients import TOKEN_PATHS, Caller, basic
from tokendeck.sandbox import AddressOffList, SameToken, Sandbox, ShortLifetime

if TYPE_CHECKING:
    from tests.sandbox.clients import HandClock

TWO_HOURS_S = 7200


async def test_a_code_is_good_for_a_minute(app: App, clock: HandClock) -> None:
    early, late = await app.code(), await app.code()

    clock.advance(59)
    in_time = await app.redeem(early)
    clock.advance(1)
    too_late = await app.redeem(late)

    assert in_time.status_code == 200
    assert refusal(too_late) == (400, "invalid_grant")


async def test_a_replayed_code_is_refused_and_costs_the_family_its_life(app: App) -> None:
    code = await app.code()
    tokens = (await app.redeem(code)).json()
    refreshed = (await app.refresh(tokens["refresh_token"])).json()

    replayed = await app.redeem(code)

    assert refusal(replayed) == (400, "invalid_grant")
    assert not await app.is_live(tokens["access_token"])
    assert not await app.is_live(refreshed["access_token"])
    assert refusal(await app.refresh(refreshed["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.parametrize("verifier", [None, "", VERIFIER[:-1] + "6", VERIFIER[:42], "ü" * 43, CHALLENGE])
async def test_a_wrong_verifier_gets_nothing_and_spends_nothing(app: App, verifier: str | None) -> None:
    code = await app.code()

    wrong = await app.redeem(code, code_verifier=verifier)
    right = await app.redeem(code)

    assert refusal(wrong) == (400, "invalid_grant")
    assert right.status_code == 200


async def test_a_verifier_for_a_code_without_a_challenge_is_refused(app: App) -> None:
    back = await app.sent_back(app.url(code_challenge=None, code_challenge_method=None))

    assert refusal(await app.redeem(back["code"])) == (400, "invalid_grant")


async def test_an_unknown_code_and_an_unknown_refresh_token_are_refused(app: App) -> None:
    assert refusal(await app.redeem("unknown")) == (400, "invalid_grant")
    assert refusal(await app.refresh("unknown")) == (400, "invalid_grant")
    assert refusal(await app.refresh("")) == (400, "invalid_grant")


async def test_the_token_request_repeats_the_redirect_uri(app: App) -> None:
    code = await app.code()

    missing = await app.redeem(code, redirect_uri=None)
    other = await app.redeem(code, redirect_uri="https://example.com/callbacks/payt")
    app.caller.sandbox.sign_in.register("https://example.com/callbacks/payt")
    moved = await app.redeem(code)

    assert refusal(missing) == (400, "invalid_request")
    assert refusal(other) == (400, "bad_request")
    assert refusal(moved) == (400, "invalid_grant")


async def test_tokens_live_for_two_hours_without_saying_so(app: App, clock: HandClock) -> None:
    tokens = await app.signed_in()

    clock.advance(TWO_HOURS_S - 1)
    in_time = await app.is_live(tokens["access_token"])
    clock.advance(1)

    assert tokens.keys() == {"access_token", "refresh_token"}
    assert in_time
    assert not await app.is_live(tokens["access_token"])


async def test_a_chosen_lifetime_is_stated(clock: HandClock) -> None:
    async with (
        Sandbox(now=clock, lifetimes={"payt": 60}) as sandbox,
        httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False) as http,
    ):
        app = App(Caller(sandbox, http))
        chosen = await app.signed_in()
        sandbox.inject("payt", "token", ShortLifetime(2), times=1)
        short = await app.signed_in()
        eternal = await app.caller.ask("payt")

    assert chosen["expires_in"] == 60
    assert short["expires_in"] == 2
    assert eternal.json().keys() == {"access_token"}


async def test_a_refresh_rotates_and_leaves_the_old_access_token_alive(app: App) -> None:
    first = await app.signed_in()

    second = (await app.refresh(first["refresh_token"])).json()
    third = (await app.refresh(second["refresh_token"])).json()

    pairs = [first, second, third]
    assert len({one["refresh_token"] for one in pairs}) == len({one["access_token"] for one in pairs}) == 3
    assert [await app.is_live(one["access_token"]) for one in pairs] == [True, True, True]


async def test_a_spent_refresh_token_costs_its_family_its_life_and_no_other(app: App) -> None:
    other = await app.signed_in()
    first = await app.signed_in()
    second = (await app.refresh(first["refresh_token"])).json()

    reused = await app.refresh(first["refresh_token"])

    assert refusal(reused) == (400, "invalid_grant")
    assert refusal(await app.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert not await app.is_live(second["access_token"])
    assert await app.is_live(other["access_token"])
    assert (await app.refresh(other["refresh_token"])).status_code == 200


async def test_a_family_can_be_had_without_a_browser(app: App) -> None:
    pair = app.caller.sandbox.sign_in.sign_in()

    refreshed = await app.refresh(pair.refresh_token)

    assert await app.is_live(pair.access_token)
    assert refreshed.status_code == 200


async def test_a_rotated_secret_leaves_live_tokens_valid_and_is_asked_for_from_then_on(app: App) -> None:
    tokens = await app.signed_in()
    old = basic(app.fields["client_id"], app.fields["client_secret"])
    data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    fields = app.caller.sandbox.sign_in.rotate_secret()
    refused = await app.caller.http.post(TOKEN_PATHS["payt"], data=data, headers={"Authorization": old})

    assert fields == app.fields
    assert await app.is_live(tokens["access_token"])
    assert refusal(refused) == (401, "invalid_client")
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_an_address_off_the_allow_list_costs_the_token_its_life(app: App) -> None:
    tokens = await app.signed_in()
    app.caller.sandbox.inject("payt", "api", AddressOffList(), times=1)

    off_list = await app.caller.call("payt", tokens["access_token"])

    assert refusal(off_list) == (403, "forbidden")
    assert not await app.is_live(tokens["access_token"])
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_revoking_all_tokens_takes_refresh_tokens_and_codes_along(app: App) -> None:
    code, tokens = await app.code(), await app.signed_in()

    app.caller.sandbox.revoke_tokens("payt")

    assert not await app.is_live(tokens["access_token"])
    assert refusal(await app.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert refusal(await app.redeem(code)) == (400, "invalid_grant")


async def test_each_application_has_its_own_grant(app: App) -> None:
    mint = await app.ask(grant_type="client_credentials")
    other = await app.ask(grant_type="password")
    none = await app.ask(state="x")

    assert refusal(mint) == (400, "unauthorized_client")
    assert refusal(other) == (400, "unsupported_grant_type")
    assert refusal(none) == (400, "invalid_request")


async def test_the_same_token_comes_with_a_refresh_token_of_its_own_family(app: App) -> None:
    await app.caller.mint("payt")
    tokens = await app.signed_in()
    app.caller.sandbox.inject("payt", "token", SameToken(), times=1)

    same = (await app.refresh(tokens["refresh_token"])).json()

    assert same["access_token"] == tokens["access_token"]
    assert (await app.refresh(same["refresh_token"])).status_code == 200
