"""Signing in with a browser at servers that others wrote."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.real_servers.clients import CONFIDENTIAL, ELSEWHERE, MACHINE, PUBLIC
from tests.real_servers.desk import desk_at, ended
from tokendeck.core.errors import EndOfSignIn, NotThisSignIn, SignInEnded, SignInRefused
from tokendeck.core.sign_in import code_challenge
from tokendeck.core.status import Live
from tokendeck.core.verdict import VerdictKind

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server


def query_of(address: str) -> dict[str, str]:
    """Give the parameters of an address, each of which stands there once."""
    return {name: one for name, (one,) in parse_qs(urlsplit(address).query, strict_parsing=True).items()}


async def test_a_machine_gets_asks_about_and_gives_back_its_token(server: Server, desk: Desk) -> None:
    machine = await desk.add(server, "client_credentials", MACHINE, scope="read")

    tokens = await desk.engine.token(machine)
    told = await desk.engine.introspect(machine)
    taken = server.token_requests()
    await desk.engine.revoke(machine)

    assert taken == 1
    assert tokens.facts.scope == ("read",)
    assert tokens.refresh_token is None
    assert (told.active, told.claims["client_id"], told.claims["scope"]) == (True, "machine", "read")
    assert not server.accepts(tokens.access_token.reveal())
    assert await desk.engine.kept_token(machine) is None


@pytest.mark.parametrize(("grant", "client"), [("authorization_code", CONFIDENTIAL), ("public", PUBLIC)])
@pytest.mark.promise(13)
@pytest.mark.promise(16)
async def test_a_person_signs_in_with_a_browser(
    server: Server, desk: Desk, browser: Browser, grant: str, client: Registered
) -> None:
    shop = await desk.add(server, grant, client, scope="read")

    sign_in = await desk.begin(shop)
    page = await browser.sign_in(sign_in.prompt.link)
    tokens = await sign_in.outcome()

    sent = query_of(sign_in.prompt.link)
    verifier = sign_in.verifier.reveal()
    assert (sent["code_challenge_method"], sent["code_challenge"]) == ("S256", code_challenge(verifier))
    assert urlsplit(sign_in.prompt.redirect_uri).hostname == "127.0.0.1"
    assert "Signed in" in page.text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    with pytest.raises(httpx.ConnectError):
        await browser.open(sign_in.prompt.redirect_uri)
    assert server.token_requests() == 1
    assert await desk.kept(shop) == tokens
    assert isinstance(desk.engine.status(shop), Live)
    assert (await desk.engine.test(shop)).kind is VerdictKind.WORKS


async def test_the_provider_says_whose_token_it_is(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.signed_in(server, browser)

    told = await desk.engine.introspect(shop)

    assert told.active
    assert {name: told.claims[name] for name in ("client_id", "username", "scope")} == {
        "client_id": "shop",
        "username": "ada",
        "scope": "read",
    }


async def test_where_the_browser_ends_elsewhere_its_address_is_pasted(
    server: Server, desk: Desk, browser: Browser
) -> None:
    shop = await desk.add(server, "authorization_code", CONFIDENTIAL, redirect_uri=ELSEWHERE, scope="read")
    sign_in = await desk.begin(shop)

    address = await browser.decide(sign_in.prompt.link)
    with pytest.raises(NotThisSignIn):
        sign_in.paste(address.replace("acme", "other"))
    sign_in.paste(f"{address[:40]}\n  {address[40:]}\n")
    tokens = await sign_in.outcome()

    assert sign_in.prompt.is_pasted
    assert address.startswith(ELSEWHERE)
    assert server.accepts(tokens.access_token.reveal())


async def test_a_person_who_says_no_is_believed(home: Path, server: Server, browser: Browser) -> None:
    # django-oauth-toolkit 3.4 says that its answers name the issuer, and leaves it out of this one.
    async with desk_at(home / "deck", server.descriptor(names_issuer=False)) as desk:
        sign_in = await desk.begin(await desk.add(server, "authorization_code", CONFIDENTIAL))
        page = await browser.sign_in(sign_in.prompt.link, "Cancel")
        error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert error.code == "access_denied"
    assert "the sign-in was not allowed" in page.text
    assert server.token_requests() == 0


@pytest.mark.promise(14)
async def test_a_wrong_state_ends_nothing(server: Server, desk: Desk, browser: Browser) -> None:
    sign_in = await desk.begin(await desk.add(server, "authorization_code", CONFIDENTIAL))
    address = await browser.decide(sign_in.prompt.link)
    state = query_of(address)["state"]

    pages = [
        await browser.open(wrong)
        for wrong in (
            address.replace(state, "x" * len(state)),
            address.replace(f"state={state}", "state="),
            f"{address}&state={state}",
        )
    ]
    asked = server.token_requests()
    right = await browser.open(address)
    await sign_in.outcome()

    assert all("Signed in" not in page.text for page in pages)
    assert asked == 0
    assert "Signed in" in right.text
    assert server.token_requests() == 1


@pytest.mark.promise(16)
async def test_a_code_of_somebody_elses_browser_is_worth_nothing(server: Server, desk: Desk, browser: Browser) -> None:
    """The code was issued for another verifier, and slipped into the right attempt."""
    shop = await desk.add(server, "authorization_code", CONFIDENTIAL)
    sign_in = await desk.begin(shop)
    theirs = sign_in.prompt.link.replace(query_of(sign_in.prompt.link)["code_challenge"], code_challenge("v" * 43))

    page = await browser.sign_in(theirs)
    error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_grant"
    assert "did not take the code" in page.text
    assert await desk.engine.kept_token(shop) is None


async def test_a_code_that_lay_too_long_is_told_as_such(server: Server, desk: Desk, browser: Browser) -> None:
    sign_in = await desk.begin(await desk.add(server, "authorization_code", CONFIDENTIAL))
    address = await browser.decide(sign_in.prompt.link)

    server.let("let_codes_expire")
    page = await browser.open(address)
    error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_grant"
    assert "Codes are good once and for a short time" in page.text


@pytest.mark.promise(14)
async def test_a_code_is_good_once(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.add(server, "authorization_code", CONFIDENTIAL, redirect_uri=ELSEWHERE)
    first = await desk.begin(shop)
    address = await browser.decide(first.prompt.link)
    first.paste(address)
    with pytest.raises(NotThisSignIn):
        first.paste(address)
    tokens = await first.outcome()
    once = server.token_requests()

    second = await desk.begin(shop)
    with pytest.raises(NotThisSignIn):
        second.paste(address)
    second.paste(address.replace(query_of(address)["state"], query_of(second.prompt.link)["state"]))
    error = await ended(second)

    assert isinstance(error, SignInRefused)
    assert error.code == "invalid_grant"
    assert (once, server.token_requests()) == (1, 1)
    assert await desk.kept(shop) == tokens


async def test_a_redirect_uri_that_is_not_registered_is_refused_before_anybody_signs_in(
    server: Server, desk: Desk, browser: Browser
) -> None:
    shop = await desk.add(server, "authorization_code", CONFIDENTIAL, redirect_uri="http://127.0.0.1/elsewhere")
    sign_in = await desk.begin(shop)

    page = await browser.open(sign_in.prompt.link)
    waits = not sign_in.is_over
    sign_in.cancel()
    error = await ended(sign_in)

    assert page.status_code == 400
    assert page.url.host == "127.0.0.1"
    assert page.url.port == httpx.URL(server.base_url).port
    assert waits
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.CANCELLED
    assert server.token_requests() == 0


@pytest.mark.promise(17)
async def test_a_code_goes_only_where_it_was_asked_for(
    home: Path, toolkit: Server, authlib: Server, browser: Browser
) -> None:
    async with desk_at(home / "deck", toolkit.descriptor(), authlib.descriptor()) as desk:
        ours = await desk.add(toolkit, "authorization_code", CONFIDENTIAL)
        theirs = await desk.add(authlib, "authorization_code", CONFIDENTIAL)
        earlier = await desk.begin(theirs)
        astray = await browser.decide(earlier.prompt.link)
        sign_in = await desk.begin(ours)
        port = urlsplit(sign_in.prompt.redirect_uri).netloc
        page = await browser.open(urlsplit(astray)._replace(netloc=port).geturl())
        asked = toolkit.token_requests() + authlib.token_requests()
        await browser.sign_in(sign_in.prompt.link)
        await sign_in.outcome()

    error = await ended(earlier)
    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.REPLACED
    assert "This did not work" in page.text
    assert asked == 0
    assert (toolkit.token_requests(), authlib.token_requests()) == (1, 0)


@pytest.mark.promise(10)
async def test_no_secret_is_in_any_address_that_is_asked_for(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.add(server, "authorization_code", CONFIDENTIAL, scope="read")
    sign_in = await desk.begin(shop)
    await browser.sign_in(sign_in.prompt.link)
    first = await sign_in.outcome()
    second = await desk.engine.refresh(shop)
    await desk.engine.test(shop)
    await desk.engine.introspect(shop)
    await desk.engine.revoke(shop)

    lines = "\n".join(server.asked())

    assert server.known.introspect in lines
    secrets = [one for tokens in (first, second) for one in (tokens.access_token, tokens.refresh_token) if one]
    assert len(secrets) == 4
    planted = [CONFIDENTIAL.secret, "s3cret", sign_in.verifier.reveal(), *(one.reveal() for one in secrets)]
    assert [one for one in planted if one in lines] == []


async def test_many_may_wait_for_one_sign_in(server: Server, desk: Desk, browser: Browser) -> None:
    sign_in = await desk.begin(await desk.add(server, "public", PUBLIC))
    waiting = [asyncio.create_task(sign_in.outcome()) for _ in range(3)]
    waiting[0].cancel()

    await browser.sign_in(sign_in.prompt.link)
    tokens = await asyncio.gather(*waiting[1:])

    assert tokens[0] == tokens[1]
    assert server.token_requests() == 1
