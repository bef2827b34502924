"""A provider at which a person signs in, and the answers of a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.engine.scripted import exchange, provider
from tokendeck.core.errors import (
    TokendeckError,
)
from tokendeck.core.provider import Authorize, GrantKind
from tokendeck.core.template import Template
from tokendeck.engine.attempts import BrowserSignIn

if TYPE_CHECKING:
    from tests.engine.rig import Rig
    from tokendeck.core.provider import Provider
    from tokendeck.engine.attempts import SignIn

PASTED = "https://example.com/callbacks/acme"


def signed_in(*, client_id: str = "{client_id}") -> Provider:
    """Give a provider at which a person signs in."""
    one = provider(kind=GrantKind.AUTHORIZATION_CODE, refreshes=True)
    grant = replace(
        one.grants[0],
        authorize=Authorize(Template.parse("{base_url}/authorize"), {"client_id": Template.parse(client_id)}),
        mint=exchange(
            grant_type="authorization_code",
            code="{code}",
            code_verifier="{code_verifier}",
            redirect_uri="{redirect_uri}",
            client_secret="{client_secret}",
        ),
    )
    return replace(one, grants=(grant,))


async def begin(rig: Rig, connection_id: str) -> BrowserSignIn:
    sign_in = await rig.engine.sign_in(connection_id)
    assert isinstance(sign_in, BrowserSignIn)
    return sign_in


def answer(sign_in: BrowserSignIn, **fields: str) -> str:
    (state,) = parse_qs(urlsplit(sign_in.prompt.link).query)["state"]
    return "&".join(f"{name}={value}" for name, value in {"state": state, **fields}.items())


async def ended(sign_in: SignIn) -> TokendeckError:
    with pytest.raises(TokendeckError) as caught:
        await sign_in.outcome()
    return caught.value
