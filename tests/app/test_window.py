"""How the window's life ends: by a signal, or before it has properly begun."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.doorbell import until_answered
from tokendeck.app.logbook import WINDOW_LOG, Logbook
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.app.window import _to_the_end, build_desktop, serve
from tokendeck.cli.running.place import socket_path
from tokendeck.core.secret import Secret
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
        [sys.executable, "-m", "tokendeck"],
        env={**os.environ, "TOKENDECK_HOME": str(home / "deck")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    path = socket_path(find_places(home / "deck").name)
    assert path is not None
    try:
        until_answered(path, by=window)

        window.send_signal(number)
        out, err = window.communicate(timeout=10)
    finally:
        window.kill()
        window.wait()

    assert (window.returncode, out, err) == (0, "", "")
    state = home / "deck" / "state"
    assert (state / "window.ini").exists()
    assert (state / WINDOW_LOG).read_text("utf-8").splitlines()[-1].endswith("everything is saved")


def test_an_end_that_nobody_foresaw_is_told_and_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.app.logbook", "ended by an error")

    def fail() -> int:
        raise ZeroDivisionError

    with Logbook(tmp_path / WINDOW_LOG) as logbook:
        code = _to_the_end(fail, logbook)

    assert code == 1
    assert "`tokendeck doctor`" in capsys.readouterr().err
    assert "ZeroDivisionError" in (tmp_path / WINDOW_LOG).read_text("utf-8")


def test_a_window_that_was_closed_before_the_engine_came_ends_at_once(home: Path, qapp: QApplication) -> None:
    places, clock, begun = find_places(home / "deck"), SystemClock(), asyncio.Event()
    catalog = Catalog(resources() / "providers")
    desktop = build_desktop(places, catalog, clock)
    desktop.window.show()
    desktop.window.close()

    async def live() -> None:
        async with (
            asyncio.timeout(20),
            running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
        ):
            await serve(desktop, parts, begun.set)

    loop.run(qapp, live())
    desktop.window.deleteLater()
    assert begun.is_set()


@pytest.mark.promise(45)
def test_a_copy_that_arrives_while_the_window_closes_is_taken_back(home: Path, qapp: QApplication) -> None:
    places, clock = find_places(home / "deck"), SystemClock()
    catalog = Catalog(resources() / "providers")
    desktop = build_desktop(places, catalog, clock)
    desktop.window.show()
    copied: list[bool] = []

    async def copy(arrived: asyncio.Event) -> None:
        await arrived.wait()
        copied.append(desktop.clipboard.copy(Secret("late token")))

    async def live() -> None:
        arrived = asyncio.Event()

        def begin() -> None:
            desktop.context.spawn(copy(arrived), name="copy")
            asyncio.get_running_loop().call_soon(close)

        def close() -> None:
            arrived.set()
            desktop.window.close()

        async with (
            asyncio.timeout(20),
            running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
        ):
            await serve(desktop, parts, begin)

    loop.run(qapp, live())
    desktop.window.deleteLater()
    assert copied == [True]
    assert qapp.clipboard().text() == ""
