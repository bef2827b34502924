from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real_servers.browser import Browser
from tests.real_servers.descriptors import AUTHLIB, TOOLKIT
from tests.real_servers.desk import desk_at
from tests.real_servers.server import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server


@pytest.fixture(scope="session")
def toolkit_process() -> Iterator[Server]:
    with running(TOOLKIT) as server:
        yield server


@pytest.fixture(scope="session")
def authlib_process() -> Iterator[Server]:
    with running(AUTHLIB) as server:
        yield server


@pytest.fixture
def toolkit(toolkit_process: Server) -> Iterator[Server]:
    toolkit_process.asked()
    yield toolkit_process
    toolkit_process.release_answers()
    toolkit_process.let("let_nobody_meet")


@pytest.fixture
def authlib(authlib_process: Server) -> Iterator[Server]:
    authlib_process.asked()
    yield authlib_process
    authlib_process.release_answers()


@pytest.fixture(params=["toolkit", "authlib"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two in turn."""
    one: Server = request.getfixturevalue(request.param)
    return one


@pytest.fixture
async def desk(home: Path, server: Server) -> AsyncIterator[Desk]:
    async with desk_at(home / "deck", server.descriptor()) as desk:
        yield desk


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser() as browser:
        yield browser
