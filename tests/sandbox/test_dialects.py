from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.clients import API_PATHS, PROVIDERS, basic
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.clients import Caller, HandClock
    from tokendeck.sandbox import ProviderId

EXPIRED: dict[ProviderId, object] = {
    "payos": {"error": "unauthorized", "message": "Invalid token"},
    "paysera": {"error": "invalid_token", "error_description": "Token is expired"},
    "pyng": {"error": "invalid_token", "error_description": "Invalid token"},
    "paysecurez": {"statusCode": 401, "message": "Unauthorized", "error": "Invalid or expired token"},
}
LIFETIMES: dict[ProviderId, int] = {"payos": 3600, "paysera": 3600, "pyng": 3600, "paysecurez": 1800}


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


async def test_payos_and_payt_answer_with_the_token_alone(caller: Caller) -> None:
    payos, payt = await caller.ask("payos"), await caller.ask("payt")

    assert payos.json().keys() == payt.json().keys() == {"access_token"}


async def test_paysera_answers_as_its_page_shows(caller: Caller) -> None:
    answer = (await caller.ask("paysera")).json()

    assert list(answer) == [
        *("access_token", "expires_in", "refresh_expires_in", "token_type", "not-before-policy", "scope"),
    ]
    assert answer | {"access_token": ""} == {
        "access_token": "",
        "expires_in": 3600,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "profile email",
    }


async def test_pyng_grants_other_scopes_than_were_asked_for(caller: Caller) -> None:
    answer = await caller.ask("pyng")

    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "pyng_granted_scope_1 pyng_granted_scope_2",
    }


async def test_paysecurez_answers_as_its_page_shows(caller: Caller) -> None:
    answer = (await caller.ask("paysecurez")).json()

    assert answer | {"access_token": ""} == {"access_token": "", "expires_in": 1800, "token_type": "Bearer"}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_token_answer_is_not_to_be_stored(caller: Caller, provider: ProviderId) -> None:
    answer = await caller.ask(provider)

    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_minted_token_opens_the_api_for_get_and_head(caller: Caller, provider: ProviderId) -> None:
    token = await caller.mint(provider)

    got = await caller.call(provider, token)
    head = await caller.http.head(API_PATHS[provider], headers={"Authorization": f"bearer {token}"})

    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_no_token_is_minted_twice(caller: Caller, provider: ProviderId) -> None:
    tokens = {await caller.mint(provider) for _ in range(5)}

    assert len(tokens) == 5


@pytest.mark.parametrize("provider", ["paysera", "paysecurez"])
async def test_paysera_and_paysecurez_mint_json_web_tokens(
    caller: Caller, clock: HandClock, provider: ProviderId
) -> None:
    token = await caller.mint(provider)

    claims = claims_of(token)
    assert token.startswith("eyJ")
    assert claims.keys() == {"iss", "sub", "iat", "exp", "jti", "scope"}
    assert claims["sub"] == caller.sandbox.fields[provider]["client_id"]
    assert claims["iat"] == clock.time.timestamp()
    assert claims["exp"] == clock.time.timestamp() + LIFETIMES[provider]


@pytest.mark.parametrize("provider", ["payos", "pyng", "payt"])
async def test_the_tokens_of_the_others_are_opaque(caller: Caller, provider: ProviderId) -> None:
    assert "." not in await caller.mint(provider)


@pytest.mark.parametrize("provider", LIFETIMES)
async def test_a_token_works_until_its_last_second_and_is_then_refused_in_the_providers_words(
    caller: Caller, clock: HandClock, provider: ProviderId
) -> None:
    token = await caller.mint(provider)

    clock.advance(LIFETIMES[provider] - 1)
    in_time = await caller.call(provider, token)
    clock.advance(1)
    late = await caller.call(provider, token)

    assert in_time.status_code == 200
    assert (late.status_code, late.json()) == (401, EXPIRED[provider])
    assert late.headers["WWW-Authenticate"] == 'Bearer realm="sandbox", error="invalid_token"'


