"""What can happen at any moment, between a question and its answer as well."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tests.engine.machine.account import RIGHT_SECRET, WRONG_SECRET
from tests.engine.machine.keyring import KeyringMood

if TYPE_CHECKING:
    from tests.engine.machine.process import Process
    from tests.engine.machine.world import World

MOST_PROCESSES = 2


class Happening(Enum):
    """Those without further questions."""

    ACCESS_TOKENS_ARE_REVOKED = "access tokens are revoked"
    THE_DISK_FILLS_UP = "the disk fills up"
    THE_DISK_IS_CLEARED = "the disk is cleared"
    SOME_SECONDS_PASS = "some seconds pass"
    THE_MACHINE_SLEEPS = "the machine sleeps"
    THE_WALL_CLOCK_IS_SET_BACK = "the wall clock is set back"
    A_DELETION_IS_UNDONE = "a deletion is undone"

    A_PROCESS_STARTS = "a process starts"
    A_PROCESS_QUITS = "a process quits"
    A_PROCESS_IS_KILLED = "a process is killed"
    A_PROCESS_IS_KILLED_AND_ITS_REQUESTS_WITH_IT = "a process is killed, and its requests with it"
    THE_POWER_GOES = "the power goes, and comes back"
    EVERYBODY_GIVES_UP = "whoever waits gives up"
    SOMEBODY_LOCKS = "somebody locks"
    SOMEBODY_LOCKS_AND_UNLOCKS = "somebody locks and unlocks"

    SOMEBODY_ASKS_FOR_A_TOKEN = "somebody asks for a token"
    SOMEBODY_WANTS_A_FRESH_TOKEN = "somebody wants a fresh token"
    IT_IS_TESTED = "it is tested"
    IT_IS_RENAMED = "it is renamed"
    ITS_SECRET_IS_TYPED = "its secret is typed"
    A_WRONG_SECRET_IS_TYPED = "a wrong secret is typed"
    ITS_ACCOUNT_IS_CHANGED = "its account is changed"
    SOMEBODY_SIGNS_IN = "somebody signs in"
    IT_IS_PAUSED = "it is paused"
    IT_IS_RESUMED = "it is resumed"
    IT_IS_DELETED = "it is deleted"


def let_happen(happening: Happening, world: World, process: Process, connection_id: str) -> None:
    """Let it happen, at the hands of `process`, and to the connection of this id; where that is empty, to none."""
    if not _happens_around(happening, world) and not _happens_to_process(happening, world, process) and connection_id:
        _happens_to_connection(happening, world, process, connection_id)


def _happens_around(happening: Happening, world: World) -> bool:
    match happening:
        case Happening.ACCESS_TOKENS_ARE_REVOKED:
            world.servers.revoke_tokens()
        case Happening.THE_DISK_FILLS_UP:
            world.set_disk(full=True)
        case Happening.THE_DISK_IS_CLEARED:
            world.set_disk(full=False)
        case Happening.SOME_SECONDS_PASS:
            world.advance(15)
        case Happening.THE_MACHINE_SLEEPS:
            world.sleep(3600)
        case Happening.THE_WALL_CLOCK_IS_SET_BACK:
            world.set_wall(-3600)
        case _:
            return False
    return True


def _happens_to_process(happening: Happening, world: World, process: Process) -> bool:
    match happening:
        case Happening.A_DELETION_IS_UNDONE:
            world.undo_a_deletion(process)
        case Happening.A_PROCESS_STARTS:
            if len(world.processes) < MOST_PROCESSES:
                world.start_process()
        case Happening.A_PROCESS_QUITS:
            world.quit(process)
        case Happening.A_PROCESS_IS_KILLED:
            world.kill(process, work_is_done=True)
        case Happening.A_PROCESS_IS_KILLED_AND_ITS_REQUESTS_WITH_IT:
            world.kill(process, work_is_done=False)
        case Happening.THE_POWER_GOES:
            world.restart_the_machine(7200)
        case Happening.EVERYBODY_GIVES_UP:
            for waiter in process.waiters:
                waiter.cancel()
        case Happening.SOMEBODY_LOCKS:
            process.lock()
        case Happening.SOMEBODY_LOCKS_AND_UNLOCKS:
            world.keyring.mood = KeyringMood.OPEN
            process.lock()
            world.loop.turn(1)
            process.unlock()
        case _:
            return False
    world.watch.disturb()
    return True


def _happens_to_connection(happening: Happening, world: World, process: Process, connection_id: str) -> None:
    match happening:
        case Happening.SOMEBODY_ASKS_FOR_A_TOKEN:
            process.ask(connection_id, None, fresh=False)
        case Happening.SOMEBODY_WANTS_A_FRESH_TOKEN:
            process.ask(connection_id, None, fresh=True)
        case Happening.IT_IS_TESTED:
            process.test(connection_id)
        case Happening.IT_IS_RENAMED:
            world.rename(process, connection_id)
        case Happening.ITS_SECRET_IS_TYPED:
            world.type_secret(process, connection_id, RIGHT_SECRET)
        case Happening.A_WRONG_SECRET_IS_TYPED:
            world.type_secret(process, connection_id, WRONG_SECRET)
        case Happening.ITS_ACCOUNT_IS_CHANGED:
            world.change_account(process, connection_id)
        case Happening.SOMEBODY_SIGNS_IN:
            world.sign_in(process, connection_id)
        case Happening.IT_IS_PAUSED:
            world.pause(process, connection_id, paused=True)
        case Happening.IT_IS_RESUMED:
            world.pause(process, connection_id, paused=False)
        case Happening.IT_IS_DELETED:
            world.delete(process, connection_id)
        case _:
            raise AssertionError(happening)
