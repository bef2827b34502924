"""Every request that the sandbox has read, kept for tests to look at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tokendeck.sandbox.message import Headers, Request
    from tokendeck.sandbox.script import Endpoint, Place, ProviderId


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came, secrets and tokens included, and what became of it."""

    provider: ProviderId | None
    """None where the path is no provider's."""

    endpoint: Endpoint | None
    """None where the path is no provider's."""

    method: str
    path: str
    """As it was sent, with the query if it had one."""

    headers: Headers
    """Names in lower case; a field that came twice is there twice."""

    body: bytes
    at: datetime
    """When it had arrived in full, aware UTC."""

    status: int | None
    """What was answered; None while it waits, and where the connection was dropped instead."""

    def header(self, name: str) -> str | None:
        """Give a header by its name in any case, all its values joined with commas; None where it is absent."""
        values = [value for key, value in self.headers if key == name.lower()]
        return ", ".join(values) if values else None


class Journal:
    """Records in order of arrival."""

    def __init__(self) -> None:
        """Start empty."""
        self._records: list[Received] = []
        self._next_arrival = asyncio.Event()

    @property
    def records(self) -> list[Received]:
        """A copy of all records."""
        return list(self._records)

    def arrived(self, place: Place | None, request: Request, at: datetime) -> int:
        """Note a request and wake who waits for it; gives its number for `answered`."""
        self._records.append(
            Received(
                provider=None if place is None else place.provider,
                endpoint=None if place is None else place.endpoint,
                method=request.method,
                path=request.target,
                headers=request.headers,
                body=request.body,
                at=at,
                status=None,
            )
        )
        self._next_arrival.set()
        self._next_arrival = asyncio.Event()
        return len(self._records) - 1

    def answered(self, number: int, status: int) -> None:
        """Note the status that a request is about to get."""
        self._records[number] = replace(self._records[number], status=status)

    def count(self, provider: ProviderId | None, endpoint: Endpoint | None) -> int:
        """Count the requests that fit; None fits every request."""
        return sum(
            provider in {None, record.provider} and endpoint in {None, record.endpoint} for record in self._records
        )

    async def wait_for(self, count: int, provider: ProviderId | None, endpoint: Endpoint | None) -> None:
        """Return once at least `count` requests that fit have arrived, answered or not."""
        while self.count(provider, endpoint) < count:
            await self._next_arrival.wait()