async def test_payts_tokens_never_expire(caller: Caller, clock: HandClock) -> None:
    token = await caller.mint("payt")

    clock.advance(100 * 365 * 86400)

    assert (await caller.call("payt", token)).status_code == 200


async def test_lifetimes_can_be_chosen(clock: HandClock) -> None:
    sandbox = Sandbox(now=clock, lifetimes={"paysera": 30})

    dialect = sandbox._dialects["paysera"]

    assert dialect.lifetime_s == 30


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer two words", "Bearer nobody-knows-it", "Token abc", "Bearer töken", basic("a", "b")],
)
async def test_a_missing_malformed_or_unknown_bearer_is_refused(
    caller: Caller, provider: ProviderId, header: str | None
) -> None:
    headers = [] if header is None else [(b"Authorization", header.encode("latin-1"))]
    answer = await caller.http.get(API_PATHS[provider], headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_two_authorization_headers_are_refused_even_when_both_are_right(caller: Caller) -> None:
    token = await caller.mint("paysera")

    headers = [("Authorization", f"Bearer {token}")] * 2
    answer = await caller.http.get(API_PATHS["paysera"], headers=headers)

    assert answer.json() == {"error": "invalid_token", "error_description": "Token is invalid"}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_token_of_one_provider_is_unknown_to_another(caller: Caller, provider: ProviderId) -> None:
    other = PROVIDERS[PROVIDERS.index(provider) - 1]

    answer = await caller.call(provider, await caller.mint(other))

    assert answer.status_code == 401


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_token_in_the_url_is_refused(caller: Caller, provider: ProviderId) -> None:
    token = await caller.mint(provider)
    headers = {"Authorization": f"Bearer {token}"}

    answer = await caller.http.get(API_PATHS[provider], params={"access_token": token}, headers=headers)

    assert answer.status_code == 400


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_api_call_with_another_method_or_a_body_is_refused(caller: Caller, provider: ProviderId) -> None:
    headers = {"Authorization": f"Bearer {await caller.mint(provider)}"}

    posted = await caller.http.post(API_PATHS[provider], headers=headers)
    loaded = await caller.http.request("GET", API_PATHS[provider], headers=headers, content=b"{}")

    assert (posted.status_code, posted.headers["Allow"]) == (405, "GET, HEAD")
    assert loaded.status_code == 400


def rate_limit(answer: httpx.Response) -> tuple[str, str, str]:
    limit, remaining, reset = (answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset"))
    return limit, remaining, reset


async def test_paysera_allows_fifty_calls_a_minute_and_says_so_on_every_answer(
    caller: Caller, clock: HandClock
) -> None:
    token = await caller.mint("paysera")

    answers = [await caller.call("paysera", token if number % 2 else "unknown") for number in range(49)]
    clock.advance(20.5)
    last = await caller.call("paysera", token)
    beyond = await caller.call("paysera", token)
    clock.advance(39.5)
    anew = await caller.call("paysera", token)

    assert rate_limit(answers[0]) == ("50", "49", "60")
    assert rate_limit(answers[48]) == ("50", "1", "60")
    assert (last.status_code, rate_limit(last)) == (200, ("50", "0", "40"))
    assert (beyond.status_code, rate_limit(beyond)) == (429, ("50", "0", "40"))
    assert (anew.status_code, rate_limit(anew)) == (200, ("50", "49", "60"))


async def test_payseras_token_endpoint_has_no_rate_limit(caller: Caller) -> None:
    answers = [await caller.ask("paysera") for _ in range(51)]

    assert {answer.status_code for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


async def test_a_clock_set_back_opens_a_new_rate_limit_window(caller: Caller, clock: HandClock) -> None:
    await caller.call("paysera", "x")

    clock.advance(-3600)

    assert rate_limit(await caller.call("paysera", "x")) == ("50", "49", "60")
