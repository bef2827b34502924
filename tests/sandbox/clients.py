"""Clients that speak each dialect as its page has it, for tests to bend."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tokendeck.sandbox import ProviderId, Sandbox

PROVIDERS: tuple[ProviderId, ...] = ("payos", "paysera", "pyng", "payt", "paysecurez")

TOKEN_PATHS: dict[ProviderId, str] = {
    "payos": "/api/v1/oauth2/token",
    "paysera": "/auth/realms/Paysera/protocol/openid-connect/token",
    "pyng": "/checkout/oauth2/token",
    "payt": "/oauth/token",
    "paysecurez": "/api/token",
}
API_PATHS: dict[ProviderId, str] = {
    "payos": "/api/v1/payment",
    "paysera": "/checkout-project/integration/v1/methods",
    "pyng": "/checkout/some-endpoint",
    "payt": "/api/some-endpoint",
    "paysecurez": "/some-endpoint",
}
FORM = "application/x-www-form-urlencoded"


@dataclass
class HandClock:
    """Stands still unless moved."""

    time: datetime

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def token_request(sandbox: Sandbox, provider: ProviderId) -> dict[str, Any]:
    """Give the arguments of `httpx.AsyncClient.post` for a documented request."""
    fields = sandbox.fields[provider]
    match provider:
        case "payos" | "paysecurez":
            return {"json": fields}
        case "paysera":
            return {"data": {"grant_type": "client_credentials", **fields}}
        case "pyng":
            return {
                "data": {"grant_type": "client_credentials", "scope": fields["scope"]},
                "headers": {"Authorization": basic(fields["username"], fields["password"])},
            }
        case "payt":
            return {
                "data": {"grant_type": "client_credentials"},
                "headers": {"Authorization": basic(fields["client_id"], fields["client_secret"])},
            }


@dataclass
class Caller:
    """One HTTP client at one sandbox."""

    sandbox: Sandbox
    http: httpx.AsyncClient

    async def ask(self, provider: ProviderId, **changes: Any) -> httpx.Response:  # noqa: ANN401 - as httpx has them
        """Send a documented token request, but for `changes` of httpx's arguments; None takes one away."""
        wanted = token_request(self.sandbox, provider) | changes
        given = {name: value for name, value in wanted.items() if value is not None}
        return await self.http.post(TOKEN_PATHS[provider], **given)

    async def mint(self, provider: ProviderId) -> str:
        answer = await self.ask(provider)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def call(self, provider: ProviderId, token: str) -> httpx.Response:
        return await self.http.get(API_PATHS[provider], headers={"Authorization": f"Bearer {token}"})


@asynccontextmanager
async def connection(sandbox: Sandbox) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = sandbox.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):  # the sandbox may have closed first
            await writer.wait_closed()


async def send(sandbox: Sandbox, data: bytes) -> bytes:
    """Send `data`, then nothing more; give all that comes back."""
    async with connection(sandbox) as (reader, writer):
        writer.write(data)
        writer.write_eof()
        return await reader.read()
