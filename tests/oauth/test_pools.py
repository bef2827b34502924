"""Connections that are kept: of each origin apart, and for no longer than they may be of use."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest

from tests.oauth.servers import Exchange, Server, serving
from tokendeck.oauth.exchange import _parsed
from tokendeck.oauth.pools import Pools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOMENT_S = 0.01


@pytest.fixture
async def pools() -> AsyncIterator[Pools]:
    pools = Pools(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), kept_for_s=MOMENT_S)
    yield pools
    await pools.aclose()


async def ask(pools: Pools, server: Server) -> int:
    where = _parsed(server.url())
    with pools.lend(where) as pool:
        return (await pool.request("GET", where)).status


async def test_what_is_idle_for_long_enough_is_closed_without_another_request(pools: Pools, server: Server) -> None:
    await ask(pools, server)

    await server.writers[0].wait_closed()

    assert await ask(pools, server) == 200
    assert server.connections == 2


async def test_what_is_in_use_stays_open_however_long(pools: Pools, server: Server) -> None:
    answered = asyncio.Event()

    async def answer_late(exchange: Exchange) -> None:
        await answered.wait()
        await exchange.answer()

    async with serving(answer_late) as slow:
        waiting = asyncio.create_task(ask(pools, slow))
        await ask(pools, server)
        await server.writers[0].wait_closed()

        answered.set()

        assert await waiting == 200


async def test_more_requests_than_usual_wait_for_no_place(pools: Pools) -> None:
    arrived, answered = asyncio.Semaphore(0), asyncio.Event()

    async def answer_together(exchange: Exchange) -> None:
        arrived.release()
        await answered.wait()
        await exchange.answer()

    async with serving(answer_together) as slow:
        asking = [asyncio.create_task(ask(pools, slow)) for _ in range(30)]
        for _ in asking:
            await arrived.acquire()
        answered.set()

        assert await asyncio.gather(*asking) == [200] * 30


async def test_a_pool_in_which_an_exchange_was_cancelled_is_used_no_more(server: Server) -> None:
    asked = asyncio.Semaphore(0)

    async def hold(_: Exchange) -> None:
        asked.release()
        await server.held.wait()

    pools = Pools(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    server.script = hold
    asking = [asyncio.create_task(ask(pools, server)) for _ in range(2)]
    for _ in asking:
        await asked.acquire()

    for one in asking:
        one.cancel()
        await asyncio.wait([one])

    server.held.set()
    for writer in server.writers:
        await writer.wait_closed()
    with pools.lend(_parsed(server.url())) as pool:
        assert pool.connections == []
    await pools.aclose()


async def test_what_is_closed_while_it_is_used_is_closed_when_that_ends(server: Server) -> None:
    pools = Pools(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    asked, answered = asyncio.Event(), asyncio.Event()

    async def answer_late(exchange: Exchange) -> None:
        asked.set()
        await answered.wait()
        await exchange.answer()

    server.script = answer_late
    asking = asyncio.create_task(ask(pools, server))
    await asked.wait()

    await pools.aclose()
    answered.set()

    assert await asking == 200
    await server.writers[0].wait_closed()
    await pools.aclose()


async def test_whoever_wants_to_be_alone_has_a_connection_that_nobody_uses_before_or_after(
    pools: Pools, server: Server
) -> None:
    where = _parsed(server.url())
    with pools.lend(where) as shared:
        await shared.request("GET", where)
        with pools.lend(where, alone=True) as own:
            await own.request("HEAD", where)
        await server.writers[1].wait_closed()
        await shared.request("GET", where)

    assert [got.connection for got in server.received] == [1, 2, 1]


async def test_closing_closes_what_is_kept(server: Server) -> None:
    pools = Pools(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    await ask(pools, server)

    await pools.aclose()

    await server.writers[0].wait_closed()


async def test_closing_what_was_never_used_is_no_error(pools: Pools) -> None:
    await pools.aclose()
