"""What servers refuse, told as what it is, and how often they are asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL, MACHINE
from tests.real_servers.desk import desk_at, ended
from tokendeck.core.errors import ConfigurationRefused, SignInRefused
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server

FOR_LONGER = timedelta(days=1)
"""No token of these servers lives so long, so that another one has to be asked for."""


async def refused(desk: Desk, connection_id: str, *, times: int) -> set[str]:
    """Ask for a token as a program does; give the codes with which the client was refused."""
    codes = set()
    for _ in range(times):
        with pytest.raises(ConfigurationRefused) as caught:
            await desk.engine.token(connection_id, min_valid=FOR_LONGER)
        codes.add(caught.value.code)
    return codes


@pytest.mark.promise(25)
async def test_a_wrong_secret_is_asked_about_once_and_costs_no_refresh_token(
    server: Server, desk: Desk, browser: Browser
) -> None:
    shop = await desk.signed_in(server, browser)
    before = await desk.kept(shop)
    connection = desk.engine.record(shop).connection
    vault = desk.parts.storage.vault
    await vault.put(connection, {"client_secret": Secret("of another time")})
    server.asked()

    codes = await refused(desk, shop, times=3)
    asked, status, kept = server.token_requests(), desk.engine.status(shop), await desk.kept(shop)
    await desk.engine.edit(connection, {"client_secret": Secret(CONFIDENTIAL.secret)})
    tokens = await desk.engine.refresh(shop)

    assert codes == {"invalid_client"}
    assert asked == 1
    assert status.word == "needs_attention"
    assert kept == before
    assert server.accepts(tokens.access_token.reveal())


@pytest.mark.promise(25)
async def test_a_machine_with_a_wrong_secret_asks_once(server: Server, desk: Desk) -> None:
    machine = await desk.add(server, "client_credentials", replace(MACHINE, secret="of another time"))

    codes = await refused(desk, machine, times=3)

    assert codes == {"invalid_client"}
    assert server.token_requests() == 1


async def test_a_code_that_a_wrong_secret_came_with_is_told_as_that(
    server: Server, desk: Desk, browser: Browser
) -> None:
    shop = await desk.add(server, "authorization_code", replace(CONFIDENTIAL, secret="of another time"))

    sign_in = await desk.begin(shop)
    page = await browser.sign_in(sign_in.prompt.link)
    error = await ended(sign_in)

    assert isinstance(error, ConfigurationRefused)
    assert error.code == "invalid_client"
    assert "This did not work" in page.text
    assert server.token_requests() == 1


async def test_a_scope_that_nobody_gives_is_told_as_that(home: Path, server: Server, browser: Browser) -> None:
    # What goes wrong before consent, django-oauth-toolkit 3.4 tells without the issuer that its answers name.
    async with desk_at(home / "deck", server.descriptor(names_issuer=False)) as desk:
        sign_in = await desk.begin(await desk.add(server, "authorization_code", CONFIDENTIAL, scope="moon"))
        page = await browser.open(sign_in.prompt.link)
        error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_scope"
    assert "Correct the scope" in page.text
    assert server.token_requests() == 0


@pytest.mark.promise(16)
async def test_a_server_that_demands_pkce_refuses_a_link_without_it(
    home: Path, toolkit: Server, browser: Browser
) -> None:
    async with desk_at(home / "deck", toolkit.descriptor(names_issuer=False)) as desk:
        sign_in = await desk.begin(await desk.add(toolkit, "authorization_code", CONFIDENTIAL))
        link, _, challenge = sign_in.prompt.link.partition("&code_challenge=")
        page = await browser.open(link)
        error = await ended(sign_in)

    assert challenge.endswith("&code_challenge_method=S256")
    assert "refused the request to sign in" in page.text
    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_request"
    assert toolkit.token_requests() == 0


@pytest.mark.promise(16)
async def test_a_server_that_demands_s256_refuses_the_plain_method(
    home: Path, toolkit: Server, browser: Browser
) -> None:
    async with desk_at(home / "deck", toolkit.descriptor(names_issuer=False)) as desk:
        sign_in = await desk.begin(await desk.add(toolkit, "authorization_code", CONFIDENTIAL))
        weaker = sign_in.prompt.link.replace("code_challenge_method=S256", "code_challenge_method=plain")
        await browser.sign_in(weaker)
        error = await ended(sign_in)

    assert weaker != sign_in.prompt.link
    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_request"
    assert toolkit.token_requests() == 0
