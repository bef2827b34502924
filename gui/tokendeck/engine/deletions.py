"""Deleting so that it can be undone for a while."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import NameTaken, VaultUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.engine.ports import Clock, Ledger
    from tokendeck.engine.roster import Roster

UNDO = timedelta(seconds=10)


class Deletions:
    """Hides connections at once, and purges them later."""

    def __init__(self, clock: Clock, ledger: Ledger, roster: Roster, *, forget: Callable[[str], None]) -> None:
        """Take what it asks, and tell `forget` of each connection that nobody can bring back any more."""
        self._clock = clock
        self._ledger = ledger
        self._roster = roster
        self._forget = forget
        self._pending: dict[str, asyncio.Task[None]] = {}

    async def delete(self, connection_id: str) -> None:
        """Take a connection off the list; its rows go 10 s later, or by `carry_out`."""
        await self._ledger.hide(connection_id)
        self._roster.drop(connection_id)
        self._purge_later(connection_id)

    async def undo(self, connection_id: str) -> None:
        """
        Bring a connection back.

        Raises `NoSuchConnection` once it is purged, `NameTaken` where its name was used meanwhile.
        """
        purging = self._pending.pop(connection_id, None)
        if purging is not None:
            purging.cancel()  # first, or it might begin while the connection is being brought back
        try:
            await self._ledger.unhide(connection_id)
        except (NameTaken, VaultUnavailable):
            if purging is not None:
                self._purge_later(connection_id)
            raise
        await self._roster.reread(connection_id)

    async def carry_out(self) -> None:
        """Purge now what is still to be purged."""
        for connection_id, purging in tuple(self._pending.items()):
            purging.cancel()
            with suppress(VaultUnavailable):
                await self._ledger.purge(connection_id)
        self._pending.clear()

    def _purge_later(self, connection_id: str) -> None:
        purging = asyncio.create_task(self._purge(connection_id), name=f"purge {connection_id}")
        self._pending[connection_id] = purging

    async def _purge(self, connection_id: str) -> None:
        await self._clock.nap(UNDO.total_seconds())
        with suppress(VaultUnavailable):
            await self._ledger.purge(connection_id)
        self._pending.pop(connection_id, None)
        self._forget(connection_id)
