from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import pytest

from tests.sandbox.clients import FORM, PROVIDERS, TOKEN_PATHS, basic, token_request

if TYPE_CHECKING:
    from tests.sandbox.clients import Caller
    from tokendeck.sandbox import ProviderId

INVALID_CLIENT: dict[ProviderId, object] = {
    "payos": {"error": "unauthorized", "message": "Authentication failed"},
    "paysera": {"error": "invalid_client", "error_description": "Invalid client credentials"},
    "pyng": {"error": "invalid_client", "error_description": "Client authentication failed"},
    "payt": {"error": "invalid_client", "error_description": "Client authentication failed"},
    "paysecurez": {"statusCode": 401, "message": "Unauthorized", "error": "Invalid client credentials"},
}
SECRETS: dict[ProviderId, str] = {
    "payos": "clientSecret",
    "paysera": "client_secret",
    "pyng": "password",
    "payt": "client_secret",
    "paysecurez": "client_secret",
}


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
