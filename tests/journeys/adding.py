"""How a person at the window adds a connection to the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.journeys.person import Person
    from tests.journeys.stage import Stage
    from tokendeck.sandbox import ProviderId

LABELS: dict[ProviderId, dict[str, str]] = {
    "payos": {"merchantId": "Merchant ID", "clientSecret": "Client secret"},
    "paysera": {"client_id": "Client ID", "client_secret": "Client secret"},
    "pyng": {"username": "API username", "base_url": "Base URL", "password": "API password", "scope": "Scope"},
    "payt": {"client_id": "Client ID", "client_secret": "Client secret"},
    "paysecurez": {"client_id": "Client ID", "client_secret": "Client secret"},
}
"""What the form calls each field; the first one is an id, which is no secret."""

SECRETS: dict[ProviderId, str] = {
    "payos": "clientSecret",
    "paysera": "client_secret",
    "pyng": "password",
    "payt": "client_secret",
    "paysecurez": "client_secret",
}


async def fill_in(person: Person, stage: Stage, provider: ProviderId, name: str, *, secret: str = "") -> None:
    """Choose the provider and fill in its form, with another `secret` than the right one where that is given."""
    fields = stage.sandbox.fields[provider]
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


async def add(person: Person, stage: Stage, provider: ProviderId, name: str) -> None:
    """Add a connection that works, and its first token."""
    await person.until_reading("Vault: in memory")
    await fill_in(person, stage, provider, name)
    person.press("Test and save")
    await person.until_reading("It works. 200 in ")
    person.press("Close")
    await person.until(lambda: not person.dialog and person.row(name))
