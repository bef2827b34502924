"""How the window's life ends: by a signal, or before it has properly begun."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.app.window import build_desktop, serve
from tokendeck.cli.running.messages import request, value_of
from tokendeck.cli.running.wire import NobodyThere, exchange, socket_path
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard
from tokendeck.ui import loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

ANSWER_S = 20.0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_in_good_order(home: Path, number: signal.Signals) -> None:
    window = subprocess.Popen(
        [sys.executable, "-m", "tokendeck", "--home", str(home / "deck")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    path = socket_path(find_places(home / "deck").name)
    assert path is not None
    try:
        until_answered(path)

        window.send_signal(number)
        out, err = window.communicate(timeout=10)
    finally:
        window.kill()
        window.wait()

    assert (window.returncode, out, err) == (0, "", "")
    assert (home / "deck" / "state" / "window.ini").exists()


def until_answered(path: str) -> None:
    while True:
        try:
            value_of(exchange(path, request("hello", {}), ANSWER_S))
        except NobodyThere:
            continue
        return


def in_a_window(qapp: QApplication, home: Path, begin: Callable[[], None], *, closed: bool) -> None:
    """Serve a window of a new home to its end."""
    places, clock = find_places(home), SystemClock()
    catalog = Catalog(resources() / "providers")
    desktop = build_desktop(places, catalog, clock)
    desktop.window.show()
    if closed:
        desktop.window.close()

    async def live() -> None:
        async with (
            asyncio.timeout(20),
            running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
        ):
            await serve(desktop, parts.engine, begin)

    loop.run(qapp, live())
    desktop.window.deleteLater()


def test_a_window_that_was_closed_before_the_engine_came_ends_at_once(home: Path, qapp: QApplication) -> None:
    begun: list[bool] = []

    in_a_window(qapp, home / "deck", lambda: begun.append(True), closed=True)

    assert begun == [True]
