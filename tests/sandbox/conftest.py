from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.sandbox.application import App
from tests.sandbox.clients import Caller, HandClock
from tokendeck.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
def clock() -> HandClock:
    return HandClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


@pytest.fixture
async def sandbox(clock: HandClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def caller(sandbox: Sandbox) -> AsyncIterator[Caller]:
    async with httpx.AsyncClient(base_url=sandbox.base_url, trust_env=False) as http:
        yield Caller(sandbox, http)


@pytest.fixture
def app(caller: Caller) -> App:
    return App(caller)
