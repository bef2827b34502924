"""One window for each home: the first answers at a local socket, a second start hands over to it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck.cli.errors import RunningAppTrouble
from tokendeck.cli.running.client import RunningApp
from tokendeck.cli.running.place import socket_path
from tokendeck.cli.running.server import listening
from tokendeck.core.errors import StoreUnwritable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.app.places import Places
    from tokendeck.storage.locks import FileLocks

log = logging.getLogger(__name__)

LOCK_NAME = "window"
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 4.0


async def receive(
    places: Places, locks: FileLocks, answer: Callable[[bytes], Awaitable[bytes]], give_way: Callable[[], object]
) -> None:
    """
    Answer for this home until cancelled.

    The holder of the home's lock owns the socket, and the lock goes with its process: nothing is ever stale. Where
    another window has just begun to answer, hand over to it and call `give_way`; where the other one is ending, wait
    for it, so that there is always one that answers.
    """
    path = socket_path(places.name)
    if path is None:
        log.info("there is no folder for a local socket: the command line works alone")
        return
    other, pause_s = RunningApp(path), FIRST_PAUSE_S
    try:
        while (lock := locks.take(LOCK_NAME)) is None:
            with suppress(RunningAppTrouble):  # it is stuck; perhaps not for ever
                if await other.show():
                    give_way()
                    return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    except StoreUnwritable:
        return  # the vault's page says so already
    try:
        async with listening(path, answer):
            await asyncio.Event().wait()
    except OSError as error:
        log.info("nobody can be answered at the local socket: %s", error.strerror)
    finally:
        lock.release()
