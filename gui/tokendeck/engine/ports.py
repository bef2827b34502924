"""What the engine asks of the outside. Every implementation of `Ledger` and `Vault` runs the same contract tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime, timedelta

    from tokendeck.core.answers import Answer
    from tokendeck.core.changes import Changes
    from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.holding import Holding
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Provider
    from tokendeck.core.redirect import LoopbackRedirect
    from tokendeck.core.request import Request
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState


class Clock(Protocol):
    """Both clocks, and a nap."""

    def now(self) -> Moment:
        """Read both clocks."""
        ...

    async def nap(self, seconds: float) -> None:
        """Return after about `seconds`, or later when the machine slept meanwhile."""
        ...


class Ledger(Protocol):
    """
    What may be read without unlocking: connections, expiry, trouble, journal.

    Every method raises `StoreUnwritable`, `StoreDamaged` or `StoreTooNew` where the file does not serve, and each
    change is one transaction, durable when it returns.
    """

    async def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all connections that are not deleted, in order of their names without regard to case."""
        ...

    async def record(self, connection_id: str) -> ConnectionRecord | None:
        """Give one, read anew; None where it is gone."""
        ...

    async def changes(self, since: int) -> Changes:
        """Give what has changed since a mark that this gave before; everything since 0. Own changes count as well."""
        ...

    async def set_paused(self, connection_id: str, *, paused: bool) -> None:
        """Pause or resume."""
        ...

    async def note_trouble(self, connection_id: str, trouble: Trouble | None) -> None:
        """Keep why there is no new token; None clears it."""
        ...

    async def note_refusal(self, connection_id: str, trouble: Trouble, *, version: int | None, serial: int) -> bool:
        """
        Keep that a request was refused for good, or not fit to be sent.

        Gives False, and keeps nothing, where the credentials are not those of `version` any more, or the tokens not
        those of `serial`: what has come since was refused by nobody. Where `version` is None it holds for any.
        """
        ...

    async def begin_refresh(self, connection_id: str, at: datetime) -> None:
        """Mark that a request is about to be sent; `save_tokens` and `end_refresh` clear the mark."""
        ...

    async def end_refresh(self, connection_id: str) -> None:
        """Note that the end was seen and brought no tokens."""
        ...

    async def note_call(self, connection_id: str, call: CallFacts) -> None:
        """Add a test to the history; one that works also moves `last_good_at`."""
        ...

    async def history(self, connection_id: str, limit: int) -> tuple[CallFacts, ...]:
        """Give the newest `limit` tests, oldest first."""
        ...

    async def hide(self, connection_id: str) -> None:
        """Delete so that it can be undone: the connection is in no list, its name is free."""
        ...

    async def unhide(self, connection_id: str) -> None:
        """Undo `hide`; raises NameTaken where the name was used meanwhile, NoSuchConnection where it was purged."""
        ...

    async def purge(self, connection_id: str) -> None:
        """
        Erase every row of a connection that this process hid, overwriting the space.

        One that is gone already, or that somebody brought back, is no error and left alone.
        """
        ...

    async def purge_hidden(self) -> None:
        """Erase what an earlier process hid and did not live to purge."""
        ...

    async def close(self) -> None:
        """Finish what is queued and let go of the file."""
        ...


