"""The refresh engine: what the window and the command line ask for tokens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tokendeck.core.errors import EndOfSignIn, NotOffered
from tokendeck.core.request import mint_request
from tokendeck.core.sign_in import stand_ins
from tokendeck.core.status import Status, status_of
from tokendeck.core.vault import VaultShut
from tokendeck.engine.background import Background
from tokendeck.engine.deletions import Deletions
from tokendeck.engine.dispenser import Dispenser
from tokendeck.engine.door import Door
from tokendeck.engine.events import Event, StatusChanged
from tokendeck.engine.exchanges import Exchanges
from tokendeck.engine.flights import Flights
from tokendeck.engine.issuer import Issuer
from tokendeck.engine.politeness import Politeness
from tokendeck.engine.prover import Prover
from tokendeck.engine.revocations import Revocations
from tokendeck.engine.roster import Roster
from tokendeck.engine.settings import Settings
from tokendeck.engine.sign_in import SignIns
from tokendeck.engine.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from datetime import timedelta

    from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord
    from tokendeck.core.introspection import Introspection
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.request import Request
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState
    from tokendeck.core.verdict import Verdict
    from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn
    from tokendeck.engine.issue import Issue
    from tokendeck.engine.ports import CallbackListener, Catalog, Clock, ConnectionLocks, Ledger, TokenEndpoint, Vault

log = logging.getLogger(__name__)

DRAIN_S = 10.0
"""How long quitting waits for answers on the wire."""


class RefreshEngine:
    """
    Keeps tokens fresh, and hands them out with a guarantee.

    Never two requests for one connection at a time; a token is durable before anybody sees it; a refresh that comes to
    nothing destroys nothing.
    Must be built inside a running event loop.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ledger: Ledger,
        vault: Vault,
        endpoint: TokenEndpoint,
        locks: ConnectionLocks,
        catalog: Catalog,
        listener: CallbackListener,
        chance: Callable[[], float],
        draw: Callable[[int], bytes],
    ) -> None:
        """
        Take what it asks.

        `chance` gives 0 to 1 and spreads renewals and retries; `draw` gives random bytes that are fit for secrets.
        """
        self._clock = clock
        self._ledger = ledger
        self._vault = vault
        self._locks = locks
        self._roster = Roster(ledger, catalog)
        self._door = Door(vault, self._roster)
        self._politeness = Politeness(lambda: clock.now().elapsed_s)
        self._issuer = Issuer(
            clock=clock,
            roster=self._roster,
            ledger=ledger,
            vault=vault,
            endpoint=endpoint,
            locks=locks,
            politeness=self._politeness,
            chance=chance,
        )
        self._flights: Flights[Issue] = Flights(lambda flying: self._roster.announce(StatusChanged(flying)))
        self._dispenser = Dispenser(
            clock=clock, roster=self._roster, vault=vault, issuer=self._issuer, flights=self._flights
        )
        self._prover = Prover(
            clock=clock,
            roster=self._roster,
            ledger=ledger,
            vault=vault,
            endpoint=endpoint,
            politeness=self._politeness,
            dispenser=self._dispenser,
        )
        self._background = Background(
            clock=clock,
            roster=self._roster,
            ledger=ledger,
            vault=vault,
            timetable=Timetable(
                clock=clock, roster=self._roster, politeness=self._politeness, issuer=self._issuer, chance=chance
            ),
            renew=self._dispenser.renew,
        )
        self._settings = Settings(clock=clock, roster=self._roster, vault=vault, issuer=self._issuer)
        exchanges = Exchanges(
            roster=self._roster,
            vault=vault,
            endpoint=endpoint,
            locks=locks,
            politeness=self._politeness,
            issuer=self._issuer,
        )
        self._revocations = Revocations(roster=self._roster, vault=vault, locks=locks, exchanges=exchanges)
        self._deletions = Deletions(
            clock, ledger, self._roster, revoke=self._revocations.revoke_deleted, forget=self._forget
        )
        self._exchanges = exchanges
        self._sign_ins = SignIns(
            clock=clock, roster=self._roster, vault=vault, exchanges=exchanges, listener=listener, draw=draw
        )

    # Life

    async def load(self) -> None:
        """Read the ledger. Raises what the ledger raises."""
        await self._roster.load()

    def unlock(self) -> Coroutine[Any, Any, VaultState]:
        """
        Ask whatever guards the vault, within 10 s, and read the ledger anew. The state says how it went.

        It has been asked when this returns, so that nobody reads `vault_state` as locked meanwhile.
        """
        return self._door.open()

    def unlock_with_passphrase(self, passphrase: Secret) -> Coroutine[Any, Any, VaultState]:
        """Open, or set up, the vault with a passphrase; begins as `unlock`. Raises `WrongPassphrase`."""
        return self._door.open_with_passphrase(passphrase)

    def lock(self) -> None:
        """Forget the data key."""
        self._door.lock()

    @property
    def door(self) -> Door:
        """Everything about the vault itself: recovery key, passphrase, an empty one in its place."""
        return self._door

    @property
    def vault_state(self) -> VaultState:
        """How the vault stands."""
        return self._vault.state

    def start(self) -> None:
        """Renew in the background from now on, and notice what other processes change."""
        self._background.start()

    async def drain(self, *, patience_s: float = DRAIN_S) -> None:
        """Stop renewing; wait for answers on the wire, `patience_s` at most, and save; carry out pending deletions."""
        await self._background.stop()
        await self._sign_ins.stop(EndOfSignIn.CANCELLED, patience_s=patience_s)
        if not await self._flights.all_landed(patience_s):
            log.info("quitting with a refresh unfinished; its end is marked as unseen")
        await self._issuer.save_unsaved()
        await self._deletions.carry_out(patience_s=patience_s)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell `listener` every event from now on, in this thread; give what ends that."""
        return self._roster.subscribe(listener)

    # Reading: answers at once, from what the ledger last said

    def now(self) -> Moment:
        """Read both clocks."""
        return self._clock.now()

    def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all connections, in no particular order."""
        return self._roster.records()

    def record(self, connection_id: str) -> ConnectionRecord:
        """Give one. Raises `NoSuchConnection`."""
        return self._roster.record(connection_id)

    def find(self, name: str) -> ConnectionRecord:
        """Give the connection of this name, without regard to case. Raises `NoSuchConnection` with names like it."""
        return self._roster.find(name)

    def provider(self, connection: Connection) -> Provider:
        """Give the descriptor, overrides applied. Raises `UnknownProvider` or `DescriptorError`."""
        return self._roster.provider(connection)

    def grant(self, connection: Connection) -> Grant:
        """Give the connection's grant, overrides applied. Raises as `provider` does."""
        return self._roster.grant(connection)

    def status(self, connection_id: str) -> Status:
        """Judge a connection. Raises `NoSuchConnection`, and as `provider` does."""
        record = self._roster.record(connection_id)
        return status_of(
            record,
            self._roster.grant(record.connection),
            self._clock.now(),
            renewing=self.is_renewing(connection_id),
            locked=isinstance(self._vault.state, VaultShut),
        )

    def is_renewing(self, connection_id: str) -> bool:
        """
        Tell whether a request for its token is on its way: from here, or one from another process that refreshes.

        A mark that was begun and whose lock is free is of a process that died: that one was cut off.
        """
        if connection_id in self._flights or self._issuer.is_asking_for_use(connection_id):
            return True
        record = self._roster.record(connection_id)
        if record.cut_off_at is None or self._issuer.holds_unsaved(record):
            return False
        return self._locks.is_held(connection_id)

    def next_renewal(self) -> tuple[str, float] | None:
        """Give the id of the connection that is renewed next and in how many seconds; None where none is scheduled."""
        return self._background.next_due()

    def budget_left(self, connection: Connection) -> int | None:
        """Give how many requests the provider's rate budget has left in this window; None where it has none."""
        provider = self._roster.provider(connection)
        if provider.rate is None or not connection.confirmed_origins:
            return None
        return self._politeness.left(connection.confirmed_origins[0], provider.rate)

    def request_preview(self, connection: Connection, secrets: Mapping[str, Secret]) -> Request:
        """Build the exact request for a token that these settings send. Raises `FieldError` or `BadUrl`."""
        grant = self._roster.grant(connection)
        brought = stand_ins(grant.kind, connection.values.get("redirect_uri", ""))
        return mint_request(self._roster.provider(connection), connection, secrets, brought=brought)

    # Use

    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet:
        """
        Give a token that is good for at least `min_valid`, asking for one first where need be.

        Args:
            connection_id: whose.
            min_valid: 60 s or a tenth of the lifetime, whichever is less, where None.
            fresh: ask for a new one in any case.

        Raises:
            LifetimeTooShort: a fresh token is good for less; it was fetched and saved all the same.
            ActionNeeded, PassingTrouble, VaultUnavailable, NoSuchConnection: as the name says.

        """
        await self._door.settled()
        return await self._dispenser.token(connection_id, min_valid, fresh=fresh)

    async def refresh(self, connection_id: str) -> TokenSet:
        """Ask for a new token because a person said so. Raises as `token` does."""
        await self._door.settled()
        return (await self._dispenser.obtain(connection_id, fresh=True, by_person=True)).tokens

    async def kept_token(self, connection_id: str) -> TokenSet | None:
        """Give what the vault has, dead or alive, without a request; None where it has nothing."""
        kept = await self._vault.tokens(connection_id)
        return kept if kept is not None and kept.access_token else None

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        """Make a test call and keep its outcome. See `Prover.test`."""
        await self._door.settled()
        return await self._prover.test(connection_id, call, confirmed=confirmed)

    async def history(self, connection_id: str, limit: int = 30) -> tuple[CallFacts, ...]:
        """Give the newest `limit` tests, oldest first."""
        return await self._ledger.history(connection_id, limit)

    # Signing in

    async def sign_in(self, connection_id: str) -> BrowserSignIn | DeviceSignIn:
        """
        Begin to sign in, ending any other attempt; a person opens the link it gives.

        Raises:
            NothingToSignIn: the grant needs nobody to.
            PortInUse: another program listens where the registered redirect URI leads.
            VaultUnavailable, FieldError, BadUrl, NoSuchConnection: nothing was begun.

        """
        return await self._sign_ins.begin(connection_id)

    def signing_in(self) -> BrowserSignIn | DeviceSignIn | None:
        """Give the attempt under way; None where there is none."""
        return self._sign_ins.current()

    async def revoke(self, connection_id: str) -> None:
        """
        Have the provider take a connection's tokens back, and forget them.

        Raises:
            NotOffered: the provider names no way to.
            ActionNeeded, PassingTrouble, VaultUnavailable: they may still be good, and are kept.

        """
        await self._revocations.revoke(connection_id)

    async def introspect(self, connection_id: str) -> Introspection:
        """
        Ask the provider about a connection's access token.

        Raises:
            NotOffered: the provider names no way to, or there is no token to ask about.
            ActionNeeded, PassingTrouble, VaultUnavailable: what the request came to.

        """
        credentials = await self._vault.credentials(connection_id)
        tokens = await self.kept_token(connection_id)
        if tokens is None:
            raise NotOffered("introspect")
        return await self._exchanges.introspect(credentials, tokens)

    # Change

    async def as_saved(self, connection_id: str) -> Connection:
        """
        Give a connection's settings if they are as they were last saved here.

        Raises `VaultDamaged` where somebody else changed them since: then a person should look at every one of them.
        """
        return (await self._vault.credentials(connection_id)).connection

    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> Issue:
        """Ask for a token with settings that are not saved; save nothing. Secrets not named come from the vault."""
        return await self._settings.try_out(connection, secrets)

    async def add(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None = None) -> None:
        """Add a connection, with the tokens that trying it out brought. Raises `NameTaken`."""
        await self._settings.add(connection, secrets, tokens)

    async def edit(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None = None) -> None:
        """
        Replace a connection's settings. Raises `NameTaken`, and `NoSuchConnection` where it was deleted meanwhile.

        Secrets not named are kept. So are tokens, unless others are given or the new settings ask for other ones: what
        was issued to one account must not be used as another's, nor be sent to where only the other one is known.
        """
        await self._settings.edit(connection, secrets, tokens)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        """
        Let a connection's secrets go to `origins`, and to no others; clears what was remembered of its trouble.

        Raises `VaultDamaged` where somebody else changed the settings: whoever confirms sees the origins alone.
        """
        await self._settings.confirm(connection_id, origins)

    async def set_paused(self, connection_id: str, *, paused: bool) -> None:
        """Pause or resume."""
        await self._ledger.set_paused(connection_id, paused=paused)
        await self._roster.reread(connection_id)

    async def delete(self, connection_id: str, *, revoke: bool = True) -> None:
        """
        Take a connection off the list; its rows go 10 s later, or when the program quits.

        Its tokens are revoked just before, where its provider can and somebody has not seen to that already.
        """
        await self._deletions.delete(connection_id, revoke=revoke)

    async def undo_delete(self, connection_id: str) -> None:
        """
        Bring a connection back.

        Raises `NoSuchConnection` once it is purged, `NameTaken` where its name was used meanwhile.
        """
        await self._deletions.undo(connection_id)

    # Inside

    def _forget(self, connection_id: str) -> None:
        self._issuer.forget(connection_id)
        self._prover.forget(connection_id)
