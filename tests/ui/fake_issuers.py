"""Issuers that publish what the test says, and descriptions that are written nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui import samples
from tests.ui.fake_engine import FakeCatalog
from tokendeck.core.metadata import IssuerMetadata

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider

ISSUER = "https://auth.example.test"
FOUND = IssuerMetadata(
    ISSUER,
    f"{ISSUER}/.well-known/openid-configuration",
    token=f"{ISSUER}/token",
    authorize=f"{ISSUER}/authorize",
    grants=("authorization_code", "client_credentials"),
    client_auth=("client_secret_basic",),
    challenges=("S256",),
    names_issuer=True,
    scopes=("read", "write"),
)


class FakeSketch:
    """Lent to the catalog, as a real one is."""

    def __init__(self, issuers: FakeIssuers, provider: Provider) -> None:
        self.provider = provider
        self._issuers = issuers
        issuers.catalog.lent[provider.id] = provider

    async def keep(self) -> None:
        if self._issuers.unwritable is not None:
            raise self._issuers.unwritable
        self._issuers.kept.append(self.provider)

    async def take_back(self) -> None:
        self._issuers.kept.remove(self.provider)

    def drop(self) -> None:
        lent = self._issuers.catalog.lent
        if lent.get(self.provider.id) is self.provider:
            del lent[self.provider.id]


class FakeIssuers:
    """Answers what it was told to."""

    def __init__(self, catalog: FakeCatalog | None = None) -> None:
        self.catalog = catalog or FakeCatalog()
        self.answer: IssuerMetadata | Exception = FOUND
        self.described: Provider | None = None
        """What `known` gives."""

        self.changed: tuple[str, ...] = ()
        """What `changes` gives."""

        self.provider = replace(
            samples.PAYT,
            id="auth-example-test",
            name="auth.example.test",
            environments=samples.production(ISSUER),
            shipped=False,
        )
        self.unfit: Exception | None = None
        """What `sketch` raises."""

        self.unwritable: Exception | None = None
        self.asked: list[str] = []
        self.kept: list[Provider] = []
        self.go_on = asyncio.Event()
        """Cleared: `discover` waits for it."""

        self.go_on.set()

    async def discover(self, address: str) -> IssuerMetadata:
        self.asked.append(address)
        await self.go_on.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def known(self, found: IssuerMetadata) -> Provider | None:
        del found
        return self.described

    def changes(self, found: IssuerMetadata, provider: Provider) -> tuple[str, ...]:
        del found, provider
        return self.changed

    def sketch(self, found: IssuerMetadata, name: str = "") -> FakeSketch:
        del found
        if self.unfit is not None:
            raise self.unfit
        return FakeSketch(self, replace(self.provider, name=name or self.provider.name))
