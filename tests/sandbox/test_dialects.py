from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.clients import API_PATHS, FORM, PROVIDERS, TOKEN_PATHS, basic, token_request
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.clients import Caller, HandClock
    from tokendeck.sandbox import ProviderId

INVALID_CLIENT: dict[ProviderId, object] = {
    "payos": {"error": "unauthorized", "message": "Authentication failed"},
    "paysera": {"error": "invalid_client", "error_description": "Invalid client credentials"},
    "pyng": {"error": "invalid_client", "error_description": "Client authentication failed"},
    "payt": {"error": "invalid_client", "error_description": "Client authentication failed"},
    "paysecurez": {"statusCode": 401, "message": "Unauthorized", "error": "Invalid client credentials"},
}
EXPIRED: dict[ProviderId, object] = {
    "payos": {"error": "unauthorized", "message": "Invalid token"},
    "paysera": {"error": "invalid_token", "error_description": "Token is expired"},
    "pyng": {"error": "invalid_token", "error_description": "Invalid token"},
    "paysecurez": {"statusCode": 401, "message": "Unauthorized", "error": "Invalid or expired token"},
}
LIFETIMES: dict[ProviderId, int] = {"payos": 3600, "paysera": 3600, "pyng": 3600, "paysecurez": 1800}
SECRETS: dict[ProviderId, str] = {
    "payos": "clientSecret",
    "paysera": "client_secret",
    "pyng": "password",
    "payt": "client_secret",
    "paysecurez": "client_secret",
}


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


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_the_token_endpoint_takes_post_only(caller: Caller, provider: ProviderId, method: str) -> None:
    answer = await caller.http.request(method, TOKEN_PATHS[provider])

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_secret_in_the_url_is_refused(caller: Caller, provider: ProviderId) -> None:
    answer = await caller.ask(provider, params={"client_secret": "x"})

    assert answer.status_code == 400


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml", "nonsense", "; charset=utf-8"])
async def test_another_content_type_is_refused(caller: Caller, provider: ProviderId, content_type: str | None) -> None:
    headers = token_request(caller.sandbox, provider).get("headers", {})
    if content_type is not None:
        headers = headers | {"Content-Type": content_type}

    answer = await caller.ask(provider, json=None, data=None, content=b"grant_type=client_credentials", headers=headers)

    assert answer.status_code == 415


@pytest.mark.parametrize("provider", ["payos", "paysecurez"])
async def test_a_form_is_refused_where_json_is_documented(caller: Caller, provider: ProviderId) -> None:
    answer = await caller.ask(provider, json=None, data=caller.sandbox.fields[provider])

    assert answer.status_code == 415


@pytest.mark.parametrize("provider", ["paysera", "pyng"])
async def test_json_is_refused_where_a_form_is_documented(caller: Caller, provider: ProviderId) -> None:
    answer = await caller.ask(provider, data=None, json=token_request(caller.sandbox, provider)["data"])

    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
async def test_a_content_type_may_name_utf8_and_comes_in_any_case(caller: Caller, content_type: str) -> None:
    answer = await caller.ask("payos", headers={"Content-Type": content_type})

    assert answer.status_code == 200


async def test_another_charset_is_refused(caller: Caller) -> None:
    answer = await caller.ask("payos", headers={"Content-Type": "application/json; charset=utf-16"})

    assert answer.status_code == 415


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_missing_an_additional_and_a_renamed_parameter_are_refused(
    caller: Caller, provider: ProviderId
) -> None:
    request = token_request(caller.sandbox, provider)
    kind = "json" if "json" in request else "data"
    right = request[kind]
    wrong = [right | {"audience": "x"}]
    for name in right:
        rest = {key: value for key, value in right.items() if key != name}
        wrong += [rest, rest | {f"{name}s": right[name]}]

    answers = [await caller.ask(provider, **{kind: one or {"another": "x"}}) for one in wrong]

    assert {answer.status_code for answer in answers} == {400}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_wrong_secret_is_refused_in_the_providers_words(caller: Caller, provider: ProviderId) -> None:
    request = token_request(caller.sandbox, provider)
    fields = caller.sandbox.fields[provider]
    match provider:
        case "payos" | "paysecurez":
            answer = await caller.ask(provider, json=fields | {SECRETS[provider]: "wrong"})
        case "paysera":
            answer = await caller.ask(provider, data=request["data"] | {"client_secret": "wrong"})
        case _:
            answer = await caller.ask(provider, headers={"Authorization": basic(next(iter(fields.values())), "wrong")})

    assert (answer.status_code, answer.json()) == (401, INVALID_CLIENT[provider])


@pytest.mark.parametrize("provider", ["payos", "paysera", "paysecurez"])
async def test_basic_is_refused_where_the_body_is_expected(caller: Caller, provider: ProviderId) -> None:
    ours = caller.sandbox.fields[provider]
    authorization = {"Authorization": basic(*ours.values())}
    alone = {"data": {"grant_type": "client_credentials"}} if provider == "paysera" else {"json": {}}

    instead = await caller.ask(provider, headers=authorization, **alone)
    both = await caller.ask(provider, headers=authorization)

    assert (instead.status_code, instead.json()) == (401, INVALID_CLIENT[provider])
    assert both.status_code == 400


