from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, get_args

import pytest

from tests.sandbox.clients import API_PATHS, PROVIDERS, basic, send
from tokendeck.sandbox import (
    AddressOffList,
    CannedAnswer,
    CaptivePortal,
    ClockOff,
    Closed,
    Delay,
    Fault,
    GiganticBody,
    Hold,
    NarrowedScope,
    NoExpiresIn,
    OddExpiresIn,
    OddToken,
    OddTokenType,
    Redirect,
    Reset,
    SameToken,
    ServerError,
    ShortLifetime,
    TooManyRequests,
    Truncated,
)
from tokendeck.sandbox.fault_documents import KINDS, Plan, read_fault_document

if TYPE_CHECKING:
    from tests.canary import Canary
    from tests.sandbox.application import App
    from tests.sandbox.clients import Caller
    from tokendeck.sandbox import Sandbox

FAULTS = "/_sandbox/faults"
PLACE = {"provider": "payos", "endpoint": "token"}
DOCUMENTS: list[tuple[dict[str, object], Fault]] = [
    ({"kind": "delay", "seconds": 0.5}, Delay(0.5)),
    ({"kind": "hold"}, Hold()),
    ({"kind": "hold", "processed": True}, Hold(processed=True)),
    ({"kind": "too_many_requests", "retry_after": 3, "reset_s": 4}, TooManyRequests(retry_after=3, reset_s=4)),
    ({"kind": "server_error"}, ServerError()),
    ({"kind": "server_error", "status": 500}, ServerError(500)),
    ({"kind": "captive_portal"}, CaptivePortal()),
    ({"kind": "redirect", "location": "https://a.example/", "status": 302}, Redirect("https://a.example/", 302)),
    ({"kind": "gigantic_body", "size_bytes": 100}, GiganticBody(100)),
    (
        {"kind": "canned_answer", "status": 400, "headers": {"A": "b"}, "body": "é"},
        CannedAnswer(400, (("A", "b"),), "é".encode()),
    ),
    ({"kind": "truncated"}, Truncated()),
    ({"kind": "reset"}, Reset()),
    ({"kind": "closed", "processed": True}, Closed(processed=True)),
    ({"kind": "odd_expires_in", "value": ["a"]}, OddExpiresIn(["a"])),
    ({"kind": "no_expires_in"}, NoExpiresIn()),
    ({"kind": "short_lifetime", "seconds": 2}, ShortLifetime(2)),
    ({"kind": "same_token"}, SameToken()),
    ({"kind": "odd_token", "text": "a\nb"}, OddToken("a\nb")),
    ({"kind": "odd_token_type", "value": None}, OddTokenType(None)),
    ({"kind": "narrowed_scope", "scope": "a"}, NarrowedScope("a")),
    ({"kind": "clock_off", "seconds": -90}, ClockOff(-90)),
    ({"kind": "address_off_list"}, AddressOffList()),
]


@pytest.mark.parametrize(("document", "fault"), DOCUMENTS)
def test_a_fault_reads_from_json_by_its_name_and_fields(document: dict[str, object], fault: Fault) -> None:
    read = read_fault_document(json.dumps(PLACE | {"faults": [document], "times": 2}).encode())

    assert isinstance(read, Plan)
    assert (read.faults, read.times) == ((fault,), 2)


def test_every_fault_can_be_told_in_json() -> None:
    assert {make for make, _ in KINDS.values()} == set(get_args(Fault))
    assert {document["kind"] for document, _ in DOCUMENTS} == KINDS.keys()


def test_a_moment_to_retry_after_carries_its_offset() -> None:
    def read(moment: str) -> object:
        return read_fault_document(
            json.dumps(PLACE | {"faults": [{"kind": "too_many_requests", "retry_after": moment}]}).encode()
        )

    assert read("2026-11-20T14:00:00+02:00") == read("2026-11-20T12:00:00Z")
    for wrong in ("2026-11-20T14:00:00", "0001-01-01T00:00:00+14:00", "soon"):
        with pytest.raises(ValueError):
            read(wrong)


