"""What the command line asks of the rest of the program; the composition root hands it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    from tokendeck.core.connection import Connection, ConnectionRecord
    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.core.errors import DescriptorError
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState
    from tokendeck.core.verdict import Verdict
    from tokendeck.engine.ports import Catalog, Clock


class Door(Protocol):
    """The part of the engine's `Door` that the command line uses."""

    async def open_with_recovery_key(self, recovery_key: Secret) -> VaultState:
        """Open the vault with its recovery key. Raises `WrongRecoveryKey`, or gives it in the state."""
        ...

    async def protect_with_passphrase(self, passphrase: Secret) -> VaultState:
        """Have a passphrase guard an open vault from now on."""
        ...

    async def has_recovery_key(self) -> bool:
        """Tell whether a recovery key was made; needs no unlocking."""
        ...

    async def make_recovery_key(self) -> Secret:
        """Make a recovery key for an open vault, as it is printed; one made before opens nothing from then on."""
        ...

    async def start_anew(self) -> str | None:
        """Set a vault that does not open aside; give its path, None where it is open after all."""
        ...


class SignIn(Protocol):
    """An attempt to sign in that is under way."""

    @property
    def prompt(self) -> BrowserPrompt | DevicePrompt:
        """What the person needs."""
        ...

    async def outcome(self) -> TokenSet:
        """Wait for the end. Raises what it came to where that is no token."""
        ...

    def paste(self, address: str) -> None:
        """
        Take the address that the browser ended on, where the prompt asks for that.

        Raises `NotThisSignIn`; the wait goes on then.
        """
        ...

    def cancel(self) -> None:
        """Give up."""
        ...


class Engine(Protocol):
    """The part of `RefreshEngine` that the command line uses; whatever reaches a running app can stand in for it."""

    @property
    def door(self) -> Door:
        """What opens the vault, and what is done about the vault itself."""
        ...

    def records(self) -> tuple[ConnectionRecord, ...]:
        """Give all connections, in any order, whether or not the vault is open."""
        ...

    def find(self, name: str) -> ConnectionRecord:
        """Give the connection of this name, without regard to case. Raises `NoSuchConnection` with names like it."""
        ...

    def provider(self, connection: Connection) -> Provider:
        """Give the descriptor, overrides applied. Raises `UnknownProvider` or `DescriptorError`."""
        ...

    def grant(self, connection: Connection) -> Grant:
        """Give the connection's grant, overrides applied. Raises as `provider` does."""
        ...

    def is_renewing(self, connection_id: str) -> bool:
        """Tell whether a request for its token is on its way, from whichever process."""
        ...

    async def unlock(self) -> VaultState:
        """Open the vault with what guards it."""
        ...

    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState:
        """Open the vault with a passphrase, or set it up so. Raises `WrongPassphrase`, or gives it in the state."""
        ...

    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet:
        """Give a token that is good for at least `min_valid`."""
        ...

    async def refresh(self, connection_id: str) -> TokenSet:
        """Ask for a new token now."""
        ...

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        """Prove the credentials. Raises `ConfirmationNeeded` where a hazard wants a yes first."""
        ...

    async def sign_in(self, connection_id: str) -> SignIn:
        """Begin to sign in. Raises `NothingToSignIn`, and whatever kept the attempt from beginning."""
        ...

    async def revoke(self, connection_id: str) -> None:
        """Have the provider take the tokens back, and forget them. Raises `NotOffered`."""
        ...

    async def add(self, connection: Connection, secrets: Mapping[str, Secret]) -> None:
        """Save a new connection. Raises `NameTaken`."""
        ...

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        """Let a connection's secrets go to `origins`, and to no others. Raises `VaultDamaged` for altered settings."""
        ...

    async def delete(self, connection_id: str, *, revoke: bool = True) -> None:
        """
        Take a connection out of the list; it is purged at the latest when the engine's context ends.

        Its tokens are revoked before, where its provider can and somebody has not seen to that already.
        """
        ...


class Program(Protocol):
    """Every part of the program, built for one data folder. Building it opens no store yet."""

    @property
    def clock(self) -> Clock:
        """The system's clocks."""
        ...

    def catalog(self) -> Catalog:
        """Give the descriptors that can be used."""
        ...

    def descriptor_problems(self) -> tuple[DescriptorError, ...]:
        """Give what is wrong with the user's own descriptor files; each costs only itself."""
        ...

    def damaged_stores(self) -> tuple[str, ...]:
        """Give the files as which damaged stores were set aside, for as long as they are there."""
        ...

    def engine(self) -> AbstractAsyncContextManager[Engine]:
        """
        Give an engine that has read the ledger; the vault is not asked for anything, and no schedule runs.

        Leaving the context drains: what is on the wire is awaited and saved, what was deleted is purged. Raises
        `VaultUnavailable` where the store does not serve.
        """
        ...

    def open_browser(self, address: str) -> bool:
        """Have the system's browser open an address; give False where there is none."""
        ...

    async def discover(self, issuer: str) -> IssuerMetadata:
        """
        Ask an issuer what it publishes about itself; nothing is sent but the question, and nothing is kept.

        Raises `BadUrl`, `UnfitIssuer`, or what kept the answer from coming.
        """
        ...

    async def describe(self, issuer: str) -> tuple[Provider, str]:
        """
        Give the provider of an issuer, and the file that was written for it; empty where there was one.

        Raises as `discover` does, and `DescriptorError` where no file can be written.
        """
        ...

    async def serve_sandbox(self, port: int, announce: Callable[[str], None]) -> None:
        """
        Serve the five dialects on 127.0.0.1 until cancelled.

        Args:
            port: where to listen; 0 means any that is free.
            announce: takes one line of JSON, with base URL and field values, as soon as connections are accepted.

        Raises:
            PortInUse: another program listens there.

        """
        ...

    async def examine(self) -> Diagnosis:
        """Look at everything that commonly goes wrong, within seconds. Raises nothing."""
        ...
