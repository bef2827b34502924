"""A server of one's own authority, as a shell meets it, in surroundings that would like to listen."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.journeys.shell import Result, Shell
from tests.oauth.authorities import HOST, add_authority, serving_context
from tests.oauth.servers import serving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.oauth.servers import Exchange

SECRET = '{"clientSecret": "s3cret"}'


async def tokendeck(shell: Shell, *words: str, given: str = "", env: Mapping[str, str] | None = None) -> Result:
    """Run a command while this loop serves it."""
    process = await asyncio.create_subprocess_exec(
        *shell.arguments(*words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    out, err = await process.communicate(given.encode())
    return Result(process.returncode or 0, out.decode(), err.decode())


async def answer(exchange: Exchange) -> None:
    await exchange.answer(b'{"access_token": "a-token"}', Content_Type="application/json")


@pytest.mark.promise(8)
@pytest.mark.promise(11)
async def test_it_is_refused_until_its_authority_is_added_and_nobody_listens_in(shell: Shell, home: Path) -> None:
    authority = trustme.CA()
    (home / ".netrc").write_text(f"machine {HOST} login somebody password other\n", encoding="utf-8")
    (home / ".netrc").chmod(0o600)
    async with serving(answer, tls=serving_context(authority.issue_cert(HOST))) as server, serving() as listener:
        elsewhere = f"http://{HOST}:{listener.port}"
        proxies = {f"{name}_proxy": elsewhere for name in ("http", "https", "all")}
        surroundings = {
            **proxies,
            **{name.upper(): value for name, value in proxies.items()},
            "NO_PROXY": "",
            "no_proxy": "",
            "NETRC": str(home / ".netrc"),
            "SSLKEYLOGFILE": str(home / "keys.log"),
            "REQUESTS_CA_BUNDLE": str(home / "nobody.pem"),
            "CURL_CA_BUNDLE": str(home / "nobody.pem"),
        }
        base_url = f"--set=base_url=https://{HOST}:{server.port}"
        identity = "--set=merchantId=m-1"
        added = await tokendeck(
            shell,
            "add",
            "payos",
            "Mine",
            "--environment",
            "Own",
            base_url,
            identity,
            "--secrets-from",
            "-",
            given=SECRET,
        )

        refused = await tokendeck(shell, "token", "Mine", env=surroundings)
        listed = await tokendeck(shell, "list", "--json")
        seen_before = [*server.received, *server.fragments]
        add_authority(shell.home / "certificates", "own.pem", authority)
        given_out = await tokendeck(shell, "token", "Mine", "--fresh", env=surroundings)

    assert added.code == 0, added.err
    assert (refused.code, refused.out) == (3, "")
    assert f"This computer knows nobody who vouches for {HOST}:{server.port}; nothing was sent." in refused.err
    assert "nothing was sent." in listed.json[0]["last_error"]
    assert seen_before == []
    assert (given_out.code, given_out.out) == (0, "a-token\n"), given_out.err
    (request,) = server.received
    assert "authorization" not in request.headers
    assert listener.connections == 0
    assert not (home / "keys.log").exists()
