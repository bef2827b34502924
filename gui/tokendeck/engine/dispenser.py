"""Handing out tokens with a guarantee: the kept one while it is good for long enough, else a new one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import LifetimeTooShort, Paused, VaultLocked
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.renewal import default_min_valid, is_good_for
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.issue import Issue, Need
from tokendeck.engine.turnstile import Turnstile

if TYPE_CHECKING:
    from tokendeck.core.token import TokenFacts, TokenSet
    from tokendeck.engine.flights import Flights
    from tokendeck.engine.issuer import Issuer
    from tokendeck.engine.ports import Clock, Vault
    from tokendeck.engine.roster import Roster


class Dispenser:
    """Gives tokens; whoever needs a new one of the same connection meanwhile shares one request."""

    def __init__(self, *, clock: Clock, roster: Roster, vault: Vault, issuer: Issuer, flights: Flights[Issue]) -> None:
        """Take what it asks."""
        self._clock = clock
        self._roster = roster
        self._vault = vault
        self._issuer = issuer
        self._flights = flights
        self._turnstile = Turnstile()

    async def token(self, connection_id: str, min_valid: timedelta | None, *, fresh: bool) -> TokenSet:
        """Give a token with the guarantee of `RefreshEngine.token`."""
        issue = await self.obtain(connection_id, min_valid, fresh=fresh, by_person=fresh)
        if not isinstance(self._vault.state, VaultOpen):
            raise VaultLocked  # meanwhile; what came is saved
        wanted = default_min_valid(issue.tokens.facts) if min_valid is None else min_valid
        left = issue.tokens.facts.remaining(self._clock.now())
        if left is not None and (left < wanted or left <= timedelta(0)):
            raise LifetimeTooShort(wanted, left)
        return issue.tokens

    async def obtain(
        self, connection_id: str, min_valid: timedelta | None = None, *, fresh: bool, by_person: bool
    ) -> Issue:
        """
        Give the kept token while it is good for `min_valid`, else what a request brings, however short that lives.

        Args:
            connection_id: whose.
            min_valid: 60 s or a tenth of the lifetime, whichever is less, where None.
            fresh: ask for a new one in any case.
            by_person: whether a person asked for a request; that overrides back-off, not what the provider asked for.

        Raises:
            ActionNeeded, PassingTrouble, VaultUnavailable, NoSuchConnection: as the name says.

        """
        await self._turnstile.enter()
        record = self._roster.record(connection_id)
        if self._roster.grant(record.connection).renewal.policy is RenewalPolicy.ON_USE:
            return await self._issuer.issue_for_use(connection_id, by_person=by_person)
        if fresh:  # another process may have brought a newer one; what it brings from now on will do
            record = await self._roster.reread(connection_id)
            known, serial = record.token, record.serial
        else:
            kept = await self._vault.tokens(connection_id)
            if kept is not None and kept.access_token and self._is_good(kept.facts, min_valid):
                return Issue(kept)
            known, serial = (None, record.serial) if kept is None else (kept.facts, kept.facts.serial)
            del kept  # whoever waits in a crowd keeps no secret at hand that nobody needs
        if record.connection.paused:
            raise Paused
        span = default_min_valid(known) if known is not None and min_valid is None else min_valid or timedelta(0)
        return await self._fly(connection_id, Need(serial, span, by_person))

    async def renew(self, connection_id: str) -> None:
        """See to it that there is a newer token than the one that is known here. Raises as `obtain` does."""
        serial = self._roster.record(connection_id).serial  # before anybody else has a turn, who may bring a newer one
        await self._turnstile.enter()
        await self._fly(connection_id, Need(serial, timedelta(0), by_person=False))

    def _is_good(self, facts: TokenFacts, min_valid: timedelta | None) -> bool:
        wanted = default_min_valid(facts) if min_valid is None else min_valid
        return is_good_for(facts, wanted, self._clock.now())

    async def _fly(self, connection_id: str, need: Need) -> Issue:
        issue = await self._flights.join(connection_id, lambda: self._issuer.issue(connection_id, need))
        if need.is_met_by(issue.tokens, self._clock.now()) or issue.status is not None:
            return issue
        # The flight was another caller's, content with a token that another process had fetched; this one is not.
        return await self._flights.join(connection_id, lambda: self._issuer.issue(connection_id, need))
