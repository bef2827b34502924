"""The window and what runs behind it: first the paint, then the loop, the store, the vault, the schedule."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck import __version__
from tokendeck.app.display import NO_DISPLAY, can_open
from tokendeck.app.logbook import WINDOW_LOG, Logbook
from tokendeck.app.places import Places, find_places, resources
from tokendeck.cli.errors import Mistyped, RunningAppTrouble
from tokendeck.cli.running.place import socket_path
from tokendeck.core.errors import TokendeckError
from tokendeck.core.wording import Wording
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.reading import set_aside_files
from tokendeck.storage.records import read_listing
from tokendeck.storage.schema import STORE_NAME
from tokendeck.ui.desktop import Desktop

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tokendeck.app.parts import Parts
    from tokendeck.core.secret import Secret
    from tokendeck.core.vault import VaultState

SETTINGS_NAME = "window.ini"


def run_window(home: Path | None, passphrase_file: Path | None, *, debug: bool = False) -> int:
    """
    Open the window; give the exit code when it has closed and everything is saved.

    Args:
        home: the data folder; None means the user's own.
        passphrase_file: holds what opens the vault; None means to ask whatever guards it.
        debug: whether the log keeps everything, and shows it on stderr.

    """
    if not can_open(os.environ, sys.platform):
        sys.stderr.write(f"{NO_DISPLAY}\n")
        return 1
    clock = SystemClock()
    try:
        places = find_places(home)
        if _hand_over(places):
            return 0
        passphrase = _passphrase(passphrase_file)
    except RunningAppTrouble as trouble:
        return _refuse(trouble, trouble.sentence)
    except Mistyped as mistake:
        return _refuse(mistake, *mistake.sentences)
    with Logbook(places.state / WINDOW_LOG, debug=debug, shown_on=sys.stderr if debug else None) as logbook:
        return _to_the_end(lambda: _run(places, clock, passphrase, logbook), logbook)


def _to_the_end(program: Callable[[], int], logbook: Logbook) -> int:
    """Run the program; what it ends by, though nobody foresaw it, is logged and told."""
    try:
        return program()
    except Exception as error:  # noqa: BLE001 - the end of the program
        logbook.note("the program ended by an error", error)
        return _refuse(error, Wording().error(error))


def _run(places: Places, clock: SystemClock, passphrase: Secret | None, logbook: Logbook) -> int:
    catalog = Catalog(resources() / "providers", places.providers)
    desktop = build_desktop(places, catalog, clock)
    desktop.paint()
    gc.freeze()
    gc.enable()
    logbook.open()
    logbook.tell_by(desktop.tell)
    from tokendeck.ui import loop  # asyncio and what it brings, now that the list is there
    from tokendeck.ui.messages import logged_messages

    with logged_messages():
        return loop.run(desktop.application, _live(desktop, places, catalog, clock, passphrase))


def build_desktop(places: Places, catalog: Catalog, clock: SystemClock) -> Desktop:
    """Build the window with what the store has, unpainted."""
    return Desktop(
        read_listing(places.data / STORE_NAME),
        catalog=catalog,
        now=clock.now,
        resources=resources(),
        settings_path=places.state / SETTINGS_NAME,
        damaged_stores=tuple(map(str, set_aside_files(places.data))),
    )


def _hand_over(places: Places) -> bool:
    """Bring the window forward that is open on this home already, if there is one."""
    path = socket_path(places.name)
    if path is None or not os.path.lexists(path):
        return False
    from tokendeck.cli.running.messages import show  # only a second start needs it

    return show(path)


def _passphrase(file: Path | None) -> Secret | None:
    """Read the passphrase where its file was named. Raises `Mistyped` for one that is of no use."""
    if file is None:
        return None
    from tokendeck.cli.secret_files import read_passphrase, warning_of

    passphrase = read_passphrase(file)
    if warning := warning_of(file):
        sys.stderr.write(f"{warning}\n")
    return passphrase


def _refuse(error: Exception, *sentences: str) -> int:
    """Say why there is no window."""
    sys.stderr.write("".join(f"{sentence}\n" for sentence in sentences))
    return error.exit_code if isinstance(error, TokendeckError) else 1


async def _live(
    desktop: Desktop, places: Places, catalog: Catalog, clock: SystemClock, passphrase: Secret | None
) -> int:
    import asyncio
    import logging

    from tokendeck.app.parts import running_parts
    from tokendeck.app.reception import receive
    from tokendeck.cli.running.answers import Answers
    from tokendeck.core.errors import VaultUnavailable
    from tokendeck.storage.keyrings import KeyringGuard

    log = logging.getLogger(__name__)
    log.info("Tokendeck %s on Python %s and %s", __version__, sys.version.partition(" ")[0], sys.platform)
    async with running_parts(places, catalog=catalog, clock=clock, guard=KeyringGuard()) as parts:
        with suppress(VaultUnavailable):  # the vault will say the same, on a page with a way out
            await parts.engine.load()
        opening = parts.engine.unlock() if passphrase is None else parts.engine.unlock_with_passphrase(passphrase)
        begun = asyncio.Event()
        answers = Answers(parts.engine, begun=begun, show=desktop.come_forward)

        def begin() -> None:
            desktop.context.spawn(_opened(opening, begun.set), name="unlock")
            attending = receive(places, parts.storage.locks, answers.answer, desktop.window.close)
            desktop.context.spawn(attending, name="answer at the local socket")
            desktop.context.spawn(parts.endpoint.warm_up(), name="load what the first request needs")

        await serve(desktop, parts, begin)
    log.info("everything is saved")
    return 0


async def serve(desktop: Desktop, parts: Parts, begin: Callable[[], object]) -> None:
    """
    Let the window live until it is closed, or the system asks the program to end.

    Args:
        desktop: painted.
        parts: their engine is loaded; its schedule is started here.
        begin: called once everything is connected.

    """
    import asyncio

    from tokendeck.app.issuers import Issuers
    from tokendeck.ui.tasks import Tasks

    ended = asyncio.Event()
    window = desktop.window
    window.closed.connect(ended.set)
    window.sandbox_wanted.connect(_open_demo)
    _heed_signals(asyncio.get_running_loop(), window.close)
    tasks = Tasks(desktop.tell)
    window.dialogs.diagnosis_wanted.connect(lambda: tasks.spawn(_diagnose(desktop, parts), name="diagnose"))
    window.attach(parts.engine, tasks.spawn, Issuers(parts))
    desktop.heed_leaving()
    parts.engine.start()
    begin()
    if window.isHidden():  # it was closed before anybody listened
        ended.set()
    await ended.wait()
    await tasks.cancel_all()
    desktop.clipboard.clear_now()  # a copy that was under way may have come after the window closed


async def _diagnose(desktop: Desktop, parts: Parts) -> None:
    """Look at everything, and show what was found."""
    from tokendeck.app.examination import Examination

    examination = Examination(parts.places, catalog=parts.catalog, clock=parts.clock, wording=desktop.context.wording)
    desktop.window.dialogs.show_diagnosis(await examination.of_window(parts))


async def _opened(opening: Awaitable[VaultState], tried: Callable[[], None]) -> None:
    """Wait for the vault; call `tried` when opening it has come to something."""
    try:
        await opening
    finally:
        tried()


def _heed_signals(loop: AbstractEventLoop, close: Callable[[], object]) -> None:
    """Let SIGTERM and Ctrl+C close the window, so that what is on the wire is saved."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows asks by closing the window
            loop.add_signal_handler(number, close)


def _open_demo() -> None:
    """Start the demo as a program of its own: it must not share this one's keyring and store."""
    import subprocess

    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "tokendeck"]
    subprocess.Popen([*program, "--demo"], start_new_session=True)  # noqa: S603 - our own program
