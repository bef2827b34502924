"""A home with descriptors of its user's own, and the real parts on it: store, HTTP, loopback listener, clocks."""

from __future__ import annotations

import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.core.connection import Connection
from tokendeck.core.errors import TokendeckError
from tokendeck.core.request import origins_of
from tokendeck.core.secret import Secret
from tokendeck.engine.attempts import BrowserSignIn, DeviceSignIn
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.server import Server
    from tokendeck.app.parts import Parts
    from tokendeck.core.provider import Provider
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.attempts import SignIn
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.ports import Clock


class Desk:
    """One home at work."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @property
    def engine(self) -> RefreshEngine:
        return self.parts.engine

    async def add(
        self, server: Server, grant: str, client: Registered, tokens: TokenSet | None = None, **values: str
    ) -> str:
        """Add a connection and give its id; `values` are its fields that are not the client's."""
        return await self.add_to(self.parts.catalog.provider(server.id), grant, client, tokens, **values)

    async def add_to(
        self, provider: Provider, grant: str, client: Registered, tokens: TokenSet | None = None, **values: str
    ) -> str:
        """Add a connection as `add` does, to a provider that was described otherwise."""
        draft = Connection(
            id=uuid.uuid4().hex,
            name=f"{provider.name} {grant} {len(self.engine.records())}",
            provider=provider.id,
            environment=provider.environments[0].id,
            grant=grant,
            created_at=datetime.now(UTC),
            values={"client_id": client.id, **values},
        )
        secrets = {name: Secret(value) for name, value in client.secrets.items()}
        connection = replace(draft, confirmed_origins=origins_of(provider, draft))
        await self.engine.add(connection, secrets, tokens)
        return connection.id

    async def signed_in(self, server: Server, browser: Browser, client: Registered = CONFIDENTIAL) -> str:
        """Add a connection and sign in; give its id."""
        grant = "authorization_code" if client.secret else "public"
        connection_id = await self.add(server, grant, client, scope="read")
        await self.sign_in(connection_id, browser)
        return connection_id

    async def sign_in(self, connection_id: str, browser: Browser) -> TokenSet:
        """Sign in once (more)."""
        sign_in = await self.begin(connection_id)
        await browser.sign_in(sign_in.prompt.link)
        return await sign_in.outcome()

    async def begin(self, connection_id: str) -> BrowserSignIn:
        sign_in = await self.engine.sign_in(connection_id)
        assert isinstance(sign_in, BrowserSignIn)
        return sign_in

    async def begin_elsewhere(self, connection_id: str) -> DeviceSignIn:
        sign_in = await self.engine.sign_in(connection_id)
        assert isinstance(sign_in, DeviceSignIn)
        return sign_in

    def name(self, connection_id: str) -> str:
        return self.engine.record(connection_id).connection.name

    async def kept(self, connection_id: str) -> TokenSet:
        """Give what the store has of a connection's tokens."""
        tokens = await self.parts.storage.vault.tokens(connection_id)
        assert tokens is not None
        return tokens


async def ended(sign_in: SignIn) -> TokendeckError:
    """Wait for an attempt that comes to nothing; give why."""
    with pytest.raises(TokendeckError) as caught:
        await sign_in.outcome()
    return caught.value


@asynccontextmanager
async def desk_at(
    home: Path, *descriptors: str, passphrase: str = "", clock: Clock | None = None
) -> AsyncIterator[Desk]:
    """
    Lay the descriptors into the user's folder of `home`, and run the parts of the program there.

    A passphrase guards the vault where other processes are to open it.
    """
    places = find_places(home)
    places.providers.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(descriptors):
        (places.providers / f"{number}.toml").write_text(text, encoding="utf-8")
    catalog = Catalog(resources() / "providers", places.providers)
    clock = clock or SystemClock()
    async with running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts:
        await (parts.engine.unlock_with_passphrase(Secret(passphrase)) if passphrase else parts.engine.unlock())
        yield Desk(parts)
    assert catalog.problems == ()
