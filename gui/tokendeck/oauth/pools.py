"""Kept connections, of each origin apart."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpcore

from tokendeck.oauth.network import Network

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    Origin = tuple[bytes, bytes, int | None]

KEPT_FOR_S = 5.0
"""How long an idle connection is kept; short, because servers close theirs whenever they like."""


@dataclass(slots=True)
class _Kept:
    """The connections to one origin."""

    pool: httpcore.AsyncConnectionPool
    users: int = 0
    left_at_s: float = 0.0
    """When the last user left, by the loop's clock."""


class Pools:
    """
    A pool of connections for each origin; one that nobody uses any more is closed, with what it has kept.

    In a pool for all of them httpcore would look at every connection at every request, and close none before the next.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        *,
        network: httpcore.AsyncNetworkBackend | None = None,
        kept_for_s: float = KEPT_FOR_S,
    ) -> None:
        """
        Open nothing yet.

        Args:
            context: whom to trust, and how to show who asks.
            network: opens connections; None is the system's.
            kept_for_s: how long an idle connection may be used again; within as long again it is closed.

        """
        self._context = context
        self._network = network or Network()
        self._kept_for_s = kept_for_s
        self._kept: dict[Origin, _Kept] = {}
        self._look: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @contextmanager
    def lend(self, where: httpcore.URL) -> Iterator[httpcore.AsyncConnectionPool]:
        """Give the pool of a URL's origin."""
        origin = where.scheme, where.host, where.port
        kept = self._kept.get(origin)
        if kept is None:
            kept = self._kept[origin] = _Kept(self._new_pool())
        kept.users += 1
        try:
            yield kept.pool
        finally:
            kept.users -= 1
            kept.left_at_s = asyncio.get_running_loop().time()
            self._look_later()

    async def aclose(self) -> None:
        """Close all of them."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        self._close(*self._kept)
        await asyncio.gather(*self._closing)

    def _new_pool(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._context, keepalive_expiry=self._kept_for_s, network_backend=self._network
        )

    def _look_later(self) -> None:
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(self._kept_for_s, self._look_over)

    def _look_over(self) -> None:
        """Close what nobody has used for long enough; look again while there is anything left."""
        self._look = None
        latest_s = asyncio.get_running_loop().time() - self._kept_for_s
        self._close(*(origin for origin, kept in self._kept.items() if not kept.users and kept.left_at_s <= latest_s))
        if self._kept:
            self._look_later()

    def _close(self, *origins: Origin) -> None:
        for origin in origins:
            pool = self._kept.pop(origin).pool
            closing = asyncio.get_running_loop().create_task(pool.aclose(), name="close idle connections")
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
