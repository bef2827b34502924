from __future__ import annotations

import itertools
import socket
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.oauth.servers import serving
from tokendeck.core.moment import Moment
from tokendeck.oauth.endpoint import HttpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.oauth.servers import Server

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class MakeEndpoint(Protocol):
    def __call__(
        self,
        *,
        ca_folder: Path | None = None,
        connect_s: float = 10,
        read_s: float = 20,
        total_s: float = 30,
        certificate_kept_s: float = 60,
    ) -> HttpEndpoint: ...


@pytest.fixture
async def make_endpoint() -> AsyncIterator[MakeEndpoint]:
    """Make endpoints whose clock moves a second with each reading; all are closed in the end."""
    readings = itertools.count()
    async with AsyncExitStack() as stack:

        def now() -> Moment:
            seconds = next(readings)
            return Moment(START + timedelta(seconds=seconds), float(seconds), "boot")

        def make(
            *,
            ca_folder: Path | None = None,
            connect_s: float = 10,
            read_s: float = 20,
            total_s: float = 30,
            certificate_kept_s: float = 60,
        ) -> HttpEndpoint:
            endpoint = HttpEndpoint(
                now,
                ca_folder=ca_folder,
                connect_timeout=timedelta(seconds=connect_s),
                read_timeout=timedelta(seconds=read_s),
                total_timeout=timedelta(seconds=total_s),
                certificate_kept=timedelta(seconds=certificate_kept_s),
            )
            stack.push_async_callback(endpoint.aclose)
            return endpoint

        yield make


@pytest.fixture
def endpoint(make_endpoint: MakeEndpoint) -> HttpEndpoint:
    return make_endpoint()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that answers `200 {}` until a test gives it another script."""
    async with serving() as server:
        yield server


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken and that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
