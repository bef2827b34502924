"""From what real issuers publish about themselves to tokens of theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL, MACHINE, PUBLIC, SHARER, SIGNER
from tests.real_servers.desk import desk_at
from tokendeck.app.discovery import discover
from tokendeck.core.provider import ClientAuthMethod, SigningAlgorithm
from tokendeck.providers.issuer_files import own_descriptor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server
    from tokendeck.core.provider import Provider

TODAY = date(2026, 11, 21)


@pytest.fixture
async def desk(home: Path) -> AsyncIterator[Desk]:
    async with desk_at(home / "deck") as desk:
        yield desk


async def described(desk: Desk, server: Server, *client_auth: str) -> Provider:
    """Write a descriptor from the metadata, as if it offered only these ways for a client to prove itself."""
    found = await discover(desk.parts.endpoint, server.base_url + server.known.issuer)
    if client_auth:
        found = replace(found, client_auth=client_auth)
    provider, file = own_descriptor(found, desk.parts.catalog, desk.parts.places.providers, TODAY)
    assert file is not None
    return provider


@pytest.mark.parametrize(
    ("grant", "client"), [("authorization_code", CONFIDENTIAL), ("authorization_code_public", PUBLIC)]
)
async def test_a_person_signs_in_to_what_django_oauth_toolkit_publishes(
    toolkit: Server, desk: Desk, browser: Browser, grant: str, client: Registered
) -> None:
    provider = await described(desk, toolkit)
    shop = await desk.add_to(provider, grant, client, scope="read")

    first = await desk.sign_in(shop, browser)
    second = await desk.engine.refresh(shop)
    await desk.engine.revoke(shop)

    assert first.access_token != second.access_token
    assert not toolkit.accepts(second.access_token.reveal())


async def test_a_machine_gets_a_token_by_what_django_oauth_toolkit_publishes(toolkit: Server, desk: Desk) -> None:
    machine = await desk.add_to(await described(desk, toolkit), "client_credentials", MACHINE, scope="read")

    await desk.engine.token(machine)
    told = await desk.engine.introspect(machine)

    assert told.active


@pytest.mark.parametrize(
    ("method", "client", "algorithm"),
    [
        (ClientAuthMethod.PRIVATE_KEY_JWT, SIGNER, SigningAlgorithm.ES256),
        (ClientAuthMethod.CLIENT_SECRET_JWT, SHARER, SigningAlgorithm.HS256),
    ],
)
async def test_a_client_signs_for_an_issuer_that_takes_nothing_else(
    authlib: Server,
    desk: Desk,
    browser: Browser,
    method: ClientAuthMethod,
    client: Registered,
    algorithm: SigningAlgorithm,
) -> None:
    provider = await described(desk, authlib, method.value)
    shop = await desk.add_to(provider, "authorization_code", client, scope="read")

    first = await desk.sign_in(shop, browser)
    second = await desk.engine.refresh(shop)
    told = await desk.engine.introspect(shop)
    await desk.engine.revoke(shop)

    auth = provider.grant("authorization_code").mint.client_auth
    assert (auth.method, auth.algorithms) == (method, (algorithm,))
    assert first.access_token != second.access_token
    assert (told.active, told.claims["client_id"]) == (True, client.id)
    assert not authlib.accepts(second.access_token.reveal())
