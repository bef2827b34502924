"""The five dialects over the wire: descriptor, request, endpoint and answer together, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.samples import connection, mint, shipped
from tokendeck.core.answers import read_token_answer
from tokendeck.core.errors import ConfigurationRefused
from tokendeck.core.expiry import source_word
from tokendeck.core.request import build_call, connection_values
from tokendeck.core.secret import Secret
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider
    from tokendeck.oauth.endpoint import HttpEndpoint
    from tokendeck.sandbox import ProviderId

EXPIRY = {
    "payos": "not_stated",
    "paysera": "expires_in",
    "pyng": "expires_in",
    "payt": "never",
    "paysecurez": "expires_in",
}

every_provider = pytest.mark.parametrize("provider_id", EXPIRY)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as sandbox:
        yield sandbox


def settings(sandbox: Sandbox, provider: Provider) -> tuple[Connection, dict[str, str]]:
    """Give a connection to the sandbox, and its secrets."""
    fields = dict(sandbox.fields[provider.id])  # type: ignore[index]  # the sandbox knows the shipped ids
    secrets = {one.key: fields.pop(one.key) for one in provider.fields_of("client_credentials") if one.secret}
    overrides = {"base_url": sandbox.base_url}
    return connection(provider.id, "client_credentials", overrides, **fields), secrets


@every_provider
async def test_a_token_is_issued(sandbox: Sandbox, endpoint: HttpEndpoint, provider_id: ProviderId) -> None:
    provider = shipped(provider_id)
    made, secrets = settings(sandbox, provider)

    answer = await endpoint.send(mint(provider, made, **secrets))

    tokens = read_token_answer(answer, provider.grant(made.grant), provider.id)
    assert tokens.access_token
    assert source_word(tokens.facts.expiry) == EXPIRY[provider_id]
    assert sandbox.count(provider_id, "token") == 1


@every_provider
async def test_a_wrong_secret_is_refused_in_the_providers_own_words(
    sandbox: Sandbox, endpoint: HttpEndpoint, provider_id: ProviderId
) -> None:
    provider = shipped(provider_id)
    made, secrets = settings(sandbox, provider)

    answer = await endpoint.send(mint(provider, made, **dict.fromkeys(secrets, "wrong")))

    with pytest.raises(ConfigurationRefused) as caught:
        read_token_answer(answer, provider.grant(made.grant), provider.id)
    assert caught.value.words or caught.value.code


@pytest.mark.parametrize("provider_id", ["payos", "paysera"])
async def test_the_documented_call_works(sandbox: Sandbox, endpoint: HttpEndpoint, provider_id: ProviderId) -> None:
    provider = shipped(provider_id)
    made, secrets = settings(sandbox, provider)
    tokens = read_token_answer(
        await endpoint.send(mint(provider, made, **secrets)), provider.grant(made.grant), provider.id
    )
    values = connection_values(provider, made, {key: Secret(text) for key, text in secrets.items()})

    answer = await endpoint.send(build_call(provider.test_calls[0], values, tokens), follow_same_origin=True)

    assert answer.status == 200
