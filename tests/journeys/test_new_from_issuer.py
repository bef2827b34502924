"""From an issuer's URL to a token: `discover`, `add --from-issuer`, `login`, against a little issuer on loopback."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx

from tests.journeys.issuer import Issuer
from tests.journeys.shell import Shell, new_passphrase
from tests.oauth.servers import serving

if TYPE_CHECKING:
    from pathlib import Path


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
