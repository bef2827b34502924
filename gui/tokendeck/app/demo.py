"""The demo: the window on the built-in sandbox, in a home that is thrown away."""

from __future__ import annotations

import os
import sys
import tempfile
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.app.display import is_seen
from tokendeck.app.furnishing import LIFETIMES_S, SHOWN, furnish
from tokendeck.app.places import Places, find_places, resources
from tokendeck.cli.console import Console
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
        catalog = Catalog(resources() / "providers", places.providers)
        from tokendeck.app.window import build_desktop

        desktop = build_desktop(places, catalog, clock)
        desktop.paint()
        from tokendeck.ui import loop

        report = loop.run(desktop.application, _live(desktop, places, catalog, clock, has_display=has_display))
    console = Console(sys.stdin, sys.stdout, sys.stderr, getpass)
    return console.last_result(report) if report else 0


async def _live(desktop: Desktop, places: Places, catalog: Catalog, clock: SystemClock, *, has_display: bool) -> str:
    """Show the demo until it is closed; give what is to be printed where nobody can see it, else nothing."""
    import asyncio

    from tokendeck.app.parts import running_parts
    from tokendeck.app.window import serve
    from tokendeck.sandbox import Sandbox
    from tokendeck.storage.guards import MemoryGuard

    async with (
        Sandbox(lifetimes=LIFETIMES_S) as sandbox,
        running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
    ):
        engine, report = parts.engine, ""
        await engine.unlock()

        async def begin() -> None:
            await furnish(engine, catalog, sandbox)
            desktop.window.list.view.select(engine.find(SHOWN[0].name).connection.id)

        async def look_around() -> None:
            nonlocal report
            try:
                await begin()
                await asyncio.sleep(LOOK_S)
                report = _report(desktop, engine, clock)
            finally:
                desktop.window.close()

        visit = begin if has_display else look_around
        await serve(desktop, parts, lambda: desktop.context.spawn(visit(), name="furnish the demo"))
    return report


def _report(desktop: Desktop, engine: RefreshEngine, clock: SystemClock) -> str:
    """Give the list as the command line prints it, and say where the picture is."""
    path = picture_path()
    saved = desktop.window.grab().save(str(path))
    where = f"A picture of the window: {path}" if saved else f"The picture {path} could not be written."
    return f"{list_text(engine, desktop.context.wording, clock.now())}\n\n{where}"


def picture_path() -> Path:
    """Give where the picture goes: `build/` of a checkout, else the folder for temporary files."""
    checkout = resources().parent
    folder = checkout / "build" if (checkout / "pyproject.toml").exists() else Path(tempfile.gettempdir())
    folder.mkdir(exist_ok=True)
    return folder / "tokendeck-demo.png"
