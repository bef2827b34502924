"""A little issuer on loopback, which publishes what it is and lets everybody in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from tokendeck.core.sign_in import code_challenge

if TYPE_CHECKING:
    from tests.oauth.servers import Exchange, Server


class Issuer:
    """Lets everybody in, and gives a token for its code and the verifier that belongs to it."""

    def __init__(self, server: Server) -> None:
        self.url = server.url("/one")
        self.challenge = ""
        self.also: dict[str, object] = {}
        """What it publishes beside or instead."""

    async def answer(self, exchange: Exchange) -> None:
        parts = urlsplit(exchange.target)
        match parts.path:
            case "/one/.well-known/openid-configuration":
                await exchange.answer(json.dumps(self.metadata()).encode())
            case "/one/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.challenge = asked["code_challenge"]
                back = urlencode({"code": "c-1", "state": asked["state"], "iss": self.url})
                await exchange.answer(b"", "302 Found", Location=f"{asked['redirect_uri']}?{back}")
            case "/one/token":
                sent = {name: values[0] for name, values in parse_qs(exchange.body.decode()).items()}
                proven = sent["code"] == "c-1" and code_challenge(sent["code_verifier"]) == self.challenge
                assert proven
                assert sent["client_id"] == "deck"
                token = {"access_token": "token-of-the-issuer", "token_type": "Bearer", "expires_in": 3600}
                await exchange.answer(json.dumps(token).encode())
            case _:
                await exchange.answer(b"", "404 Not Found")

    def metadata(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/token",
            "authorization_endpoint": f"{self.url}/authorize",
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "scopes_supported": ["read"],
            **self.also,
        }
