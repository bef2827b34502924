from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.clients import API_PATHS, PROVIDERS, TOKEN_PATHS, Caller, send
from tokendeck.sandbox import Hold, PortInUse, Sandbox, describe

if TYPE_CHECKING:
    from tests.sandbox.clients import HandClock

FIELDS = {
    "payos": ["merchantId", "clientSecret"],
    "paysera": ["client_id", "client_secret"],
    "pyng": ["base_url", "username", "password", "scope"],
    "payt": ["client_id", "client_secret"],
    "paysecurez": ["client_id", "client_secret"],
}


async def test_fields_are_what_a_user_fills_in(sandbox: Sandbox) -> None:
    assert {provider: list(fields) for provider, fields in sandbox.fields.items()} == FIELDS
    assert sandbox.fields["pyng"]["base_url"] == sandbox.base_url


async def test_credentials_differ_from_sandbox_to_sandbox(sandbox: Sandbox) -> None:
    async with Sandbox() as other:
        pairs = [
            (sandbox.fields[provider][name], other.fields[provider][name])
            for provider in PROVIDERS
            for name in FIELDS[provider]
        ]

    assert all(ours != theirs for ours, theirs in pairs)


async def test_credentials_can_be_given(clock: HandClock) -> None:
    async with Sandbox(now=clock, fields={"payos": {"clientSecret": "given"}}) as sandbox:
        assert sandbox.fields["payos"]["clientSecret"] == "given"
        async with httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False) as http:
            assert await Caller(sandbox, http).mint("payos")


@pytest.mark.parametrize(
    "arguments",
    [
        {"lifetimes": {"nobody": 1}},
        {"fields": {"nobody": {}}},
        {"fields": {"payos": {"client_id": "x"}}},
        {"lifetimes": {"payt": 0}},
        {"lifetimes": {"paysera": 0}},
    ],
)
def test_what_no_provider_has_is_refused(arguments: dict[str, dict[str, object]]) -> None:
    with pytest.raises(ValueError):
        Sandbox(**arguments)  # type: ignore[arg-type]  # wrong on purpose


async def test_describe_is_one_line_of_json(sandbox: Sandbox) -> None:
    line = describe(sandbox)

    assert "\n" not in line
    assert json.loads(line) == {
        "base_url": sandbox.base_url,
        "fields": sandbox.fields,
        "sign_in": {"payt": sandbox.sign_in.fields},
    }


def test_a_sandbox_has_no_address_before_it_is_started() -> None:
    with pytest.raises(RuntimeError):
        _ = Sandbox().base_url


async def test_it_tells_the_time_by_itself_unless_told_otherwise() -> None:
    async with Sandbox() as sandbox, httpx.AsyncClient(trust_env=False) as http:
        before = datetime.now(UTC)
        await http.get(sandbox.base_url)

    assert before <= sandbox.received[0].at <= datetime.now(UTC)


async def test_a_port_in_use_is_named(sandbox: Sandbox, clock: HandClock) -> None:
    port = int(sandbox.base_url.rpartition(":")[2])
    late = Sandbox(now=clock)

    with pytest.raises(PortInUse, match=str(port)):
        await late.start(port)

    async with late:
        assert late.base_url != sandbox.base_url


async def test_a_number_that_is_no_port_leaves_it_ready_to_start(clock: HandClock) -> None:
    sandbox = Sandbox(now=clock)

    with pytest.raises(OverflowError):
        await sandbox.start(70_000)

    async with sandbox:
        assert sandbox.base_url


async def test_it_starts_once_and_stops_as_often_as_one_likes(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError):
        await sandbox.start()

    await sandbox.stop()
    await sandbox.stop()


async def test_after_an_outage_credentials_and_tokens_are_the_same(caller: Caller, sandbox: Sandbox) -> None:
    token, fields = await caller.mint("paysera"), sandbox.fields
    port = int(sandbox.base_url.rpartition(":")[2])

    await sandbox.stop()
    with pytest.raises(httpx.ConnectError):
        await caller.ask("paysera")
    await sandbox.start(port)

    assert sandbox.fields == fields
    assert (await caller.call("paysera", token)).status_code == 200


async def test_stopping_ends_held_requests(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", Hold())
    waiting = asyncio.create_task(caller.ask("payos"))
    await sandbox.wait_for_requests(1)

    await sandbox.stop()

    with pytest.raises(httpx.RemoteProtocolError):
        await waiting


async def test_records_show_each_request_as_it_came(caller: Caller, sandbox: Sandbox, clock: HandClock) -> None:
    await caller.http.post(TOKEN_PATHS["payos"] + "?a=b", content=b"raw", headers=[("X-Two", "1"), ("X-Two", "2")])
    await caller.http.get(API_PATHS["payt"])
    await caller.http.get("/nowhere")

    token, api, other = sandbox.received

    assert (token.provider, token.endpoint, token.method, token.status) == ("payos", "token", "POST", 400)
    assert (token.path, token.body, token.at) == ("/api/v1/oauth2/token?a=b", b"raw", clock.time)
    assert (token.header("x-two"), token.header("X-Two"), token.header("X-Three")) == ("1, 2", "1, 2", None)
    assert (api.provider, api.endpoint, api.status) == ("payt", "api", 401)
    assert (other.provider, other.endpoint, other.path, other.status) == (None, None, "/nowhere", 404)


async def test_requests_are_counted_by_provider_and_endpoint(caller: Caller, sandbox: Sandbox) -> None:
    await caller.call("payos", await caller.mint("payos"))
    await caller.mint("payt")
    await caller.http.get("/nowhere")

    assert sandbox.count() == 4
    assert sandbox.count("payos") == 2
    assert sandbox.count("payos", "api") == 1
    assert sandbox.count(endpoint="token") == 2


async def test_waiting_ends_when_the_last_request_awaited_arrives(caller: Caller, sandbox: Sandbox) -> None:
    waiting = asyncio.create_task(sandbox.wait_for_requests(2, "payos", "token"))

    await caller.mint("payos")
    await caller.mint("payt")
    early = waiting.done()
    await caller.mint("payos")
    await waiting

    assert not early


@pytest.mark.parametrize("path", ["/", "/oauth/token/", "//oauth/token", "/OAuth/Token", "/api/v1", "/oauth%2Ftoken"])
async def test_any_other_path_is_not_found(caller: Caller, path: str) -> None:
    answer = await caller.http.post(caller.sandbox.base_url + path)

    assert (answer.status_code, answer.json()) == (404, {"error": "not_found"})


async def test_five_hundred_clients_at_once_are_all_served(sandbox: Sandbox) -> None:
    request = b"POST /api/token HTTP/1.1\r\nHost: a\r\n\r\n"

    answers = await asyncio.gather(*(send(sandbox, request) for _ in range(500)))

    assert all(answer.startswith(b"HTTP/1.1 415 ") for answer in answers)
    assert sandbox.count("paysecurez", "token") == 500
