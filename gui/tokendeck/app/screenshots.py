"""
The pictures of the documentation, taken of the real window on the built-in sandbox.

    python -m tokendeck.app.screenshots FOLDER
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, get_args

from tokendeck.app.furnishing import LIFETIMES_S, SHOWN, furnish
from tokendeck.app.places import Places, find_places, resources
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.sandbox import Sandbox
    from tokendeck.ui.desktop import Desktop
    from tokendeck.ui.theme import Scheme

SIZE_PX = (1320, 760)
DIALOG_SIZE_PX = (1080, 680)
SCALE = "2"
SETTLE_S = 0.6
"""For animations and the first tick."""


class Picture(Protocol):
    """What a widget's `grab` gives."""

    def save(self, path: str, /) -> bool:
        """Write a PNG; tell whether that worked."""
        ...


def main() -> int:
    """Take all pictures, light and dark, into the folder that argv names."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = SCALE
    from tokendeck.ui.theme import Scheme

    for scheme in get_args(Scheme):
        with tempfile.TemporaryDirectory(prefix="tokendeck-pictures-", ignore_cleanup_errors=True) as home:
            _take(folder, find_places(Path(home)), scheme)
    return 0


def _take(folder: Path, places: Places, scheme: Scheme) -> None:
    from tokendeck.ui import loop
    from tokendeck.ui.desktop import Desktop

    clock, catalog = SystemClock(), Catalog(resources() / "providers", places.providers)
    desktop = Desktop(
        (),
        catalog=catalog,
        now=clock.now,
        resources=resources(),
        settings_path=places.state / "window.ini",
        scheme=scheme,
    )
    desktop.window.resize(*SIZE_PX)
    desktop.paint()
    loop.run(desktop.application, _visit(desktop, folder, places, catalog, clock, scheme))


async def _visit(
    desktop: Desktop, folder: Path, places: Places, catalog: Catalog, clock: SystemClock, scheme: Scheme
) -> None:
    """Go through the pages as a person does, from the empty list on."""
    import asyncio

    from tokendeck.app.parts import running_parts
    from tokendeck.app.window import serve
    from tokendeck.sandbox import Sandbox
    from tokendeck.storage.guards import MemoryGuard

    async def keep(name: str, picture: Picture) -> None:
        if not picture.save(str(folder / f"{name}-{scheme}.png")):
            raise OSError(f"cannot write {folder}")

    async def visit() -> None:
        window, engine = desktop.window, parts.engine
        await asyncio.sleep(SETTLE_S)
        await keep("empty", window.grab())
        await furnish(engine, catalog, sandbox)
        shop = engine.find(SHOWN[0].name).connection.id
        window.list.view.select(shop)
        window.list.focus_list()
        window.commands.copy(shop)
        await asyncio.sleep(SETTLE_S)
        await keep("main", window.grab())
        await _add(desktop, sandbox, keep)
        portal = next(one for one in SHOWN if one.signs_in)
        attempt = await engine.sign_in(engine.find(portal.name).connection.id)  # no browser is to open
        window.show_sign_in(attempt.connection_id)
        await asyncio.sleep(SETTLE_S)
        await keep("sign-in", window.grab())
        attempt.cancel()
        window.lock()
        await asyncio.sleep(SETTLE_S)
        await keep("locked", window.grab())
        window.close()

    async with (
        Sandbox(lifetimes=LIFETIMES_S) as sandbox,
        running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
    ):
        await parts.engine.unlock()
        await serve(desktop, parts, lambda: desktop.context.spawn(visit(), name="take pictures"))


async def _add(desktop: Desktop, sandbox: Sandbox, keep: Callable[[str, Picture], Awaitable[None]]) -> None:
    """Fill the form for a new connection, as by pasting a block."""
    import asyncio

    from tokendeck.ui.adding.dialog import ConnectionDialog
    from tokendeck.ui.adding.form import ConnectionForm

    dialog = ConnectionDialog(desktop.context, provider="pyng", parent=desktop.window)
    dialog.resize(*DIALOG_SIZE_PX)
    dialog.open()
    form = dialog.findChild(ConnectionForm)
    assert form is not None
    form.take_block("\n".join(f"{key}={value}" for key, value in sandbox.fields["pyng"].items()))
    await asyncio.sleep(SETTLE_S)
    await keep("add", dialog.grab())
    dialog.close()


if __name__ == "__main__":
    sys.exit(main())
