"""The refresh engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.request import Request
    from tokendeck.core.secret import Secret
    from tokendeck.core.status import Status
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState
    from tokendeck.core.verdict import Verdict
    from tokendeck.engine.events import Event
    from tokendeck.engine.ports import Catalog, Clock, ConnectionLocks, Ledger, TokenEndpoint, Vault


class RefreshEngine:
    """SIGNATURES ONLY while the rooms are being built; the body is on its way."""

    def __init__(
        self,
        *,
        clock: Clock,
        ledger: Ledger,
        vault: Vault,
        endpoint: TokenEndpoint,
        locks: ConnectionLocks,
        catalog: Catalog,
        chance: Callable[[], float],
    ) -> None: ...

    # life
    async def load(self) -> None: ...                      # reads the ledger
    async def unlock(self) -> VaultState: ...              # vault.open(), announces VaultChanged
    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState: ...
    def lock(self) -> None: ...
    @property
    def vault_state(self) -> VaultState: ...
    def start(self) -> None: ...                           # the schedule; the window only
    async def drain(self) -> None: ...                     # schedule cancelled, refreshes on the wire awaited 10 s and saved, purges done
    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]: ...   # gives the unsubscriber

    # reading: never blocks
    def records(self) -> tuple[ConnectionRecord, ...]: ...
    def record(self, connection_id: str) -> ConnectionRecord: ...      # NoSuchConnection
    def find(self, name: str) -> ConnectionRecord: ...                 # by name, case-insensitive; NoSuchConnection with near names
    def provider(self, connection: Connection) -> Provider: ...        # overrides applied; UnknownProvider, DescriptorError
    def grant(self, connection: Connection) -> Grant: ...
    def status(self, connection_id: str) -> Status: ...
    def request_preview(self, connection: Connection, secrets: Mapping[str, Secret]) -> Request: ...

    # use
    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet: ...
    async def refresh(self, connection_id: str) -> TokenSet: ...       # a person's command
    async def kept_token(self, connection_id: str) -> TokenSet | None: ...   # what the vault has, whatever its state; no request
    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict: ...
    async def history(self, connection_id: str, limit: int = 30) -> tuple[CallFacts, ...]: ...

    # change
    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> TokenSet: ...   # mint, save nothing
    async def add(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None = None) -> None: ...
    async def edit(self, connection: Connection, secrets: Mapping[str, Secret]) -> None: ...
    async def kept_secrets(self, connection_id: str) -> Mapping[str, Secret]: ...
    async def set_paused(self, connection_id: str, *, paused: bool) -> None: ...
    async def delete(self, connection_id: str) -> None: ...            # undoable for 10 s, then purged
    async def undo_delete(self, connection_id: str) -> None: ...
