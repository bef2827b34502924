"""The demo: the window on the built-in sandbox, in a home that is thrown away."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.app.display import is_seen
from tokendeck.app.furnishing import LIFETIMES_S, SHOWN, furnish
from tokendeck.app.places import Places, find_places, resources
from tokendeck.cli.listing import list_text
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.ui.desktop import Desktop

LOOK_S = 3.0
"""How long the demo runs where nobody can see it."""


def run_demo() -> int:
    """
    Open the window on the sandbox; touch neither keyring nor network.

    Without a display, do the same off screen for a few seconds, print the list, save a picture and say where.
    """
    has_display = is_seen(os.environ, sys.platform)
    if not has_display:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="tokendeck-demo-", ignore_cleanup_errors=True) as folder:
        places, clock = find_places(Path(folder)), SystemClock()
        catalog = Catalog(resources() / "providers")
        from tokendeck.app.window import build_desktop

        desktop = build_desktop(places, catalog, clock)
        desktop.paint()
        from tokendeck.ui import loop

        return loop.run(desktop.application, _live(desktop, places, catalog, clock, has_display=has_display))


async def _live(desktop: Desktop, places: Places, catalog: Catalog, clock: SystemClock, *, has_display: bool) -> int:
    import asyncio

    from tokendeck.app.parts import running_parts
    from tokendeck.app.window import serve
    from tokendeck.sandbox import Sandbox
    from tokendeck.storage.guards import MemoryGuard

    async with (
        Sandbox(lifetimes=LIFETIMES_S) as sandbox,
        running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
    ):
        engine = parts.engine
        await engine.unlock()

        async def begin() -> None:
            await furnish(engine, catalog, sandbox)
            desktop.window.list.view.select(engine.find(SHOWN[0].name).connection.id)
            if not has_display:
                await asyncio.sleep(LOOK_S)
                _report(desktop, engine, clock)
                desktop.window.close()

        await serve(desktop, parts, lambda: desktop.context.spawn(begin(), name="furnish the demo"))
    return 0


def _report(desktop: Desktop, engine: RefreshEngine, clock: SystemClock) -> None:
    """Print the list as the command line does, and say where the picture is."""
    path = picture_path()
    saved = desktop.window.grab().save(str(path))
    where = f"A picture of the window: {path}" if saved else f"The picture {path} could not be written."
    sys.stdout.write(f"{list_text(engine, desktop.context.wording, clock.now())}\n\n{where}\n")


def picture_path() -> Path:
    """Give where the picture goes: `build/` of a checkout, else the folder for temporary files."""
    checkout = resources().parent
    folder = checkout / "build" if (checkout / "pyproject.toml").exists() else Path(tempfile.gettempdir())
    folder.mkdir(exist_ok=True)
    return folder / "tokendeck-demo.png"
