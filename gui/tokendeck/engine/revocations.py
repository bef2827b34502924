"""Taking tokens back: on demand, and with a connection that is deleted."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tokendeck.core.errors import NetworkStep, TokendeckError, Unreachable, UsageError
from tokendeck.core.origin import host_of
from tokendeck.engine.events import NotRevoked
from tokendeck.engine.issuer import LOCK_PATIENCE

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.engine.exchanges import Exchanges
    from tokendeck.engine.ports import ConnectionLocks, Vault
    from tokendeck.engine.roster import Roster

log = logging.getLogger(__name__)


class Revocations:
    """Has providers take tokens back."""

    def __init__(self, *, roster: Roster, vault: Vault, locks: ConnectionLocks, exchanges: Exchanges) -> None:
        """Take what it asks."""
        self._roster = roster
        self._vault = vault
        self._locks = locks
        self._exchanges = exchanges

    async def revoke(self, connection_id: str) -> None:
        """
        Revoke a connection's tokens, and forget them. Raises as `Exchanges.revoke` does; they are kept then.

        What comes while the request is on its way stays: an edit, a sign-in.
        """
        async with self._locks.hold(connection_id, LOCK_PATIENCE):
            credentials = await self._vault.credentials(connection_id)
            tokens = await self._vault.tokens(connection_id)
            if tokens is not None:
                await self._exchanges.revoke(credentials, tokens)
                await self._vault.forget_tokens(connection_id, tokens.facts.serial)
        await self._roster.reread(connection_id)

    async def revoke_deleted(self, connection: Connection, patience_s: float) -> None:
        """Revoke the tokens of a connection that is about to be purged, if the provider can; announce what failed."""
        try:
            grant = self._roster.grant(connection)
        except UsageError:  # its descriptor is gone, and with it whom to ask
            return
        if grant.revoke is None:
            return
        try:
            await self._revoke_within(patience_s, connection)
        except TokendeckError as error:
            log.info("%s was deleted and not revoked: %s", connection.id, type(error).__name__)
            self._roster.announce(NotRevoked(connection, error))

    async def _revoke_within(self, patience_s: float, connection: Connection) -> None:
        tokens = await self._vault.tokens(connection.id)
        if tokens is None:
            return
        try:
            async with asyncio.timeout(patience_s):
                credentials = await self._vault.credentials(connection.id, hidden_too=True)
                await self._exchanges.revoke(credentials, tokens)
        except TimeoutError as error:
            host = host_of(connection.confirmed_origins[0])
            raise Unreachable(host, NetworkStep.ANSWER, timed_out=True) from error
