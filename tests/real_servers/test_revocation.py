"""Tokens that are given back, RFC 7009."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL, MACHINE, PUBLIC
from tests.real_servers.desk import desk_at
from tokendeck.core.errors import NotOffered
from tokendeck.core.secret import Secret
from tokendeck.engine.events import NotRevoked

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server
    from tokendeck.core.token import TokenSet
    from tokendeck.engine.events import Event


def is_dead(server: Server, tokens: TokenSet) -> bool:
    """Tell whether neither of a public client's tokens is good for anything any more."""
    assert tokens.refresh_token is not None
    refreshed = server.ask(
        server.known.token, grant_type="refresh_token", client_id=PUBLIC.id, refresh_token=tokens.refresh_token.reveal()
    )
    return refreshed.status_code == 400 and not server.accepts(tokens.access_token.reveal())


@pytest.mark.parametrize("client", [CONFIDENTIAL, PUBLIC], ids=["confidential", "public"])
async def test_what_is_revoked_is_dead_there_and_forgotten_here(
    server: Server, desk: Desk, browser: Browser, client: Registered
) -> None:
    shop = await desk.signed_in(server, browser, client)
    tokens = await desk.kept(shop)

    await desk.engine.revoke(shop)

    assert not server.accepts(tokens.access_token.reveal())
    assert await desk.engine.kept_token(shop) is None
    assert desk.engine.status(shop).word == "sign_in"
    with pytest.raises(NotOffered):
        await desk.engine.introspect(shop)


@pytest.mark.promise(49)
async def test_what_is_deleted_is_revoked_before_the_program_ends(home: Path, server: Server, browser: Browser) -> None:
    async with desk_at(home / "deck", server.descriptor()) as desk:
        tokens = await desk.kept(shop := await desk.signed_in(server, browser, PUBLIC))
        was_good = server.accepts(tokens.access_token.reveal())
        await desk.engine.delete(shop)

    assert was_good
    assert is_dead(server, tokens)


@pytest.mark.promise(49)
async def test_a_deletion_that_the_provider_refuses_to_revoke_is_told(home: Path, server: Server) -> None:
    heard: list[Event] = []
    async with desk_at(home / "deck", server.descriptor()) as desk:
        machine = await desk.add(server, "client_credentials", MACHINE, scope="read")
        tokens = await desk.engine.token(machine)
        storage = desk.parts.storage
        await storage.vault.put(desk.engine.record(machine).connection, {"client_secret": Secret("another")})
        desk.engine.subscribe(heard.append)
        await desk.engine.delete(machine)

    (told,) = (event for event in heard if isinstance(event, NotRevoked))
    assert told.connection.id == machine
    assert getattr(told.error, "code", "") == "invalid_client"
    assert server.accepts(tokens.access_token.reveal())
