from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.clients import PROVIDERS
from tokendeck.sandbox import (
    AddressOffList,
    CannedAnswer,
    CaptivePortal,
    ClockOff,
    Closed,
    Delay,
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.clients import Caller, HandClock
    from tokendeck.sandbox import Endpoint, Fault, ProviderId, Sandbox


async def test_counted_faults_come_in_order_and_then_all_is_well(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("paysera", "token", ServerError(500), times=2)
    sandbox.inject("paysera", "token", TooManyRequests(), times=1)

    statuses = [(await caller.ask("paysera")).status_code for _ in range(4)]

    assert statuses == [500, 500, 429, 200]


async def test_a_standing_fault_waits_for_the_counted_ones_and_stays_until_cleared(
    caller: Caller, sandbox: Sandbox
) -> None:
    sandbox.inject("payos", "token", ServerError(502))
    sandbox.inject("payos", "token", times=1)

    statuses = [(await caller.ask("payos")).status_code for _ in range(3)]
    sandbox.clear()
    after = await caller.ask("payos")

    assert statuses == [200, 502, 502]
    assert after.status_code == 200


async def test_a_fault_befalls_its_own_endpoint_only(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "api", ServerError())

    token = await caller.mint("payos")
    others = [(await caller.ask(provider)).status_code for provider in PROVIDERS]

    assert (await caller.call("payos", token)).status_code == 503
    assert set(others) == {200}


async def test_held_requests_have_arrived_and_wait_for_their_release(caller: Caller, sandbox: Sandbox) -> None:
    hold = Hold()
    sandbox.inject("pyng", "token", hold)
    waiting = [asyncio.create_task(caller.mint("pyng")) for _ in range(3)]

    await sandbox.wait_for_requests(3, "pyng", "token")
    statuses = [record.status for record in sandbox.received]
    hold.release()
    tokens = await asyncio.gather(*waiting)

    assert statuses == [None, None, None]
    assert len(set(tokens)) == 3
    assert [record.status for record in sandbox.received] == [200, 200, 200]


@pytest.mark.parametrize(("processed", "status"), [(True, 200), (False, 401)])
async def test_a_hold_says_whether_the_provider_acts_on_arrival_or_on_release(
    caller: Caller, sandbox: Sandbox, *, processed: bool, status: int
) -> None:
    hold = Hold(processed=processed)
    sandbox.inject("payos", "token", hold, times=1)
    waiting = asyncio.create_task(caller.ask("payos"))
    await sandbox.wait_for_requests(1)

    sandbox.rotate_secret("payos")
    hold.release()

    assert (await waiting).status_code == status


async def test_clearing_lets_held_requests_go_on(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", Hold(), times=1)
    waiting = asyncio.create_task(caller.mint("payos"))
    await sandbox.wait_for_requests(1)

    sandbox.clear()

    assert await waiting


async def test_a_delayed_answer_comes_late_but_right(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", Delay(0.001), times=1)

    assert await caller.mint("payos")


async def test_too_many_requests_says_how_long_to_wait(caller: Caller, sandbox: Sandbox) -> None:
    until = datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    sandbox.inject("paysera", "api", TooManyRequests(retry_after=7), times=1)
    sandbox.inject("paysera", "api", TooManyRequests(retry_after=until), times=1)
    sandbox.inject("paysera", "api", TooManyRequests(reset_s=12), times=1)

    seconds, date, reset = [await caller.call("paysera", "x") for _ in range(3)]

    assert {seconds.status_code, date.status_code, reset.status_code} == {429}
    assert seconds.headers["Retry-After"] == "7"
    assert date.headers["Retry-After"] == "Fri, 20 Nov 2026 13:30:00 GMT"
    assert "Retry-After" not in reset.headers
    assert (reset.headers["X-RateLimit-Remaining"], reset.headers["X-RateLimit-Reset"]) == ("0", "12")


@pytest.mark.parametrize(("fault", "status"), [(ServerError(504), 504), (CaptivePortal(), 200)])
async def test_html_comes_in_the_providers_place(caller: Caller, sandbox: Sandbox, fault: Fault, status: int) -> None:
    sandbox.inject("payt", "token", fault, times=1)

    answer = await caller.ask("payt")

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_a_redirect_names_another_origin(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payt", "token", Redirect("https://elsewhere.example/token", 302), times=1)

    answer = await caller.ask("payt")

    assert (answer.status_code, answer.headers["Location"]) == (302, "https://elsewhere.example/token")


async def test_a_truncated_answer_ends_in_the_middle(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", Truncated(), times=1)

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        await caller.ask("payos")

    assert sandbox.received[0].status == 200


async def test_a_truncated_answer_to_head_has_no_body_to_cut(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "api", Truncated(), times=1)

    answer = await caller.http.head("/api/v1/payment")

    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(("fault", "error"), [(Reset, httpx.ReadError), (Closed, httpx.RemoteProtocolError)])
@pytest.mark.parametrize("processed", [False, True])
async def test_a_dropped_connection_says_whether_a_token_was_minted(
    caller: Caller,
    sandbox: Sandbox,
    fault: Callable[..., Fault],
    error: type[Exception],
    *,
    processed: bool,
) -> None:
    before = await caller.mint("payos")
    sandbox.inject("payos", "token", fault(processed=processed), times=1)
    sandbox.inject("payos", "token", SameToken(), times=1)

    with pytest.raises(error):
        await caller.ask("payos")
    latest = await caller.mint("payos")

    assert sandbox.received[1].status is None
    assert (latest != before) is processed


async def test_a_canned_answer_is_given_word_for_word(caller: Caller, sandbox: Sandbox) -> None:
    canned = CannedAnswer(418, (("X-Pot", "tea"), ("Date", "long ago")), b"\x00short and stout")
    sandbox.inject("payos", "token", canned, times=1)

    answer = await caller.ask("payos")

    assert (answer.status_code, answer.content) == (418, b"\x00short and stout")
    assert (answer.headers["X-Pot"], answer.headers.get_list("Date")) == ("tea", ["long ago"])


@pytest.mark.parametrize("status", [204, 304])
async def test_a_canned_answer_without_a_body_leaves_the_connection_usable(
    caller: Caller, sandbox: Sandbox, status: int
) -> None:
    sandbox.inject("payos", "token", CannedAnswer(status, body=b"ignored"), times=1)

    answer = await caller.ask("payos")
    after = await caller.ask("payos")

    assert (answer.status_code, answer.content, after.status_code) == (status, b"", 200)


async def test_a_status_without_a_phrase_can_be_canned(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", CannedAnswer(599), times=1)

    assert (await caller.ask("payos")).status_code == 599


async def test_a_gigantic_body_has_the_size_it_was_told_to_have(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("payos", "token", GiganticBody(), times=1)

    answer = await caller.ask("payos")

    assert len(answer.content) == 10_000_000
    assert answer.json().keys() == {"padding"}


@pytest.mark.parametrize("value", [None, True, -1, 0, 1.5, 10**18, "3600", "soon", [3600], {"in": 3600}, float("nan")])
@pytest.mark.parametrize("provider", ["paysera", "payt"])
async def test_expires_in_can_be_any_json_value(
    caller: Caller, sandbox: Sandbox, provider: ProviderId, value: object
) -> None:
    sandbox.inject(provider, "token", OddExpiresIn(value), times=1)  # type: ignore[arg-type]  # one JSON value each

    answer = json.loads((await caller.ask(provider)).text)

    assert repr(answer["expires_in"]) == repr(value)


async def test_expires_in_can_be_left_out(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("paysera", "token", NoExpiresIn(), times=1)

    assert "expires_in" not in (await caller.ask("paysera")).json()


async def test_one_second_tokens_say_so_and_die_in_time(caller: Caller, sandbox: Sandbox, clock: HandClock) -> None:
    sandbox.inject("paysera", "token", ShortLifetime(), times=1)

    answer = (await caller.ask("paysera")).json()
    live = await caller.call("paysera", answer["access_token"])
    clock.advance(1)
    dead = await caller.call("paysera", answer["access_token"])

    assert answer["expires_in"] == 1
    assert (live.status_code, dead.status_code) == (200, 401)


async def test_the_same_token_comes_again_with_the_same_answer(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("paysera", "token", SameToken())

    first, second = [(await caller.ask("paysera")).json() for _ in range(2)]

    assert first == second


async def test_an_odd_token_works_where_a_header_can_carry_it(caller: Caller, sandbox: Sandbox) -> None:
    long = "x" * 64 * 1024
    sandbox.inject("payt", "token", OddToken(), times=1)
    sandbox.inject("payt", "token", OddToken(long), times=1)

    control_characters, at_length = await caller.mint("payt"), await caller.mint("payt")

    assert {"\r", "\n", "\x00"} <= set(control_characters)
    assert at_length == long
    assert (await caller.call("payt", long)).status_code == 200


async def test_token_type_and_scope_can_be_other_than_expected(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("paysera", "token", OddTokenType("mac"), NarrowedScope("profile"), times=1)

    answer = (await caller.ask("paysera")).json()

    assert (answer["token_type"], answer["scope"]) == ("mac", "profile")


async def test_a_refusal_is_not_bent(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.inject("paysera", "token", OddTokenType("mac"), times=1)

    answer = await caller.ask("paysera", data={"grant_type": "client_credentials"})

    assert answer.json().keys() == {"error", "error_description"}


async def test_the_providers_clock_can_be_off_whatever_else_goes_wrong(
    caller: Caller, sandbox: Sandbox, clock: HandClock
) -> None:
    sandbox.inject("paysera", "token", ClockOff(-7200), ServerError(), times=1)

    off, right = await caller.ask("paysera"), await caller.ask("paysera")

    assert off.status_code == 503
    assert parsedate_to_datetime(off.headers["Date"]) == clock.time - timedelta(hours=2)
    assert parsedate_to_datetime(right.headers["Date"]) == clock.time


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_rotated_secret_leaves_live_tokens_valid(
    caller: Caller, sandbox: Sandbox, provider: ProviderId
) -> None:
    token = await caller.mint(provider)
    old = sandbox.fields[provider]

    new = sandbox.rotate_secret(provider)

    assert [name for name in old if old[name] != new[name]] in (["clientSecret"], ["client_secret"], ["password"])
    assert sandbox.fields[provider] == new
    assert (await caller.call(provider, token)).status_code == 200
    assert await caller.mint(provider)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_revoked_tokens_are_refused_and_new_ones_are_not(
    caller: Caller, sandbox: Sandbox, provider: ProviderId
) -> None:
    tokens = [await caller.mint(provider) for _ in range(2)]

    sandbox.revoke_tokens(provider)

    assert {(await caller.call(provider, token)).status_code for token in tokens} == {401}
    assert (await caller.call(provider, await caller.mint(provider))).status_code == 200


async def test_a_call_from_off_payts_allow_list_costs_the_token_its_life(caller: Caller, sandbox: Sandbox) -> None:
    token = await caller.mint("payt")
    sandbox.inject("payt", "api", AddressOffList(), times=2)

    invalid = await caller.call("payt", "unknown")
    forbidden = await caller.call("payt", token)
    afterwards = await caller.call("payt", token)

    assert invalid.status_code == 401
    assert (forbidden.status_code, forbidden.json()["error"]) == (403, "forbidden")
    assert afterwards.status_code == 401


@pytest.mark.parametrize(
    ("provider", "endpoint", "faults"),
    [
        ("payt", "token", (AddressOffList(),)),
        ("payos", "api", (AddressOffList(),)),
        ("payos", "api", (SameToken(),)),
        ("payos", "token", (ServerError(), CaptivePortal())),
        ("payos", "token", (Delay(1), Hold())),
        ("payos", "token", (Reset(), Closed())),
    ],
)
async def test_faults_that_cannot_happen_are_refused(
    sandbox: Sandbox, provider: ProviderId, endpoint: Endpoint, faults: tuple[Fault, ...]
) -> None:
    with pytest.raises(ValueError, match="befall"):
        sandbox.inject(provider, endpoint, *faults)


async def test_a_fault_happens_at_least_once(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="0 times"):
        sandbox.inject("payos", "token", ServerError(), times=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ServerError(404),
        lambda: Redirect("/", 301),  # type: ignore[arg-type]  # what the types forbid, JSON can say
        lambda: Redirect("a\r\nSet-Cookie: b"),
        lambda: CannedAnswer(100),
        lambda: CannedAnswer(200, (("Content-Length", "3"),)),
        lambda: CannedAnswer(200, (("Transfer-Encoding", "chunked"),)),
        lambda: CannedAnswer(200, (("X", "\u2028"),)),
        lambda: CannedAnswer(200, (("Ä", "a"),)),
        lambda: Delay(-1),
        lambda: Delay(float("nan")),
        lambda: ClockOff(1e300),
        lambda: ShortLifetime(0),
        lambda: GiganticBody(-1),
    ],
)
def test_a_fault_that_could_not_be_sent_is_refused_when_it_is_made(make: Callable[[], Fault]) -> None:
    with pytest.raises(ValueError):
        make()