async def test_a_fault_told_over_http_happens_and_can_be_cleared(caller: Caller) -> None:
    planned = await caller.http.post(FAULTS, json=PLACE | {"faults": [{"kind": "server_error"}]})
    during = await caller.ask("payos")
    cleared = await caller.http.delete(FAULTS)
    after = await caller.ask("payos")

    assert (planned.status_code, cleared.status_code) == (204, 204)
    assert (during.status_code, after.status_code) == (503, 200)


async def test_clearing_over_http_releases_what_is_held(caller: Caller, sandbox: Sandbox) -> None:
    await caller.http.post(FAULTS, json=PLACE | {"faults": [{"kind": "hold"}], "times": 1})
    waiting = asyncio.create_task(caller.mint("payos"))
    await sandbox.wait_for_requests(1)

    await caller.http.delete(FAULTS)

    assert await waiting


async def test_a_secret_rotated_over_http_is_told_to_who_rotated_it(caller: Caller, sandbox: Sandbox) -> None:
    answer = await caller.http.post(FAULTS, json={"provider": "payt", "change": "secret_rotated"})

    assert answer.json() == {"fields": sandbox.fields["payt"]}


async def test_a_person_signs_in_over_http(caller: Caller) -> None:
    answer = await caller.http.post(FAULTS, json={"provider": "payt", "change": "signed_in"})

    tokens = answer.json()["tokens"]
    assert tokens.keys() == {"access_token", "refresh_token"}
    assert (await caller.call("payt", tokens["access_token"])).status_code == 200


async def test_the_application_for_signing_in_is_changed_over_http(caller: Caller, sandbox: Sandbox) -> None:
    change = {"provider": "payt", "change": "redirect_uri_registered", "redirect_uri": "https://example.com/callbacks"}

    rotated = await caller.http.post(FAULTS, json={"provider": "payt", "change": "sign_in_secret_rotated"})
    registered = await caller.http.post(FAULTS, json=change)
    refused = await caller.http.post(FAULTS, json=change | {"redirect_uri": "/callback"})

    told = rotated.json()["fields"]
    assert registered.status_code == 204
    assert refused.status_code == 400
    assert sandbox.sign_in.fields == told | {"redirect_uri": "https://example.com/callbacks"}


