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


async def test_closing_closes_what_is_kept(server: Server) -> None:
    pools = Pools(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    await ask(pools, server)

    await pools.aclose()

    await server.writers[0].wait_closed()


async def test_closing_what_was_never_used_is_no_error(pools: Pools) -> None:
    await pools.aclose()
