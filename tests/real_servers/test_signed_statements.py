"""Clients that prove themselves by what they sign, RFC 7523, judged by Authlib."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL, SHARER, SIGNER
from tests.real_servers.desk import desk_at, ended
from tokendeck.core.errors import ConfigurationRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server


@pytest.fixture
async def desk(home: Path, authlib: Server) -> AsyncIterator[Desk]:
    async with desk_at(home / "deck", authlib.descriptor()) as desk:
        yield desk


@pytest.mark.parametrize(("grant", "client"), [("signed", SIGNER), ("shared", SHARER)], ids=["private key", "secret"])
async def test_what_a_client_signs_is_believed_at_every_endpoint(
    authlib: Server, desk: Desk, browser: Browser, grant: str, client: Registered
) -> None:
    shop = await desk.add(authlib, grant, client, scope="read")

    first = await desk.sign_in(shop, browser)
    second = await desk.engine.refresh(shop)
    told = await desk.engine.introspect(shop)
    await desk.engine.revoke(shop)

    assert first.access_token != second.access_token
    assert (told.active, told.claims["client_id"]) == (True, client.id)
    assert not authlib.accepts(second.access_token.reveal())


async def test_what_another_key_signs_is_refused(authlib: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.add(authlib, "shared", replace(SHARER, secret=CONFIDENTIAL.secret * 3 + "x"))

    sign_in = await desk.begin(shop)
    await browser.sign_in(sign_in.prompt.link)
    error = await ended(sign_in)

    assert isinstance(error, ConfigurationRefused)
    assert error.code == "invalid_client"
