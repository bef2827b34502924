"""The files of the user's own in which issuers are described: found again, or sketched under a name that is free."""

from __future__ import annotations

import os
import re
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tokendeck.providers.from_issuer import descriptor_text
from tokendeck.providers.issuer_changes import changes
from tokendeck.providers.sketch import Sketch

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from tokendeck.core.metadata import IssuerMetadata
    from tokendeck.core.provider import Provider
    from tokendeck.providers.catalog import Catalog

LONGEST_STEM = 32


def own_descriptor(
    found: IssuerMetadata, catalog: Catalog, folder: Path, read_on: date
) -> tuple[Provider, Path | None]:
    """
    Give the provider of an issuer; where no file of the user's describes it yet, one is written, and given with it.

    Raises:
        UnfitIssuer: it offers nothing that can be asked for.
        DescriptorError: the file cannot be written.

    """
    known = known_descriptor(found, catalog)
    if known is not None:
        return known, None
    while True:
        sketch = sketch_of(found, catalog, folder, read_on)
        try:
            is_written = sketch.write()  # otherwise another process was faster
        finally:
            sketch.drop()
        if is_written:
            catalog.reload()
            return catalog.provider(sketch.provider.id), sketch.file


def known_descriptor(found: IssuerMetadata, catalog: Catalog) -> Provider | None:
    """
    Give the provider whose file of the user's was written from this metadata; None where there is none.

    Of several, it is the one that says least otherwise, and then the one that was read last.
    """
    own = [one for one in catalog.providers() if not one.shipped and one.source.url == found.url]
    return min(own, key=lambda one: (len(changes(found, one)), -one.source.read.toordinal()), default=None)


def sketch_of(found: IssuerMetadata, catalog: Catalog, folder: Path, read_on: date, name: str = "") -> Sketch:
    """
    Describe an issuer under an id that is free, in a file that is not written yet.

    Args:
        found: what it publishes.
        catalog: knows which ids are taken.
        folder: where the file is to be.
        read_on: today.
        name: what the provider is called; the issuer's host and path where empty.

    Raises:
        UnfitIssuer: it offers nothing that can be asked for.

    """
    taken = {one.id for one in catalog.providers()}
    stem = _stem(found.issuer)
    ids = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    free = next(one for one in ids if one not in taken and not os.path.lexists(folder / f"{one}.toml"))
    return Sketch(descriptor_text(found, free, read_on, name), folder / f"{free}.toml", catalog)


def _stem(issuer: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", (urlsplit(issuer).hostname or "").lower()).strip("-")
    named = stem if stem[:1].isalpha() else f"issuer-{stem}"
    return named[:LONGEST_STEM].rstrip("-")
