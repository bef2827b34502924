"""The program as the command line asks for it: every part, built for one home when it is first needed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from tokendeck.app.places import resources
from tokendeck.core.errors import FieldError, PortInUse
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tokendeck.app.places import Places
    from tokendeck.cli.program import Engine
    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.core.errors import DescriptorError
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider


class LocalProgram:
    """Works on the same store as a window that may be open, and asks that one for whatever needs the vault."""

    def __init__(self, places: Places, passphrase_file: Path | None = None, told: bytes = b"") -> None:
        """
        Build nothing yet.

        Args:
            places: of the home.
            passphrase_file: only for `examine`, which opens the vault by itself.
            told: as `RunningApp` takes it.

        """
        self._places = places
        self._passphrase_file = passphrase_file
        self._told = told
        self.clock = SystemClock()

    @cached_property
    def _catalog(self) -> Catalog:
        return Catalog(resources() / "providers", self._places.providers)

    def catalog(self) -> Catalog:
        """Give the descriptors that can be used."""
        return self._catalog

    def descriptor_problems(self) -> tuple[DescriptorError, ...]:
        """Give what is wrong with the user's own descriptor files."""
        return self._catalog.problems

    def damaged_stores(self) -> tuple[str, ...]:
        """Give the files as which damaged stores were set aside."""
        from tokendeck.storage.reading import set_aside_files

        return tuple(map(str, set_aside_files(self._places.data)))

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """Give an engine that has read the ledger; drain and close when the context ends."""
        from tokendeck.app.parts import running_parts
        from tokendeck.cli.running.client import RunningApp, SharedEngine
        from tokendeck.cli.running.place import socket_path
        from tokendeck.storage.keyrings import KeyringGuard

        async with running_parts(self._places, catalog=self._catalog, clock=self.clock, guard=KeyringGuard()) as parts:
            await parts.engine.load()
            path = socket_path(self._places.name)
            yield parts.engine if path is None else SharedEngine(parts.engine, RunningApp(path, self._told))

    def open_browser(self, address: str) -> bool:
        """Have a browser open an address, the one that BROWSER names first; give False where there is none."""
        import webbrowser

        return webbrowser.open(address)

    async def discover(self, issuer: str) -> IssuerMetadata:
        """Ask an issuer what it publishes about itself. Raises as `discovery.discover` does."""
        from tokendeck.app.discovery import discover
        from tokendeck.oauth.endpoint import HttpEndpoint

        endpoint = HttpEndpoint(now=self.clock.now, ca_folder=self._places.certificates)
        try:
            return await discover(endpoint, issuer)
        finally:
            await endpoint.aclose()

    async def describe(self, issuer: str) -> tuple[Provider, str]:
        """Give the provider of an issuer, and the file that was written for it; empty where there was one."""
        from tokendeck.providers.issuer_files import own_descriptor

        found = await self.discover(issuer)
        today = self.clock.now().wall.date()
        provider, file = own_descriptor(found, self._catalog, self._places.providers, today)
        return provider, str(file or "")

    async def serve_sandbox(self, port: int, announce: Callable[[str], None]) -> None:
        """Serve the five dialects until cancelled. Raises `PortInUse`."""
        import asyncio

        from tokendeck import sandbox as sandbox_room

        sandbox = sandbox_room.Sandbox()
        try:
            await sandbox.start(port)
        except sandbox_room.PortInUse as error:
            raise PortInUse(port) from error
        except PermissionError as error:
            raise FieldError("--port", "0, or a port from 1024 on: the lower ones are the system's") from error
        try:
            announce(sandbox_room.describe(sandbox))
            await asyncio.Event().wait()
        finally:
            await sandbox.stop()

    async def examine(self) -> Diagnosis:
        """Look at everything that commonly goes wrong."""
        from tokendeck.app.examination import Examination
        from tokendeck.core.wording import Wording
        from tokendeck.storage.keyrings import KeyringGuard

        examination = Examination(self._places, catalog=self._catalog, clock=self.clock, wording=Wording())
        return await examination.of_home(KeyringGuard(), self._passphrase_file)
