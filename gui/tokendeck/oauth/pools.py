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
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @contextmanager
    def lend(self, where: httpcore.URL, *, alone: bool = False) -> Iterator[httpcore.AsyncConnectionPool]:
        """
        Give the pool of a URL's origin; where somebody wants to be `alone`, one that nobody else uses before or after.

        A pool in which an exchange was cancelled is given to nobody any more: httpcore 1.0 leaves behind a connection
        that is neither idle nor closed where that hits it between two of its steps.
        """
        origin = where.scheme, where.host, where.port
        kept = _Kept(self._new_pool()) if alone or origin not in self._kept else self._kept[origin]
        if not alone:
            self._kept[origin] = kept
        kept.users += 1
        try:
            yield kept.pool
        except asyncio.CancelledError:
            if self._kept.get(origin) is kept:
                del self._kept[origin]
            raise
        finally:
            self._part_with(origin, kept)

    async def aclose(self) -> None:
        """Close all of them; those that are in use, once they are not."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        kept, self._kept = self._kept, {}
        for one in kept.values():
            if not one.users:
                self._close(one)
        await asyncio.gather(*self._closing)

    def _new_pool(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._context,
            max_connections=None,  # how many there are at once, whoever asks decides
            keepalive_expiry=self._kept_for_s,
            network_backend=self._network,
        )

    def _part_with(self, origin: Origin, kept: _Kept) -> None:
        kept.users -= 1
        kept.left_at_s = asyncio.get_running_loop().time()
        if self._kept.get(origin) is kept:
            self._close_idle_later()
        elif not kept.users:
            self._close(kept)

    def _close_idle_later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._kept_for_s, self._close_idle)

    def _close_idle(self) -> None:
        """Close what nobody has used for long enough; look again while there is anything left."""
        self._timer = None
        latest_s = asyncio.get_running_loop().time() - self._kept_for_s
        for origin, kept in tuple(self._kept.items()):
            if not kept.users and kept.left_at_s <= latest_s:
                del self._kept[origin]
                self._close(kept)
        if self._kept:
            self._close_idle_later()

    def _close(self, kept: _Kept) -> None:
        closing = asyncio.get_running_loop().create_task(kept.pool.aclose(), name="close idle connections")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