class Vault(Protocol):
    """
    What needs the data key: secrets and tokens.

    Every reading or writing method raises `VaultLocked` or another `VaultUnavailable` while `state` is not `VaultOpen`,
    and `VaultDamaged` for a row that does not open.
    """

    @property
    def state(self) -> VaultState:
        """How the vault stands now."""
        ...

    def open(self) -> Awaitable[VaultState]:
        """
        Ask whatever guards the data key for it, creating the key on first use; within 10 s.

        It has been asked when this returns: unless the vault is open, `state` is `VaultOpening` then. Awaiting raises
        nothing: the state says how it went.
        """
        ...

    def open_with_passphrase(self, passphrase: Secret) -> Awaitable[VaultState]:
        """Unwrap the key; on a vault that was not set up, set it up so. Begins as `open`. Raises `WrongPassphrase`."""
        ...

    def open_with_recovery_key(self, recovery_key: Secret) -> Awaitable[VaultState]:
        """
        Unwrap the key by the recovery key; begins as `open`. Raises `WrongRecoveryKey`.

        The keyring keeps the key from then on, where it does not refuse and no passphrase was chosen.
        """
        ...

    async def has_recovery_key(self) -> bool:
        """Tell whether a recovery key was made; needs no unlocking."""
        ...

    async def make_recovery_key(self) -> Secret:
        """Make a recovery key for an open vault, as it is printed; one made before opens nothing from then on."""
        ...

    async def protect_with_passphrase(self, passphrase: Secret) -> None:
        """Wrap the key of an open vault by a passphrase, in place of its guard; the recovery key stays good."""
        ...

    def lock(self) -> None:
        """Forget the data key."""
        ...

    async def set_aside(self) -> str:
        """Lock, and keep everything, the ledger's too, at the path that this gives; an empty store takes its place."""
        ...

    async def put(
        self,
        connection: Connection,
        secrets: Mapping[str, Secret],
        *,
        forget_tokens: bool = False,
        edited_at: datetime | None = None,
    ) -> None:
        """
        Add a connection, or replace its settings, with its secrets, in one transaction.

        Args:
            connection: the settings, all of them.
            secrets: by field key; those not named are kept, an empty one is erased.
            forget_tokens: whether the tokens belong to what the settings were before; those that do not open are
                forgotten in any case.
            edited_at: aware UTC; None where the connection is added. With the tokens an edit keeps a pause that the
                provider asked for and that still runs then; it clears all other trouble.

        Raises:
            NameTaken: another connection has this name.
            NoSuchConnection: what was to be edited is gone, or hidden.

        """
        ...

    async def credentials(self, connection_id: str, *, hidden_too: bool = False) -> Credentials:
        """
        Give what a request may be made of: settings and secrets as they were last put.

        Raises `VaultDamaged` where somebody else changed them since, `NoSuchConnection` where the connection is gone,
        or hidden and not `hidden_too`.
        """
        ...

    async def holding(self, connection_id: str) -> Holding:
        """
        Give everything that is kept of a connection, all of it from one moment.

        What does not open is no error here: `VaultDamaged` stands in its place, as `credentials` or `tokens` raise it.
        Raises `NoSuchConnection` where the connection is gone, or hidden.
        """
        ...

    async def secrets_to_edit(self, connection_id: str) -> Mapping[str, Secret]:
        """
        Give the secrets by field key, whatever the settings are; empty where there are none.

        Only for settings that a person looks at before anything is sent.
        """
        ...

    async def tokens(self, connection_id: str) -> TokenSet | None:
        """
        Give the newest saved tokens; None where there are none.

        The access token is empty where it was discarded and a refresh token is left. Raises `VaultDamaged` also where
        the settings are not as they were put: whose tokens they are is not known then.
        """
        ...

    async def save_tokens(self, connection_id: str, tokens: TokenSet) -> TokenSet:
        """
        Save an issue of tokens, clearing trouble and the mark of `begin_refresh`, in one durable transaction.

        Gives the tokens with their serial. Raises NoSuchConnection where the connection is gone.
        """
        ...

    async def renew_tokens(self, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet | None:
        """
        Save as `save_tokens` does, but only in the place of the issue of `serial`.

        Gives None, and saves nothing, where that is the newest no more: another took its place, or it was forgotten.
        """
        ...

    def pen(self) -> TokenPen:
        """
        Give what saves the tokens of a request that is about to be sent.

        It does so also once the vault is locked: what a provider has given meanwhile must not be lost. It holds the
        data key, and should be let go of with the answer. Raises as the other methods do while the vault is not open.
        """
        ...

    async def discard_tokens(self, connection_id: str, serial: int) -> None:
        """Erase the access token of this serial after a 401; a newer one and the refresh token stay."""
        ...

    async def forget_tokens(self, connection_id: str, serial: int) -> None:
        """
        Erase the tokens of this serial, revoked as they are, and what is remembered of trouble; newer ones stay.

        Needs no unlocking: somebody may have locked while they were being revoked.
        """
        ...


class TokenPen(Protocol):
    """What can be done to tokens once the vault is locked: saving them."""

    async def renew_tokens(self, connection_id: str, tokens: TokenSet, serial: int) -> TokenSet | None:
        """Save as `Vault.renew_tokens` does."""
        ...


class TokenEndpoint(Protocol):
    """Sends requests."""

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        """
        Send once and read the answer, whatever its status.

        Args:
            request: goes out exactly as built.
            follow_same_origin: whether redirects inside the origin are followed: test calls, never token endpoints.

        Raises:
            Unreachable: no answer came.

        """
        ...


class Claim(Protocol):
    """A lock that is held."""

    def release(self) -> object:
        """Let go of it; once more does nothing."""
        ...


class ConnectionLocks(Protocol):
    """One lock per connection across processes, freed by the death of its process and never by time."""

    def claim(self, connection_id: str) -> Claim | None:
        """Take the lock if it is free at this moment; None where somebody has it, this process included."""
        ...

    def hold(self, connection_id: str, patience: timedelta) -> AbstractAsyncContextManager[None]:
        """Hold the lock inside the context. Raises `HeldByAnother` after `patience`."""
        ...

    def is_held(self, connection_id: str) -> bool:
        """Tell whether somebody holds the lock at this moment, this process included."""
        ...


class Callback(Protocol):
    """A browser that has come back from signing in, and waits for a page."""

    @property
    def query(self) -> str:
        """What it brought: the part of the address behind its `?`."""
        ...

    def answer(self, trouble: Exception | None, connection: Connection | None) -> None:
        """Show it a page: that it worked, or why not; `connection` is None where the answer belongs to none."""
        ...


class Callbacks(Protocol):
    """A port of this machine to which browsers come back, open for one attempt."""

    @property
    def port(self) -> int:
        """The port that is listened on."""
        ...

    async def next(self) -> Callback:
        """Wait for the next browser that asks for the right path by the right name."""
        ...

    async def close(self) -> None:
        """Send the pages that were answered, and listen no longer: within 1 s."""
        ...


class CallbackListener(Protocol):
    """Listens for browsers on the loopback addresses only: RFC 8252, section 7.3."""

    async def open(self, redirect: LoopbackRedirect) -> Callbacks:
        """Listen where `redirect` says. Raises `PortInUse`."""
        ...


class Catalog(Protocol):
    """The descriptors."""

    def provider(self, provider_id: str) -> Provider:
        """Give one as its file says. Raises `UnknownProvider`."""
        ...

    def provider_for(self, connection: Connection) -> Provider:
        """Give one with the connection's overrides applied. Raises `UnknownProvider` or `DescriptorError`."""
        ...

    def providers(self) -> tuple[Provider, ...]:
        """Give all, in order of their names."""
        ...