@pytest.mark.parametrize("provider", ["pyng", "payt"])
async def test_credentials_in_the_body_are_refused_where_basic_is_expected(
    caller: Caller, provider: ProviderId
) -> None:
    request = token_request(caller.sandbox, provider)
    user, password = list(caller.sandbox.fields[provider].values())[-3 if provider == "pyng" else -2 :][:2]
    data = request["data"] | {"client_id": user, "client_secret": password}

    instead = await caller.ask(provider, data=data, headers={})
    both = await caller.ask(provider, data=data)

    assert (instead.status_code, instead.json()) == (401, INVALID_CLIENT[provider])
    assert instead.headers["WWW-Authenticate"] == 'Basic realm="sandbox"'
    assert both.status_code == 400


@pytest.mark.parametrize("provider", ["pyng", "payt"])
@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic YQ", "Basic YWI", "Bearer abc"])
async def test_malformed_basic_authentication_is_refused(caller: Caller, provider: ProviderId, header: str) -> None:
    answer = await caller.ask(provider, headers={"Authorization": header})

    assert (answer.status_code, answer.json()) == (401, INVALID_CLIENT[provider])


@pytest.mark.promise(43)
async def test_basic_credentials_are_taken_as_they_are_and_not_form_encoded(caller: Caller) -> None:
    from urllib.parse import quote_plus

    fields = caller.sandbox.fields["pyng"]
    encoded = basic(quote_plus(fields["username"]), quote_plus(fields["password"]))

    raw = await caller.ask("pyng")
    answer = await caller.ask("pyng", headers={"Authorization": encoded})

    assert "s%3cret:/+ &=~" in fields["password"]
    assert "s%3cret:/+ &=~" in caller.sandbox.fields["payt"]["client_secret"]
    assert (raw.status_code, answer.status_code) == (200, 401)


@pytest.mark.parametrize("provider", ["paysera", "pyng", "payt"])
async def test_another_grant_type_is_not_supported(caller: Caller, provider: ProviderId) -> None:
    data = token_request(caller.sandbox, provider)["data"] | {"grant_type": "password"}

    answer = await caller.ask(provider, data=data)

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("grant_type", ["authorization_code", "refresh_token"])
async def test_payts_application_is_not_authorized_for_its_other_grant(caller: Caller, grant_type: str) -> None:
    answer = await caller.ask("payt", data={"grant_type": grant_type, "code": "x"})

    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_pyng_refuses_a_scope_it_did_not_give(caller: Caller) -> None:
    answer = await caller.ask("pyng", data={"grant_type": "client_credentials", "scope": "another"})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_payt_takes_a_form_a_multipart_form_and_json(caller: Caller) -> None:
    form = await caller.ask("payt")
    multipart = await caller.ask("payt", data=None, files={"grant_type": (None, "client_credentials")})
    json_body = await caller.ask("payt", data=None, json={"grant_type": "client_credentials"})

    assert {form.status_code, multipart.status_code, json_body.status_code} == {200}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b"no boundary at all",
        b'--x\r\nContent-Disposition: form-data; name="grant_type"; filename="f"\r\n\r\nabc\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: attachment; name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\n\xff\r\n--x--\r\n',
        b"--x\r\nContent-Disposition: form-data\r\n\r\nclient_credentials\r\n--x--\r\n",
        b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
        (b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n' * 2) + b"--x--\r\n",
    ],
)
async def test_a_malformed_multipart_form_is_refused(caller: Caller, body: bytes) -> None:
    headers = token_request(caller.sandbox, "payt")["headers"] | {"Content-Type": "multipart/form-data; boundary=x"}

    answer = await caller.ask("payt", data=None, content=body, headers=headers)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body", [b"", b"grant_type", b"a=%zz", b"a=%ff", b"\xff=1", b"grant_type=a&grant_type=a", b"a=1&&b=2"]
)
async def test_a_malformed_form_is_refused(caller: Caller, body: bytes) -> None:
    answer = await caller.ask("paysera", data=None, content=body, headers={"Content-Type": FORM})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b'{"merchantId": 1, "clientSecret": "x"}',
        b'{"merchantId": "a", "merchantId": "a", "clientSecret": "x"}',
        b"[" * 100_000,
    ],
)
async def test_a_malformed_json_body_is_refused(caller: Caller, body: bytes) -> None:
    answer = await caller.ask("payos", json=None, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400


async def test_half_a_surrogate_pair_is_no_secret(caller: Caller) -> None:
    body = json.dumps({"merchantId": caller.sandbox.fields["payos"]["merchantId"], "clientSecret": "\ud800"})

    answer = await caller.ask("payos", json=None, content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 401


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
