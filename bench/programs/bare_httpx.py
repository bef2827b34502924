"""
The baseline of fetching: httpx on plain asyncio, nothing checked and nothing saved.

Reads a line of JSON (`accounts`: PYNG's fields; `count`; `at_once`; `library`: httpx or authlib), asks for so many
tokens in turn by account, and prints how long that took, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATH = "/checkout/oauth2/token"

Account = dict[str, str]


async def by_httpx(client: httpx.AsyncClient, account: Account) -> None:
    answer = await client.post(
        account["base_url"] + PATH,
        data={"grant_type": "client_credentials", "scope": account["scope"]},
        auth=(account["username"], account["password"]),
    )
    assert answer.json()["access_token"]


def by_authlib(accounts: list[Account]) -> Callable[[Account], Awaitable[object]]:
    """Give what asks by Authlib's client, of which each account needs one."""
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    clients: dict[str, Any] = {
        one["base_url"]: AsyncOAuth2Client(one["username"], one["password"], scope=one["scope"], trust_env=False)
        for one in accounts
    }

    async def fetch(account: Account) -> None:
        url = account["base_url"]
        assert (await clients[url].fetch_token(url + PATH, grant_type="client_credentials"))["access_token"]

    return fetch


async def measure(accounts: list[Account], count: int, at_once: int, library: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        fetch = by_authlib(accounts) if library == "authlib" else lambda account: by_httpx(client, account)
        for account in accounts:
            await fetch(account)
        left = iter(accounts[number % len(accounts)] for number in range(count))

        async def work() -> None:
            for account in left:
                await fetch(account)

        started_s = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(at_once)))
        return time.perf_counter() - started_s


if __name__ == "__main__":
    for line in sys.stdin:
        request = json.loads(line)
        request.pop("do")
        print(json.dumps(asyncio.run(measure(**request))), flush=True)