async def test_tokens_are_revoked_over_http(caller: Caller) -> None:
    token = await caller.mint("payt")

    answer = await caller.http.post(FAULTS, json={"provider": "payt", "change": "tokens_revoked"})

    assert answer.status_code == 204
    assert (await caller.call("payt", token)).status_code == 401


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[" * 100_000,
        [],
        {},
        PLACE,
        PLACE | {"faults": {}},
        PLACE | {"faults": ["server_error"]},
        PLACE | {"faults": [{}]},
        PLACE | {"faults": [{"kind": "earthquake"}]},
        PLACE | {"faults": [{"kind": "delay"}]},
        PLACE | {"faults": [{"kind": "delay", "seconds": "1"}]},
        PLACE | {"faults": [{"kind": "server_error", "status": True}]},
        PLACE | {"faults": [{"kind": "server_error", "status": 200}]},
        PLACE | {"faults": [{"kind": "truncated", "at": 1}]},
        PLACE | {"faults": [{"kind": "canned_answer", "status": 200, "headers": {"A": 1}}]},
        PLACE | {"faults": [{"kind": "too_many_requests", "retry_after": None}]},
        PLACE | {"faults": [{"kind": "address_off_list"}]},
        PLACE | {"faults": [], "times": 0},
        PLACE | {"faults": [], "until": "later"},
        PLACE | {"faults": [], "endpoint": "door"},
        PLACE | {"faults": [], "provider": ["payos"]},
        {"provider": "payos", "change": "closed_down"},
        {"provider": "payos", "change": "secret_rotated", "times": 2},
        {"provider": "payos", "change": "signed_in"},
        {"provider": "payt", "change": "redirect_uri_registered"},
        PLACE | {"faults": [], "endpoint": "authorize"},
        {"change": "secret_rotated"},
    ],
)
async def test_an_unclear_document_is_refused_with_what_was_expected(caller: Caller, document: object) -> None:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()

    answer = await caller.http.post(FAULTS, content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


async def test_a_page_in_a_browser_cannot_plan_faults_with_a_plain_form(caller: Caller) -> None:
    body = json.dumps(PLACE | {"faults": []})

    answer = await caller.http.post(FAULTS, content=body, headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415


async def test_its_addresses_take_their_own_methods_only(caller: Caller) -> None:
    faults = await caller.http.get(FAULTS)
    received = await caller.http.post("/_sandbox/received")
    other = await caller.http.get("/_sandbox/")

    assert (faults.status_code, faults.headers["Allow"]) == (405, "POST, DELETE")
    assert (received.status_code, received.headers["Allow"]) == (405, "GET")
    assert other.status_code == 404


async def test_records_over_http_show_what_was_asked(caller: Caller) -> None:
    await caller.call("pyng", await caller.mint("pyng"))
    await caller.ask("payt", data=None, json={"grant_type": ["odd"], "other": 1})

    token, api, odd = (await caller.http.get("/_sandbox/received")).json()["received"]

    assert (token["provider"], token["endpoint"], token["method"], token["status"]) == ("pyng", "token", "POST", 200)
    assert (token["path"], token["at"]) == ("/checkout/oauth2/token", "2026-11-20T12:00:00+00:00")
    assert token["headers"]["authorization"] == "Basic ***"
    assert token["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert token["body"] == {"grant_type": "client_credentials", "scope": "***"}
    assert (api["path"], api["body"], api["headers"]["authorization"]) == (API_PATHS["pyng"], None, "Bearer ***")
    assert odd["body"] == {"grant_type": "***", "***": "***"}


@pytest.mark.promise(1)
async def test_records_over_http_hold_no_secret_and_no_token(caller: Caller, sandbox: Sandbox, canary: Canary) -> None:
    for provider in PROVIDERS:
        token = await caller.mint(provider)
        await caller.call(provider, token)
        canary.watch(token, f"token of {provider}")
        for name in ("clientSecret", "client_secret", "password"):
            if name in sandbox.fields[provider]:
                canary.watch(sandbox.fields[provider][name], f"{name} of {provider}")
    planted = canary.plant_token("planted")
    # By hand: httpx logs URLs.
    await send(sandbox, f"GET /{planted}?{planted} HTTP/1.1\r\nHost: a\r\nX-Key: {planted}\r\n\r\n".encode())
    await send(
        sandbox, f"GET /oauth/token?a={planted} HTTP/1.1\r\nHost: a\r\nAuthorization: {planted}\r\n\r\n".encode()
    )
    await caller.http.post("/oauth/token", content=planted, headers={"Cookie": planted})
    await caller.http.post("/oauth/token", content=f"{planted}={planted}")
    await caller.http.post("/oauth/token", json={planted: planted}, headers={"Authorization": basic("a", planted)})

    shown = await caller.http.get("/_sandbox/received")

    assert len(shown.json()["received"]) == 15
    assert canary.found_in(shown.content) == []


@pytest.mark.promise(1)
async def test_records_over_http_hold_nothing_that_a_person_signed_in_for(app: App, canary: Canary) -> None:
    code = (await app.sent_back(app.url()))["code"]
    tokens = (await app.redeem(code)).json()
    await app.refresh(tokens["refresh_token"])
    for name, text in (("client secret", app.fields["client_secret"]), *tokens.items()):
        canary.watch(text, name)

    shown = await app.caller.http.get("/_sandbox/received")

    authorize, decided, redeemed, refreshed = shown.json()["received"]
    assert (authorize["endpoint"], authorize["path"]) == ("authorize", "/oauth/authorize?***")
    assert decided["body"] == {"ticket": "***", "decision": "***"}
    assert redeemed["body"].keys() == {"grant_type", "code", "redirect_uri", "code_verifier"}
    assert refreshed["body"] == {"grant_type": "refresh_token", "refresh_token": "***"}
    assert code not in shown.text
    assert canary.found_in(shown.content) == []
