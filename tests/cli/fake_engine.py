"""An engine that does what the test says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.cli.fake_door import FakeDoor
from tokendeck.core.connection import Connection, ConnectionRecord, Trouble
from tokendeck.core.errors import DescriptorError, NoSuchConnection
from tokendeck.core.vault import VaultOpen
from tokendeck.core.verdict import Step, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import timedelta

    from tests.manual_clock import ManualClock
    from tokendeck.core.prompts import BrowserPrompt, DevicePrompt
    from tokendeck.core.provider import (
        Grant,
        Provider,
    )
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenFacts, TokenSet
    from tokendeck.core.vault import VaultState

from tests.cli.samples import ACME, VAULT, Shelf, token_set
from tokendeck.core.errors import EndOfSignIn, NotThisSignIn, SignInEnded


@dataclass
class FakeSignIn:
    """An attempt that ends when the test says so; an address that is not the right one is refused."""

    prompt: BrowserPrompt | DevicePrompt
    result: TokenSet | Exception | None = None
    right_address: str = ""
    result_once_ended: TokenSet | None = None
    """What it comes to once the right address was pasted."""

    cancelled: int = 0
    pasted: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    waited_for: asyncio.Event = field(default_factory=asyncio.Event)

    async def outcome(self) -> TokenSet:
        self.waited_for.set()
        if self.result is None:
            await self.ended.wait()
        if isinstance(self.result, Exception):
            raise self.result
        assert self.result is not None
        return self.result

    def paste(self, address: str) -> None:
        self.pasted.append(address)
        if address != self.right_address:
            raise NotThisSignIn("address")
        self.result = self.result_once_ended
        self.ended.set()

    def cancel(self) -> None:
        self.cancelled += 1
        if self.result is None:
            self.result = SignInEnded(EndOfSignIn.CANCELLED)
        self.ended.set()


@dataclass
class FakeEngine:
    """Remembers what was asked of it, and answers what it is told."""

    clock: ManualClock
    shelf: Shelf
    kept: dict[str, ConnectionRecord] = field(default_factory=dict)
    secrets: dict[str, Mapping[str, Secret]] = field(default_factory=dict)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    vault: VaultState = VAULT
    passphrase: Secret | None = None
    unlocked: bool = False
    drained: bool = False
    renewing: set[str] = field(default_factory=set)
    answer: Callable[[str], Awaitable[TokenSet]] | None = None
    """Gives what a connection's token request comes to; None means a token good for an hour."""

    verdicts: list[Verdict | Exception] = field(default_factory=list)
    attempt: FakeSignIn | Exception | None = None
    """What beginning to sign in comes to."""

    revocation: Exception | None = None
    """What revoking raises."""

    def __post_init__(self) -> None:
        self.door = FakeDoor(self)

    def keep(
        self,
        name: str,
        provider: Provider = ACME,
        *,
        token: TokenFacts | None = None,
        trouble: Trouble | None = None,
        paused: bool = False,
        values: Mapping[str, str] | None = None,
    ) -> Connection:
        connection = Connection(
            id=f"id-of-{name}",
            name=name,
            provider=provider.id,
            environment="production",
            grant=provider.grants[-1].id,
            created_at=self.clock.now().wall,
            values=values or {"client_id": "me"},
            confirmed_origins=("https://api.acme.test:443",),
            paused=paused,
        )
        self.kept[connection.id] = ConnectionRecord(connection, token=token, trouble=trouble)
        return connection

    def records(self) -> tuple[ConnectionRecord, ...]:
        return tuple(self.kept.values())

    def find(self, name: str) -> ConnectionRecord:
        for record in self.kept.values():
            if record.connection.name.casefold() == name.casefold():
                return record
        raise NoSuchConnection(name, tuple(record.connection.name for record in self.kept.values()))

    def is_renewing(self, connection_id: str) -> bool:
        return connection_id in self.renewing

    def provider(self, connection: Connection) -> Provider:
        return self.shelf.provider_for(connection)

    def grant(self, connection: Connection) -> Grant:
        for one in self.provider(connection).grants:
            if one.id == connection.grant:
                return one
        raise DescriptorError(connection.provider, f"grants.{connection.grant}", "a grant that is there")

    async def unlock(self) -> VaultState:
        self.unlocked = isinstance(self.vault, VaultOpen)
        return self.vault

    async def unlock_with_passphrase(self, passphrase: Secret) -> VaultState:
        self.passphrase = passphrase
        return await self.unlock()

    async def token(self, connection_id: str, *, min_valid: timedelta | None = None, fresh: bool = False) -> TokenSet:
        self.asked.append(("token", connection_id, min_valid, fresh))
        return await self._answer(connection_id)

    async def refresh(self, connection_id: str) -> TokenSet:
        self.asked.append(("refresh", connection_id))
        return await self._answer(connection_id)

    async def test(self, connection_id: str, call: str | None = None, *, confirmed: bool = False) -> Verdict:
        self.asked.append(("test", connection_id, call, confirmed))
        verdict = self.verdicts.pop(0) if self.verdicts else Verdict(VerdictKind.WORKS, Step.DONE, call="ping")
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    async def add(self, connection: Connection, secrets: Mapping[str, Secret]) -> None:
        assert self.unlocked, "nothing can be saved while the vault is shut"
        self.kept[connection.id] = ConnectionRecord(connection)
        self.secrets[connection.id] = dict(secrets)

    async def confirm(self, connection_id: str, origins: tuple[str, ...]) -> None:
        assert self.unlocked, "nothing can be saved while the vault is shut"
        connection = replace(self.kept[connection_id].connection, confirmed_origins=origins)
        self.kept[connection_id] = ConnectionRecord(connection)

    async def delete(self, connection_id: str, *, revoke: bool = True) -> None:
        assert not revoke, "the command line has seen to that"
        del self.kept[connection_id]

    async def sign_in(self, connection_id: str) -> FakeSignIn:
        assert self.unlocked, "nobody can sign in while the vault is shut"
        self.asked.append(("sign_in", connection_id))
        if isinstance(self.attempt, Exception):
            raise self.attempt
        assert self.attempt is not None
        return self.attempt

    async def revoke(self, connection_id: str) -> None:
        assert self.unlocked, "nothing can be forgotten while the vault is shut"
        self.asked.append(("revoke", connection_id))
        if self.revocation is not None:
            raise self.revocation

    async def _answer(self, connection_id: str) -> TokenSet:
        assert self.unlocked, "no token leaves a vault that is shut"
        tokens = token_set(self.clock) if self.answer is None else await self.answer(connection_id)
        self.kept[connection_id] = replace(self.kept[connection_id], token=tokens.facts)
        return tokens
