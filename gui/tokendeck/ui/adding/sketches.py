"""A provider's file and the first connection to it are kept together, or neither is."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tokendeck.ui.ports import Sketch


@asynccontextmanager
async def kept_with(sketch: Sketch | None) -> AsyncIterator[None]:
    """
    Keep the sketch's file first, since a connection without its provider is of no use; take it back after an error.

    What ends the process between the two leaves a provider without connections, which does no harm. Raises as
    `Sketch.keep`.
    """
    if sketch is None:
        yield
        return
    await sketch.keep()
    try:
        yield
    except Exception:
        await sketch.take_back()
        raise
