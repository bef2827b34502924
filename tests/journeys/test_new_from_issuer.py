"""From an issuer's URL to a token: `discover`, `add --from-issuer`, `login`, against a little issuer on loopback."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.journeys.shell import Shell, new_passphrase
from tests.oauth.servers import Server, serving
from tokendeck.core.sign_in import code_challenge

if TYPE_CHECKING:
    from pathlib import Path

    from tests.oauth.servers import Exchange


class Issuer:
    """Lets everybody in, and gives a token for its code and the verifier that belongs to it."""

    def __init__(self, server: Server) -> None:
        self.url = server.url("/one")
        self.challenge = ""

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
        }


async def start(shell: Shell, *words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*shell.arguments(*words), stdin=pipe, stdout=pipe, stderr=pipe)


async def run(shell: Shell, *words: str) -> tuple[int | None, str, str]:
    process = await start(shell, *words)
    out, err = await process.communicate(b"")
    return process.returncode, out.decode(), err.decode()


async def test_from_an_issuers_url_to_a_token(home: Path) -> None:
    shell = Shell(home / "deck", new_passphrase(home))
    async with serving() as server:
        issuer = Issuer(server)
        server.script = issuer.answer

        found = await run(shell, "discover", issuer.url, "--json")
        added = await run(
            *(shell, "add", "--from-issuer", issuer.url, "Mine", "--set=client_id=deck"),
            "--grant=authorization_code_public",
        )
        login = await start(shell, "login", "Mine", "--no-browser")
        assert login.stdout is not None
        link = (await login.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            page = (await browser.get(link)).text
        _, err = await login.communicate()
        token = await run(shell, "token", "Mine")

    assert found[0] == 0, found[2]
    assert json.loads(found[1])["issuer"] == issuer.url
    assert added[0] == 0, added[2]
    assert "tokendeck login Mine" in added[2]
    assert "Signed in" in page
    assert login.returncode == 0, err.decode()
    assert token[1].strip() == "token-of-the-issuer"
    assert [one.name for one in (home / "deck" / "providers").iterdir()] == ["issuer-127-0-0-1.toml"]
