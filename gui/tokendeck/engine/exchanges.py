"""The requests beside minting and refreshing: for what signing in brings, and about tokens that are there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import check_done, read_token_answer
from tokendeck.core.device import DeviceCode, read_device_answer
from tokendeck.core.errors import ConfigurationRefused, EndOfSignIn, NoSuchConnection, NotOffered, SignInEnded
from tokendeck.core.introspection import Introspection, read_introspection
from tokendeck.core.request import grant_request, mint_request
from tokendeck.core.secret import Secret
from tokendeck.engine.issue import Issue
from tokendeck.engine.issuer import LOCK_PATIENCE, check_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.answers import Answer
    from tokendeck.core.connection import Connection
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.provider import Provider
    from tokendeck.core.request import Request
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.issuer import Issuer
    from tokendeck.engine.politeness import Politeness
    from tokendeck.engine.ports import ConnectionLocks, TokenEndpoint, Vault
    from tokendeck.engine.roster import Roster


class Exchanges:
    """Asks what a person set going; a refusal is told, not remembered: what was there before is as good as it was."""

    def __init__(
        self,
        *,
        roster: Roster,
        vault: Vault,
        endpoint: TokenEndpoint,
        locks: ConnectionLocks,
        politeness: Politeness,
        issuer: Issuer,
    ) -> None:
        """Take what it asks."""
        self._roster = roster
        self._vault = vault
        self._endpoint = endpoint
        self._locks = locks
        self._politeness = politeness
        self._issuer = issuer

    async def device_code(self, credentials: Credentials) -> DeviceCode:
        """
        Ask for what a person needs to sign in on another device: RFC 8628, section 3.1.

        Raises:
            OriginNotConfirmed, FieldError, BadUrl: nothing was sent.
            ActionNeeded, PassingTrouble: what the request came to.

        """
        connection, secrets = credentials.connection, credentials.secrets
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        assert grant.device is not None
        request = grant_request(grant.device, provider, connection, secrets, {})
        answer = await self._send(connection, provider, request)
        return read_device_answer(answer, grant, rate=provider.rate, secrets=secrets.values())

    async def redeem(self, connection: Connection, brought: Mapping[str, str | Secret]) -> Issue:
        """
        Trade what signing in `brought` for tokens, and save them.

        Args:
            connection: as it was when the attempt began.
            brought: what the templates of the grant's mint name beside the connection's own values.

        Raises:
            SignInEnded: the connection would ask for other tokens by now, or is gone.
            OriginNotConfirmed, HeldByAnother: nothing was sent.
            ActionNeeded, PassingTrouble: what the request came to.
            VaultUnavailable: secrets cannot be read; or the tokens could not be saved, and are kept in memory.

        """
        async with self._locks.hold(connection.id, LOCK_PATIENCE):
            try:
                serial = (await self._roster.reread(connection.id)).serial
                credentials = await self._vault.credentials(connection.id)
            except NoSuchConnection:
                raise SignInEnded(EndOfSignIn.SETTINGS_CHANGED) from None
            now, secrets = credentials.connection, credentials.secrets
            provider, grant = self._roster.provider(now), self._roster.grant(now)
            request = mint_request(provider, now, secrets, brought=brought)
            if request != mint_request(self._roster.provider(connection), connection, secrets, brought=brought):
                raise SignInEnded(EndOfSignIn.SETTINGS_CHANGED)
            answer = await self._send(now, provider, request)
            sent = [*secrets.values(), *(one for one in brought.values() if isinstance(one, Secret))]
            tokens = read_token_answer(answer, grant, provider.id, rate=provider.rate, secrets=sent)
            saved = await self._issuer.save(connection.id, tokens, serial)
        if saved is None:
            raise SignInEnded(EndOfSignIn.SETTINGS_CHANGED)
        return Issue(saved, request.url, answer.status, answer.latency / timedelta(milliseconds=1))

    async def revoke(self, credentials: Credentials, tokens: TokenSet) -> None:
        """
        Have the provider take back a connection's tokens, the refresh token first: RFC 7009, section 2.1.

        Raises:
            NotOffered, OriginNotConfirmed, FieldError, BadUrl: nothing was sent.
            ActionNeeded, PassingTrouble: a token may still be good.

        """
        connection, secrets = credentials.connection, credentials.secrets
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        if grant.revoke is None:
            raise NotOffered("revoke")
        for hint, token in (("refresh_token", tokens.refresh_token), ("access_token", tokens.access_token)):
            if not token:
                continue
            brought: dict[str, str | Secret] = {"token": token, "token_type_hint": hint}
            request = grant_request(grant.revoke, provider, connection, secrets, brought)
            answer = await self._send(connection, provider, request)
            try:
                check_done(answer, grant, rate=provider.rate, secrets=[*secrets.values(), token])
            except ConfigurationRefused as error:
                # Some revoke refresh tokens only, and the access token that came with one goes along: section 2.2.1.
                if error.code != "unsupported_token_type" or hint == "refresh_token" or not tokens.refresh_token:
                    raise

    async def introspect(self, credentials: Credentials, tokens: TokenSet) -> Introspection:
        """
        Ask the provider about a connection's access token: RFC 7662, section 2.1.

        Raises:
            NotOffered, OriginNotConfirmed, FieldError, BadUrl: nothing was sent.
            ActionNeeded, PassingTrouble: what the request came to.

        """
        connection, secrets = credentials.connection, credentials.secrets
        provider, grant = self._roster.provider(connection), self._roster.grant(connection)
        if grant.introspect is None:
            raise NotOffered("introspect")
        brought: dict[str, str | Secret] = {"token": tokens.access_token, "token_type_hint": "access_token"}
        request = grant_request(grant.introspect, provider, connection, secrets, brought)
        answer = await self._send(connection, provider, request)
        return read_introspection(answer, grant, rate=provider.rate, secrets=[*secrets.values(), tokens.access_token])

    async def _send(self, connection: Connection, provider: Provider, request: Request) -> Answer:
        check_origin(connection, request)
        async with self._politeness.pass_gate(request.origin, provider.rate):
            answer = await self._endpoint.send(request)
        if provider.rate is not None:
            self._politeness.heed(request.origin, answer, provider.rate)
        self._issuer.compare_clocks(connection.id, answer)
        return answer
