"""Providers of the user's own, as the window asks for them: from what issuers publish about themselves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tokendeck.app.discovery import discover
from tokendeck.core.errors import DescriptorError, FileTaken
from tokendeck.providers.issuer_changes import changes
from tokendeck.providers.issuer_files import known_descriptor, sketch_of

if TYPE_CHECKING:
    from tokendeck.app.parts import Parts
    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider
    from tokendeck.providers.catalog import Catalog
    from tokendeck.providers.sketch import Sketch

log = logging.getLogger(__name__)


class Issuers:
    """Asks by the program's own endpoint, and writes into its user's folder."""

    def __init__(self, parts: Parts) -> None:
        """Take the parts; nothing is asked yet."""
        self._parts = parts

    async def discover(self, address: str) -> IssuerMetadata:
        """Ask an issuer. Raises as `discovery.discover` does."""
        return await discover(self._parts.endpoint, address)

    def known(self, found: IssuerMetadata) -> Provider | None:
        """Give the provider that was described from this metadata before; None where there is none."""
        return known_descriptor(found, self._parts.catalog)

    def changes(self, found: IssuerMetadata, provider: Provider) -> tuple[str, ...]:
        """Give which facts that provider's file tells otherwise by now."""
        return changes(found, provider)

    def sketch(self, found: IssuerMetadata, name: str = "") -> KeptSketch:
        """Describe it anew. Raises `UnfitIssuer` where there is nothing to ask for."""
        parts = self._parts
        today = parts.clock.now().wall.date()
        return KeptSketch(sketch_of(found, parts.catalog, parts.places.providers, today, name), parts.catalog)


class KeptSketch:
    """A sketch whose file is written off the loop."""

    def __init__(self, sketch: Sketch, catalog: Catalog) -> None:
        """Write nothing yet."""
        self._sketch = sketch
        self._catalog = catalog
        self._is_written = False

    @property
    def provider(self) -> Provider:
        """As its file is going to say."""
        return self._sketch.provider

    async def keep(self) -> None:
        """
        Write the file. Raises `DescriptorError` where that does not work, `FileTaken` where another was faster.

        One of another process with the same provider in it does as well.
        """
        self._is_written |= await asyncio.to_thread(self._sketch.write)
        self._catalog.reload()
        there = next((one for one in self._catalog.providers() if one.id == self.provider.id), None)
        if there is None or there.source.url != self.provider.source.url:
            raise FileTaken(str(self._sketch.file))

    async def take_back(self) -> None:
        """
        Erase the file that `keep` wrote.

        Where that does not work it stays, which is logged alone: what it was taken back for is what a person must hear.
        """
        if not self._is_written:
            return
        try:
            await asyncio.to_thread(self._sketch.erase)
        except DescriptorError as error:
            log.warning("a provider file that nothing was saved with stays: %s", error.expected)
        else:
            self._is_written = False
        self._catalog.reload()

    def drop(self) -> None:
        """Know it no longer, where no file was kept."""
        self._sketch.drop()
