"""How a person at the window adds a connection to the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from tokendeck.sandbox import ProviderId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.journeys.person import Person
    from tests.journeys.stage import Stage

ProviderOrOwn: TypeAlias = ProviderId | Literal["acme"]

LABELS: dict[ProviderOrOwn, dict[str, str]] = {
    "payos": {"merchantId": "Merchant ID", "clientSecret": "Client secret"},
    "paysera": {"client_id": "Client ID", "client_secret": "Client secret"},
    "pyng": {"username": "API username", "base_url": "Base URL", "password": "API password", "scope": "Scope"},
    "payt": {"client_id": "Client ID", "client_secret": "Client secret"},
    "paysecurez": {"client_id": "Client ID", "client_secret": "Client secret"},
    "acme": {"client_id": "Key id", "client_secret": "Secret"},
}
"""What the form calls each field; the first one is an id, which is no secret."""

SECRETS: dict[ProviderOrOwn, str] = {
    "payos": "clientSecret",
    "paysera": "client_secret",
    "pyng": "password",
    "payt": "client_secret",
    "paysecurez": "client_secret",
    "acme": "client_secret",
}

OWN_PROVIDER = """
id = "acme"
name = "Acme Payments"
monogram = "Ac"
color = "#205080"

[source]
page = "Acme's own wiki"
read = 2026-11-20

[environments.production]
base_url = "https://api.acme.example"

[[fields]]
key = "client_id"
label = "Key id"

[[fields]]
key = "client_secret"
label = "Secret"
secret = true

[grants.client_credentials]
url = "{base_url}/auth/realms/Paysera/protocol/openid-connect/token"
body = "form"

[grants.client_credentials.parameters]
grant_type = "client_credentials"
client_id = "{client_id}"
client_secret = "{client_secret}"
"""
"""A provider of the user's own, which speaks the dialect of Paysera."""


async def fill_in(
    person: Person,
    stage: Stage,
    provider: ProviderOrOwn,
    name: str,
    *,
    secret: str = "",
    fields: Mapping[str, str] | None = None,
) -> None:
    """Choose the provider and fill in its form, with other `fields` or another `secret` than the sandbox's."""
    fields = dict(fields or stage.sandbox.fields["paysera" if provider == "acme" else provider])
    if secret:
        fields[SECRETS[provider]] = secret
    person.press("Add a connection")
    await person.until(lambda: person.dialog == "Add a connection")
    person.fill("Search providers", provider)
    person.press("Continue")
    person.fill("Name", name)
    person.choose("Environment", "Another")
    person.fill("Environment name", "Sandbox")
    if "base_url" not in fields:
        person.fill("Base URL", stage.sandbox.base_url)
    for key, label in LABELS[provider].items():
        person.fill(label, fields[key])


async def add(person: Person, stage: Stage, provider: ProviderOrOwn, name: str, *, vault: str = "in memory") -> None:
    """Add a connection that works, and its first token."""
    await person.until_reading(vault)
    await fill_in(person, stage, provider, name)
    person.press("Test and save")
    await person.until_reading("It works. 200 in ")
    person.press("Close")
    await person.until(lambda: not person.dialog and person.row(name))
