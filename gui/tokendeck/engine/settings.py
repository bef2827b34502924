"""A connection's settings: tried out, saved, and what of its tokens survives an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tokendeck.core.errors import UsageError
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.request import connection_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.issuer import Issue, Issuer
    from tokendeck.engine.ports import Vault
    from tokendeck.engine.roster import Roster


class Settings:
    """Changes what a connection is."""

    def __init__(self, *, roster: Roster, vault: Vault, issuer: Issuer) -> None:
        """Take what it asks."""
        self._roster = roster
        self._vault = vault
        self._issuer = issuer

    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> Issue:
        """Ask for a token with settings that are not saved; save nothing. Secrets not named come from the vault."""
        kept = await self._vault.secrets_to_edit(connection.id)
        return await self._issuer.try_out(connection, {**kept, **secrets})

    async def save(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None) -> None:
        """Add a connection or replace its settings, as `RefreshEngine.edit` says. Raises `NameTaken`."""
        await self._vault.put(connection, secrets, forget_tokens=not self._asks_alike(connection))
        if tokens is not None and self._roster.grant(connection).renewal.policy is not RenewalPolicy.ON_USE:
            await self._vault.save_tokens(connection.id, tokens)
        await self._roster.reread(connection.id)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        """Replace where secrets may go, as `RefreshEngine.confirm` says."""
        connection = (await self._vault.credentials(connection_id)).connection
        await self.save(replace(connection, confirmed_origins=origins), {}, None)

    def _asks_alike(self, edited: Connection) -> bool:
        """Tell whether a connection still asks for the same tokens; another secret of the same client changes none."""
        if not self._roster.knows(edited.id):
            return True
        before = self._roster.record(edited.id).connection
        try:
            return self._asked_for(before) == self._asked_for(edited)
        except UsageError:  # of a descriptor that is not what it was
            return False

    def _asked_for(self, connection: Connection) -> tuple[object, ...]:
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        return provider.id, grant.id, grant.mint, grant.authorize, connection_values(provider, connection, {})
