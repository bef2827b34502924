from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.cli.running.open_app import OpenApp
from tokendeck.cli.running.server import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def closed_app(home: Path) -> OpenApp:
    """An app that does not run yet."""
    return OpenApp(str(home / "run" / "s"))


@pytest.fixture
async def app(closed_app: OpenApp) -> AsyncIterator[OpenApp]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(listening(closed_app.path, closed_app.answers.answer))
        yield closed_app
