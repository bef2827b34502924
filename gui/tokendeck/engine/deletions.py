"""Deleting so that it can be undone for a while."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import NameTaken, NoSuchConnection, VaultUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.core.connection import Connection
    from tokendeck.engine.ports import Clock, Ledger
    from tokendeck.engine.roster import Roster

UNDO = timedelta(seconds=10)
REVOKE_S = 10.0
"""How long a revocation may take before the connection is purged all the same."""


class Deletions:
    """Hides connections at once, and revokes and purges them later."""

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger,
        roster: Roster,
        *,
        revoke: Callable[[Connection, float], Awaitable[None]],
        forget: Callable[[str], None],
    ) -> None:
        """
        Take what it asks.

        Args:
            clock: says when the time to undo is over.
            ledger: hides and purges.
            roster: the list that connections leave.
            revoke: called with a connection that is about to be purged, and with how many seconds it may take.
            forget: called with the id of a connection that nobody can bring back any more.

        """
        self._clock = clock
        self._ledger = ledger
        self._roster = roster
        self._revoke = revoke
        self._forget = forget
        self._pending: dict[str, _Pending] = {}

    async def delete(self, connection_id: str, *, revoke: bool) -> None:
        """Take a connection off the list; its rows go 10 s later, or by `carry_out`."""
        connection = self._roster.record(connection_id).connection
        await self._ledger.hide(connection_id)
        self._roster.drop(connection_id)
        self._finish_later(connection, revoke=revoke)

    async def undo(self, connection_id: str) -> None:
        """
        Bring a connection back.

        Raises `NoSuchConnection` once its tokens are being revoked, `NameTaken` where its name was used meanwhile.
        """
        pending = self._pending.get(connection_id)
        if pending is not None:
            if pending.is_finishing:
                raise NoSuchConnection(pending.connection.name)
            pending.wait.cancel()  # first, or it might end while the connection is being brought back
            del self._pending[connection_id]
        try:
            await self._ledger.unhide(connection_id)
        except (NameTaken, VaultUnavailable):
            if pending is not None:
                self._finish_later(pending.connection, revoke=pending.revoke)
            raise
        await self._roster.reread(connection_id)

    async def carry_out(self, *, patience_s: float) -> None:
        """Revoke, within `patience_s` each, and purge now what is still to be."""
        pending = tuple(self._pending.values())
        for one in pending:
            if not one.is_finishing:
                one.wait.cancel()
        await asyncio.gather(*(one.wait if one.is_finishing else self._finish(one, patience_s) for one in pending))

    def _finish_later(self, connection: Connection, *, revoke: bool) -> None:
        pending = _Pending(connection, revoke)
        pending.wait = asyncio.create_task(self._finish_in_time(pending), name=f"purge {connection.id}")
        self._pending[connection.id] = pending

    async def _finish_in_time(self, pending: _Pending) -> None:
        await self._clock.nap(UNDO.total_seconds())
        await self._finish(pending, REVOKE_S)

    async def _finish(self, pending: _Pending, patience_s: float) -> None:
        pending.is_finishing = True
        if pending.revoke:
            await self._revoke(pending.connection, patience_s)
        with suppress(VaultUnavailable):
            await self._ledger.purge(pending.connection.id)
        self._pending.pop(pending.connection.id, None)
        self._forget(pending.connection.id)


@dataclass(slots=True, eq=False)
class _Pending:
    connection: Connection
    revoke: bool
    is_finishing: bool = False
    """Whether its tokens are being revoked, so that nobody can bring it back any more."""

    wait: asyncio.Task[None] = field(init=False)
