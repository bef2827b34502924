"""A connection's settings: tried out, saved, and what of its tokens survives an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import NoSuchConnection, UsageError
from tokendeck.core.frozen import replace
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.request import connection_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.connection import Connection
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.issue import Issue
    from tokendeck.engine.issuer import Issuer
    from tokendeck.engine.ports import Clock, Vault
    from tokendeck.engine.roster import Roster


class Settings:
    """Changes what a connection is."""

    def __init__(self, *, clock: Clock, roster: Roster, vault: Vault, issuer: Issuer) -> None:
        """Take what it asks."""
        self._clock = clock
        self._roster = roster
        self._vault = vault
        self._issuer = issuer

    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> Issue:
        """Ask for a token with settings that are not saved; save nothing. Secrets not named come from the vault."""
        if self._roster.knows(connection.id):
            known = self._roster.record(connection.id)
            if self._ask_alike(known.connection, connection):
                self._issuer.check_pause(known)
        kept = await self._vault.secrets_to_edit(connection.id)
        return await self._issuer.try_out(connection, {**kept, **secrets})

    async def add(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None) -> None:
        """Add a connection. Raises `NameTaken`."""
        await self._vault.put(connection, secrets)
        await self._bring(connection, tokens)

    async def edit(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None) -> None:
        """Replace a connection's settings, as `RefreshEngine.edit` says. Raises `NameTaken`, `NoSuchConnection`."""
        try:
            before = (await self._roster.reread(connection.id)).connection
            await self._vault.put(
                connection,
                secrets,
                forget_tokens=not self._ask_alike(before, connection),
                edited_at=self._clock.now().wall,
            )
        except NoSuchConnection:
            raise NoSuchConnection(connection.name) from None  # as its user knows it
        self._roster.believe_store(connection.id)
        await self._bring(connection, tokens)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        """Replace where secrets may go, as `RefreshEngine.confirm` says."""
        connection = (await self._vault.credentials(connection_id)).connection
        await self.edit(replace(connection, confirmed_origins=origins), {}, None)

    async def _bring(self, connection: Connection, tokens: TokenSet | None) -> None:
        if tokens is not None and self._roster.grant(connection).renewal.policy is not RenewalPolicy.ON_USE:
            await self._vault.save_tokens(connection.id, tokens)
        await self._roster.reread(connection.id)

    def _ask_alike(self, before: Connection, edited: Connection) -> bool:
        """Tell whether both ask for the same tokens; another secret of the same client changes none."""
        try:
            return self._asked_for(before) == self._asked_for(edited)
        except UsageError:  # of a descriptor that is not what it was
            return False

    def _asked_for(self, connection: Connection) -> tuple[object, ...]:
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        return provider.id, grant.id, grant.mint, grant.authorize, connection_values(provider, connection, {})
