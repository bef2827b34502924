"""An issuer is asked wherever its metadata may be, and no further."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.oauth.servers import serving
from tokendeck.app.discovery import discover
from tokendeck.app.places import find_places
from tokendeck.app.program import LocalProgram
from tokendeck.core.errors import UnfitIssuer, UnreadableAnswer
from tokendeck.engine.clock import SystemClock
from tokendeck.oauth.endpoint import HttpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.oauth.servers import Exchange

OPENID = "/one/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server/one"
BEHIND = "/one/.well-known/oauth-authorization-server"


@asynccontextmanager
async def an_endpoint() -> AsyncIterator[HttpEndpoint]:
    endpoint = HttpEndpoint(now=SystemClock().now)
    try:
        yield endpoint
    finally:
        await endpoint.aclose()


@pytest.mark.parametrize(
    ("there", "elsewhere", "asked"),
    [
        (OPENID, "404 Not Found", [OPENID]),
        (OAUTH, "404 Not Found", [OPENID, OAUTH]),
        (OAUTH, "200 OK", [OPENID, OAUTH]),
        (BEHIND, "404 Not Found", [OPENID, OAUTH, BEHIND]),
    ],
    ids=["first place", "second place", "second place, and a page for all else", "third place"],
)
async def test_metadata_is_found_wherever_it_is(there: str, elsewhere: str, asked: list[str]) -> None:
    async with serving() as server, an_endpoint() as endpoint:
        issuer = server.url("/one")

        async def script(exchange: Exchange) -> None:
            if exchange.target == there:
                await exchange.answer(json.dumps({"issuer": issuer}).encode())
            else:
                await exchange.answer(b"<html>", elsewhere)

        server.script = script
        found = await discover(endpoint, issuer)

    assert found.url == server.url(there)
    assert [one.target for one in server.received] == asked


async def test_the_address_of_the_metadata_does_as_well() -> None:
    async with serving() as server, an_endpoint() as endpoint:
        issuer = server.url("/one")

        async def script(exchange: Exchange) -> None:
            await exchange.answer(json.dumps({"issuer": issuer}).encode())

        server.script = script
        found = await discover(endpoint, server.url(OAUTH))

    assert found.issuer == issuer


async def test_an_issuer_without_metadata_is_told_as_that() -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(b"", "404 Not Found")

    async with serving(script) as server, an_endpoint() as endpoint:
        with pytest.raises(UnfitIssuer) as refusal:
            await discover(endpoint, server.url("/one"))

    assert refusal.value.flaw == "no_metadata"


@pytest.mark.parametrize(
    ("body", "status", "flaw"),
    [
        (b"", "302 Found", "redirect"),
        (b"<!doctype html>", "200 OK", "web_page"),
        (b"[]", "200 OK", "unreadable"),
        (b"{", "200 OK", "unreadable"),
    ],
)
async def test_what_is_no_metadata_is_told_as_what_it_is_and_no_redirect_is_followed(
    body: bytes, status: str, flaw: str
) -> None:
    async def script(exchange: Exchange) -> None:
        await exchange.answer(body, status, Location="/elsewhere")

    async with serving(script) as server, an_endpoint() as endpoint:
        with pytest.raises(UnfitIssuer) as refusal:
            await discover(endpoint, server.url("/one"))

    assert refusal.value.flaw == flaw
    assert [one.target for one in server.received] == [OPENID, OAUTH, BEHIND]


async def test_an_answer_that_breaks_off_is_passing_trouble() -> None:
    async def script(exchange: Exchange) -> None:
        exchange.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"issuer":')
        exchange.close()

    async with serving(script) as server, an_endpoint() as endpoint:
        with pytest.raises(UnreadableAnswer) as refusal:
            await discover(endpoint, server.url("/one"))

    assert refusal.value.what == "cut_off"


async def test_an_issuer_that_ends_in_a_slash_is_found_by_whichever_address_is_pasted() -> None:
    async with serving() as server, an_endpoint() as endpoint:
        issuer = server.url("/one/")

        async def script(exchange: Exchange) -> None:
            await exchange.answer(json.dumps({"issuer": issuer}).encode())

        server.script = script
        found = [await discover(endpoint, server.url(one)) for one in ("/one", "/one/", OPENID, OAUTH, BEHIND)]

    assert {one.issuer for one in found} == {issuer}


async def test_the_program_asks_by_itself(tmp_path: Path) -> None:
    async with serving() as server:
        issuer = server.url("")

        async def script(exchange: Exchange) -> None:
            await exchange.answer(json.dumps({"issuer": issuer}).encode())

        server.script = script
        found = await LocalProgram(find_places(tmp_path)).discover(issuer)

    assert found.issuer == issuer
    assert list(tmp_path.iterdir()) == [], "nothing is kept"
