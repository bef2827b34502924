"""Providers, a catalog of them, and what the command line is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.core.expiry import At, Expiry, ExpirySource
from tokendeck.core.provider import (
    AnswerShape,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Field,
    Grant,
    GrantKind,
    Provider,
    Renewal,
    RenewalPolicy,
    Source,
    TestCall,
)
from tokendeck.core.secret import Secret
from tokendeck.core.template import Template
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import Guard, VaultOpen

if TYPE_CHECKING:
    from tests.manual_clock import ManualClock
    from tokendeck.core.connection import Connection

MINT = Exchange(
    url=Template.parse("{base_url}/token"),
    method="POST",
    body=BodyKind.FORM,
    client_auth=ClientAuth(ClientAuthMethod.NONE),
    parameters={"client_id": Template.parse("{client_id}"), "client_secret": Template.parse("{client_secret}")},
)
MAIN = Grant(
    id="client_credentials",
    name="Client credentials",
    kind=GrantKind.CLIENT_CREDENTIALS,
    mint=MINT,
    refresh=None,
    answer=AnswerShape(),
    renewal=Renewal(RenewalPolicy.AHEAD, timedelta(seconds=300)),
)
SIGNING_IN = replace(MAIN, id="authorization_code", name="Signing in", kind=GrantKind.AUTHORIZATION_CODE)
SECRET = Field("client_secret", "Client secret", secret=True)

ACME = Provider(
    id="acme",
    name="Acme Pay",
    monogram="Ac",
    color="#123456",
    source=Source("Authentication", date(2026, 11, 20), "https://acme.example.test/docs"),
    environments=(
        Environment("production", "Production", production=True, base_urls={"base_url": "https://api.acme.test"}),
        Environment("sandbox", "Sandbox", production=False, base_urls={"base_url": "https://sandbox.acme.test"}),
    ),
    fields=(Field("client_id", "Client id"), SECRET, Field("scope", "Scope", required=False)),
    grants=(SIGNING_IN, MAIN),
    test_calls=(TestCall("ping", "Ping", "GET", Template.parse("{base_url}/ping")),),
)
HOSTLESS = replace(
    ACME,
    id="hostless",
    name="Hostless",
    environments=(Environment("production", "Production", production=True, base_urls={}),),
    fields=(Field("base_url", "Base URL", is_url=True), Field("merchantId", "Merchant id"), SECRET),
    grants=(replace(MAIN, mint=replace(MINT, parameters={"id": Template.parse("{merchantId}")})),),
    test_calls=(),
)
PERSONAL = replace(ACME, id="personal", name="Personal", grants=(SIGNING_IN,))
EVERY_USE = replace(
    ACME,
    id="everyuse",
    name="Every Use",
    grants=(replace(MAIN, renewal=Renewal(RenewalPolicy.ON_USE, timedelta(0))),),
    test_calls=(),
)
VAULT = VaultOpen(Guard.KEYRING, "Secret Service")


@dataclass
class Shelf:
    """A catalog of these providers; an override of `renewal.lead` alone is known."""

    shelved: tuple[Provider, ...] = (ACME, EVERY_USE, HOSTLESS, PERSONAL)

    def provider(self, provider_id: str) -> Provider:
        for one in self.shelved:
            if one.id == provider_id:
                return one
        raise UnknownProvider(provider_id, tuple(one.id for one in self.shelved))

    def provider_for(self, connection: Connection) -> Provider:
        for key in connection.overrides.keys() - {"base_url", "renewal.lead"}:
            raise DescriptorError("acme.toml", key, "a key that descriptors have")
        return self.provider(connection.provider)

    def providers(self) -> tuple[Provider, ...]:
        return self.shelved


def token_set(clock: ManualClock, text: str = "token-of-the-hour", expiry: Expiry | None = None) -> TokenSet:
    ends = expiry or At(clock.now().wall + timedelta(hours=1), ExpirySource.EXPIRES_IN)
    return TokenSet(Secret(text), None, TokenFacts(clock.now(), ends, scope=("profile", "email")))
