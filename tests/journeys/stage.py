"""The whole program in one loop: window, engine, store and sandbox, all real but for the keyring and the hour."""

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from tests.journeys.person import Person
from tests.sandbox.clients import API_PATHS
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.app.window import build_desktop, serve
from tokendeck.core.errors import VaultUnavailable
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.sandbox import Sandbox
from tokendeck.storage.guards import MemoryGuard
from tokendeck.ui import loop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from tokendeck.app.parts import Parts
    from tokendeck.core.moment import Moment
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.sandbox import ProviderId
    from tokendeck.storage.guards import KeyGuard

LONGEST_S = 30.0
"""pytest's own time limit raises wherever Python happens to be, which may be a slot of Qt's."""


class MovableClock(SystemClock):
    """Goes as the system's does, and can be moved on as if the laptop had slept."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta(0)

    def now(self) -> Moment:
        moment = super().now()
        return replace(moment, wall=moment.wall + self._ahead, elapsed_s=moment.elapsed_s + self._ahead.total_seconds())

    def move_on(self, **span: float) -> None:
        """Let so much time have passed."""
        self._ahead += timedelta(**span)


class Stage:
    """One home, one clock, and the sandbox that shares it."""

    def __init__(self, home: Path, application: QApplication) -> None:
        self.application = application
        self.places = find_places(home / "deck")
        self.clock = MovableClock()
        self.sandbox = Sandbox(now=lambda: self.clock.now().wall)
        self.guard: KeyGuard = MemoryGuard()

    @asynccontextmanager
    async def window(self, *, once_closed: Callable[[], None] = lambda: None) -> AsyncIterator[Person]:
        """
        Open the window as the program does; leaving closes it, and waits until everything is saved.

        `once_closed` is called when the window is gone, before what is on the wire is waited for.
        """
        catalog = self._catalog()
        desktop = build_desktop(self.places, catalog, self.clock)
        desktop.window.show()
        try:
            async with self._parts(catalog) as parts:
                with suppress(VaultUnavailable):
                    await parts.engine.load()
                opening = parts.engine.unlock()
                begun = asyncio.Event()

                def begin() -> None:
                    desktop.context.spawn(opening, name="unlock")
                    begun.set()

                serving = asyncio.create_task(serve(desktop, parts, begin))
                await begun.wait()
                try:
                    yield Person(desktop.window)
                finally:
                    desktop.window.close()
                    await serving
                    once_closed()
        finally:
            desktop.window.deleteLater()

    @asynccontextmanager
    async def no_window(self) -> AsyncIterator[RefreshEngine]:
        """Give the engine alone, with the vault open."""
        async with self._parts(self._catalog()) as parts:
            await parts.engine.unlock()
            yield parts.engine

    async def accepts(self, provider: ProviderId, token: str) -> bool:
        """Tell whether the provider's API takes this token."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(
                self.sandbox.base_url + API_PATHS[provider], headers={"Authorization": f"Bearer {token}"}
            )
        return answer.status_code == 200

    def _catalog(self) -> Catalog:
        return Catalog(resources() / "providers", self.places.providers)

    def _parts(self, catalog: Catalog) -> AbstractAsyncContextManager[Parts]:
        return running_parts(self.places, catalog=catalog, clock=self.clock, guard=self.guard)


def in_the_windows_loop(journey: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Have a test run in the loop that the window runs in, which is not pytest's."""

    async def bounded(stage: Stage, fixtures: dict[str, object]) -> None:
        async with asyncio.timeout(LONGEST_S):
            await journey(stage=stage, **fixtures)

    @functools.wraps(journey)
    def run(*, stage: Stage, **fixtures: object) -> None:
        loop.run(stage.application, bounded(stage, fixtures))

    return run
