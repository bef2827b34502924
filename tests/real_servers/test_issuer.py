"""Answers that name their issuer, RFC 9207, by servers that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import CONFIDENTIAL, ELSEWHERE
from tests.real_servers.desk import desk_at, ended
from tokendeck.core.errors import IssuerMismatch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.server import Server

pytestmark = pytest.mark.promise(15)


@pytest.mark.parametrize("near", ["/", "X", "/o", ""], ids=["slash", "letter", "path", "less"])
async def test_an_issuer_that_is_nearly_the_right_one_is_another(
    home: Path, server: Server, browser: Browser, near: str
) -> None:
    right = server.base_url + server.known.issuer
    issuer = right + near if near else right[:-1]
    async with desk_at(home / "deck", server.descriptor(issuer=issuer)) as desk:
        shop = await desk.add(server, "authorization_code", CONFIDENTIAL)
        sign_in = await desk.begin(shop)
        page = await browser.sign_in(sign_in.prompt.link)
        error = await ended(sign_in)

        assert isinstance(error, IssuerMismatch)
        assert (error.expected, error.found) == (issuer, right)
        assert f"and not from {issuer}" in page.text
        assert server.token_requests() == 0
        assert await desk.engine.kept_token(shop) is None


async def test_a_denial_of_another_issuer_is_not_believed(home: Path, authlib: Server, browser: Browser) -> None:
    async with desk_at(home / "deck", authlib.descriptor(issuer="https://issuer.example")) as desk:
        sign_in = await desk.begin(await desk.add(authlib, "authorization_code", CONFIDENTIAL))
        await browser.sign_in(sign_in.prompt.link, "Cancel")
        error = await ended(sign_in)

    assert isinstance(error, IssuerMismatch)
    assert error.found == authlib.base_url


async def test_a_denial_without_the_issuer_that_every_answer_names_is_not_believed(
    home: Path, toolkit: Server, browser: Browser
) -> None:
    """As django-oauth-toolkit 3.4 sends it, though its metadata says that every answer names the issuer."""
    async with desk_at(home / "deck", toolkit.descriptor()) as desk:
        sign_in = await desk.begin(await desk.add(toolkit, "authorization_code", CONFIDENTIAL))
        page = await browser.sign_in(sign_in.prompt.link, "Cancel")
        error = await ended(sign_in)

    assert isinstance(error, IssuerMismatch)
    assert (error.expected, error.found, error.code) == (f"{toolkit.base_url}/o", "", "access_denied")
    assert "was most likely told no: you or somebody else declined the sign-in (access_denied)." in page.text
    assert "so it was not taken at its word" in page.text
    assert "interfering" not in page.text


async def test_a_pasted_answer_is_of_the_right_issuer_too(home: Path, server: Server, browser: Browser) -> None:
    async with desk_at(home / "deck", server.descriptor()) as desk:
        shop = await desk.add(server, "authorization_code", CONFIDENTIAL, redirect_uri=ELSEWHERE)
        sign_in = await desk.begin(shop)
        address = await browser.decide(sign_in.prompt.link)
        before, _, _ = address.partition("&iss=")
        sign_in.paste(before)
        error = await ended(sign_in)

    assert before != address
    assert isinstance(error, IssuerMismatch)
    assert server.token_requests() == 0
