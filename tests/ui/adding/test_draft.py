from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui import samples
from tests.ui.fake_engine import FakeEngine
from tokendeck.core.connection import BASE_URL, Connection
from tokendeck.core.preview import preview
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.draft import Draft, bridge_gaps

if TYPE_CHECKING:
    from tokendeck.core.provider import Provider


def shown(provider: Provider, connection: Connection, **secrets: str) -> str:
    draft = Draft(connection, {key: Secret(text) for key, text in secrets.items()})
    filled = bridge_gaps(draft, provider, {}, "Base URL")
    request = FakeEngine().request_preview(filled.draft.connection, filled.draft.secrets)
    return "\n".join("".join(span.text for span in line) for line in filled.show(preview(request)))


async def test_nothing_typed_shows_the_labels_in_their_places() -> None:
    text = shown(samples.PYNG, samples.connection(samples.PYNG, values={}))

    assert text.startswith("POST <Base URL>/checkout/oauth2/token\n")
    assert "base64(<API username>:<API password>)" in text
    assert "&scope=<Scope>" in text


async def test_what_is_typed_takes_the_place_of_its_label() -> None:
    values = {"base_url": "https://partner.test", "username": "s6", "scope": "a b"}

    text = shown(samples.PYNG, samples.connection(samples.PYNG, values=values), password="hunter2")

    assert "POST https://partner.test/checkout/oauth2/token" in text
    assert "base64(s6:••••••••)" in text
    assert "&scope=a+b" in text
    assert "hunter2" not in text


async def test_half_an_address_is_still_a_gap() -> None:
    text = shown(samples.PYNG, samples.connection(samples.PYNG, values={"base_url": "http://partner.te"}))

    assert text.startswith("POST <Base URL>/")


async def test_an_environment_of_ones_own_needs_an_address() -> None:
    text = shown(samples.PAYSERA, samples.connection(samples.PAYSERA, environment="Staging"))

    assert text.startswith("POST <Base URL>/auth/realms/")


async def test_a_half_typed_override_is_a_gap_as_well() -> None:
    text = shown(samples.PAYSERA, samples.connection(samples.PAYSERA, overrides={BASE_URL: "https://"}))

    assert text.startswith("POST <Base URL>/auth/realms/")
