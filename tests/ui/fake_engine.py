"""An engine that does what the test says, for the parts of the window that only talk to one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui import samples
from tokendeck.core.errors import DescriptorError, NoSuchConnection, UnknownProvider
from tokendeck.core.request import Request, mint_request
from tokendeck.core.sign_in import stand_ins
from tokendeck.core.status import Status, status_of
from tokendeck.core.vault import Guard, VaultOpen, VaultShut, VaultState
from tokendeck.engine.issue import Issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord
    from tokendeck.core.introspection import Introspection
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn


class FakeCatalog:
    """The samples."""

    def __init__(self, providers: Iterable[Provider] = samples.PROVIDERS) -> None:
        self._providers = {one.id: one for one in providers}
        self.lent: dict[str, Provider] = {}
        """Known by their ids, and in no list."""

        self.wrong: tuple[DescriptorError, ...] = ()
        self.refusal: Exception | None = None
        """What `provider_for` raises."""

    def provider(self, provider_id: str) -> Provider:
        try:
            return (self._providers | self.lent)[provider_id]
        except KeyError:
            raise UnknownProvider(provider_id, tuple(self._providers)) from None

    def provider_for(self, connection: Connection) -> Provider:
        if self.refusal is not None:
            raise self.refusal
        return self.provider(connection.provider)

    def providers(self) -> tuple[Provider, ...]:
        return tuple(self._providers.values())

    @property
    def problems(self) -> tuple[DescriptorError, ...]:
        return self.wrong


class FakeEngine:
    """Remembers what it was asked, and answers what it was told to."""

    def __init__(self, *records: ConnectionRecord, catalog: FakeCatalog | None = None) -> None:
        self.kept = {one.connection.id: one for one in records}
        self.catalog = catalog or FakeCatalog()
        self.vault_state: VaultState = VaultOpen(Guard.KEYRING, "Secret Service")
        self.tokens: TokenSet | None = samples.tokens()
        self.calls: tuple[CallFacts, ...] = ()
        self.history_failure: Exception | None = None
        self.budget: int | None = None
        self.time = samples.NOW
        self.failure: Exception | None = None
        self.doubt: Exception | None = None
        """What `as_saved` raises."""

        self.go_on = asyncio.Event()
        """Cleared: `try_out` waits for it."""

        self.go_on.set()
        self.tried: list[tuple[Connection, Mapping[str, Secret]]] = []
        self.saved: list[tuple[Connection, Mapping[str, Secret], TokenSet | None]] = []
        self.attempt: BrowserSignIn | DeviceSignIn | None = None
        """The attempt to sign in that is under way, or that `sign_in` gives."""

        self.asked: list[tuple[str, str]] = []
        self.told: Introspection | Exception | None = None
        """What `introspect` comes to."""

        self.reads = 0
        """How often the token was fetched from the vault."""

    def now(self) -> Moment:
        return self.time

    def records(self) -> tuple[ConnectionRecord, ...]:
        return tuple(self.kept.values())

    def record(self, connection_id: str) -> ConnectionRecord:
        try:
            return self.kept[connection_id]
        except KeyError:
            raise NoSuchConnection(connection_id) from None

    async def as_saved(self, connection_id: str) -> Connection:
        if self.doubt is not None:
            raise self.doubt
        return self.record(connection_id).connection

    def provider(self, connection: Connection) -> Provider:
        return self.catalog.provider_for(connection)

    def grant(self, connection: Connection) -> Grant:
        return self.provider(connection).grant(connection.grant)

    def status(self, connection_id: str) -> Status:
        record = self.record(connection_id)
        locked = isinstance(self.vault_state, VaultShut)
        return status_of(record, self.grant(record.connection), self.time, locked=locked)

    def budget_left(self, connection: Connection) -> int | None:  # noqa: ARG002 - the engine's signature
        return self.budget

    def request_preview(self, connection: Connection, secrets: Mapping[str, Secret]) -> Request:
        brought = stand_ins(self.grant(connection).kind, connection.values.get("redirect_uri", ""))
        return mint_request(self.provider(connection), connection, secrets, brought=brought)

    async def introspect(self, connection_id: str) -> Introspection:
        self.asked.append(("introspect", connection_id))
        if isinstance(self.told, Exception):
            raise self.told
        assert self.told is not None
        return self.told

    async def revoke(self, connection_id: str) -> None:
        self.asked.append(("revoke", connection_id))
        if self.failure is not None:
            raise self.failure
        self.kept[connection_id] = replace(self.kept[connection_id], token=None)

    def signing_in(self) -> BrowserSignIn | DeviceSignIn | None:
        return self.attempt

    async def sign_in(self, connection_id: str) -> BrowserSignIn | DeviceSignIn:
        self.record(connection_id)
        if self.failure is not None:
            raise self.failure
        assert self.attempt is not None
        return self.attempt

    async def kept_token(self, connection_id: str) -> TokenSet | None:  # noqa: ARG002 - the engine's signature
        self.reads += 1
        if isinstance(self.vault_state, VaultShut):
            raise self.vault_state.why
        return self.tokens

    async def history(self, connection_id: str, limit: int = 30) -> tuple[CallFacts, ...]:  # noqa: ARG002 - as above
        if self.history_failure is not None:
            raise self.history_failure
        return self.calls[-limit:]

    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> Issue:
        self.tried.append((connection, secrets))
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        assert self.tokens is not None
        return Issue(self.tokens, url="https://provider.test/token", status=200, latency_ms=212.4)

    async def add(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None = None) -> None:
        if self.failure is not None:
            raise self.failure
        self.saved.append((connection, secrets, tokens))

    async def edit(self, connection: Connection, secrets: Mapping[str, Secret], tokens: TokenSet | None = None) -> None:
        await self.add(connection, secrets, tokens)
