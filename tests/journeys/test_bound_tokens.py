"""From an issuer that lets nobody in without a certificate to a call that shows it too: RFC 8705."""

from __future__ import annotations

import hashlib
import json
from contextlib import asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
import trustme

from tests.oauth.authorities import HOST, add_authority, serving_context
from tests.oauth.servers import serving
from tests.real_servers.clients import Registered
from tests.real_servers.desk import desk_at
from tokendeck.app.discovery import discover
from tokendeck.core.verdict import Step, VerdictKind
from tokendeck.providers.issuer_files import own_descriptor

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.oauth.servers import Exchange, Server
    from tests.real_servers.desk import Desk
    from tokendeck.core.provider import Provider

WELL_KNOWN = "/.well-known/oauth-authorization-server"
TEST_CALL = '\n[test_calls.accounts]\nname = "Accounts"\nurl = "{url}"\n'


class Bank:
    """Publishes what it is to everybody; behind its door are tokens, bound to the certificate that was shown."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority = authority
        self.front: Server
        self.door: Server
        self.bound: dict[str, str] = {}
        """Thumbprint of the certificate, by token."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Bank]:
        open_to_all = serving_context(self._authority.issue_cert(HOST))
        async with (
            serving(self._greet, tls=open_to_all) as self.front,
            serving(self._serve, tls=self._demanding()) as self.door,
        ):
            yield self

    def _demanding(self) -> ssl.SSLContext:
        context = serving_context(self._authority.issue_cert(HOST))
        context.verify_mode = context.verify_mode.CERT_REQUIRED
        self._authority.configure_trust(context)
        return context

    async def _greet(self, exchange: Exchange) -> None:
        if exchange.target != WELL_KNOWN:
            await exchange.answer(b"", "404 Not Found")
            return
        metadata = {
            "issuer": self.front.url(""),
            "token_endpoint": self.front.url("/token"),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["tls_client_auth"],
            "tls_client_certificate_bound_access_tokens": True,
            "mtls_endpoint_aliases": {"token_endpoint": self.door.url("/token")},
        }
        await exchange.answer(json.dumps(metadata).encode())

    async def _serve(self, exchange: Exchange) -> None:
        shown = exchange.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        thumbprint = hashlib.sha256(shown).hexdigest()
        match exchange.target:
            case "/token":
                sent = dict(parse_qsl(exchange.body.decode()))
                assert sent == {"client_id": "shop", "grant_type": "client_credentials"}
                token = f"bound-{len(self.bound)}"
                self.bound[token] = thumbprint
                await exchange.answer(json.dumps({"access_token": token, "token_type": "Bearer"}).encode())
            case "/accounts":
                token = exchange.headers["authorization"].removeprefix("Bearer ")
                is_right = self.bound.get(token) == thumbprint
                await exchange.answer(b"{}", "200 OK" if is_right else "401 Unauthorized")
            case "/moved":
                await exchange.answer(b"", "307 Temporary Redirect", Location="/accounts")
            case _:
                await exchange.answer(b"", "404 Not Found")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def bank(authority: trustme.CA) -> AsyncIterator[Bank]:
    async with Bank(authority).open() as bank:
        yield bank


@pytest.fixture
async def desk(home: Path, authority: trustme.CA) -> AsyncIterator[Desk]:
    async with desk_at(home / "deck") as desk:
        add_authority(desk.parts.places.certificates, "own.pem", authority)
        yield desk


async def described(desk: Desk, bank: Bank, call: str = "") -> Provider:
    """Write the descriptor, and add a call to it as its user would."""
    found = await discover(desk.parts.endpoint, bank.front.url(""))
    provider, file = own_descriptor(found, desk.parts.catalog, desk.parts.places.providers, date(2026, 11, 21))
    assert file is not None
    with file.open("a", encoding="utf-8") as stream:
        stream.write(TEST_CALL.format(url=call or bank.door.url("/accounts")))
    desk.parts.catalog.reload()
    return desk.parts.catalog.provider(provider.id)


async def shop_of(desk: Desk, provider: Provider, authority: trustme.CA) -> str:
    leaf = authority.issue_cert("shop@example.test")
    client = Registered("shop", private_key=leaf.private_key_pem.bytes().decode())
    certificate = leaf.cert_chain_pems[0].bytes().decode()
    return await desk.add_to(provider, "client_credentials", client, certificate=certificate)


async def test_a_call_shows_the_certificate_that_its_token_is_bound_to(
    desk: Desk, bank: Bank, authority: trustme.CA
) -> None:
    provider = await described(desk, bank)
    one, other = [await shop_of(desk, provider, authority) for _ in range(2)]

    verdicts = [await desk.engine.test(one), await desk.engine.test(other), await desk.engine.test(one)]

    assert [verdict.kind for verdict in verdicts] == [VerdictKind.WORKS] * 3
    assert not any(verdict.retried for verdict in verdicts)
    assert len(set(bank.bound.values())) == 2
    assert [got.target for got in bank.front.received] == ["/.well-known/openid-configuration", WELL_KNOWN]


async def test_a_redirect_inside_the_origin_is_followed_with_the_certificate(
    desk: Desk, bank: Bank, authority: trustme.CA
) -> None:
    provider = await described(desk, bank, bank.door.url("/moved"))

    verdict = await desk.engine.test(await shop_of(desk, provider, authority))

    assert verdict.kind is VerdictKind.WORKS
    assert [got.target for got in bank.door.received] == ["/token", "/moved", "/accounts"]


@pytest.mark.promise(10)
async def test_an_origin_that_nobody_confirmed_sees_no_certificate(
    desk: Desk, bank: Bank, authority: trustme.CA
) -> None:
    async with Bank(authority).open() as stranger:
        provider = await described(desk, bank)
        shop = await shop_of(desk, provider, authority)
        file = desk.parts.places.providers / f"{provider.id}.toml"
        moved = file.read_text(encoding="utf-8").replace(bank.door.url("/accounts"), stranger.door.url("/accounts"))
        file.write_text(moved, encoding="utf-8")
        desk.parts.catalog.reload()

        verdict = await desk.engine.test(shop)

        assert (verdict.kind, verdict.step) == (VerdictKind.REFUSED, Step.TOKEN)
        assert stranger.door.connections == 0
