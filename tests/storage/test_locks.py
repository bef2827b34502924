"""One holder at a time, in one process and between several, and nobody left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import HeldByAnother, StoreUnwritable
from tokendeck.storage.locks import FileLocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_PATIENCE = timedelta(0)
SHORT = timedelta(seconds=0.15)
LONG = timedelta(seconds=20)

HOLDER = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from tokendeck.storage.locks import FileLocks

async def main():
    async with FileLocks(Path(sys.argv[1])).hold("c", timedelta(seconds=5)):
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "locks"


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of connection `c` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()


async def test_a_lock_is_held_by_one_at_a_time(folder: Path) -> None:
    inside, most = 0, 0

    async def enter(locks: FileLocks) -> None:
        nonlocal inside, most
        async with locks.hold("c", LONG):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(enter(FileLocks(folder)) for _ in range(8)))

    assert (inside, most) == (0, 1)


async def test_locks_of_different_connections_do_not_meet(folder: Path) -> None:
    locks = FileLocks(folder)

    async with locks.hold("a", NO_PATIENCE), locks.hold("b", NO_PATIENCE):
        pass


async def test_patience_ends_with_held_by_another(folder: Path) -> None:
    locks = FileLocks(folder)

    async with locks.hold("c", NO_PATIENCE):
        with pytest.raises(HeldByAnother):
            async with locks.hold("c", SHORT):
                pass

    async with locks.hold("c", NO_PATIENCE):
        pass


async def test_an_error_inside_frees_the_lock(folder: Path) -> None:
    locks = FileLocks(folder)

    with pytest.raises(ZeroDivisionError):
        async with locks.hold("c", NO_PATIENCE):
            raise ZeroDivisionError

    async with locks.hold("c", NO_PATIENCE):
        pass


async def test_a_cancelled_waiter_leaves_nobody_holding(folder: Path) -> None:
    locks = FileLocks(folder)

    async def wait() -> None:
        async with locks.hold("c", LONG):
            pytest.fail("the holder never let go")

    async with locks.hold("c", NO_PATIENCE):
        waiters = [asyncio.ensure_future(wait()) for _ in range(5)]
        await asyncio.sleep(0)
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)

    async with locks.hold("c", NO_PATIENCE):
        pass


async def test_a_cancelled_holder_lets_go(folder: Path) -> None:
    locks, held = FileLocks(folder), asyncio.Event()

    async def hold() -> None:
        async with locks.hold("c", NO_PATIENCE):
            held.set()
            await asyncio.get_running_loop().create_future()

    holder = asyncio.ensure_future(hold())
    await held.wait()
    holder.cancel()
    await asyncio.gather(holder, return_exceptions=True)

    async with locks.hold("c", NO_PATIENCE):
        pass


@pytest.mark.promise(6)
async def test_a_stopped_process_still_holds_and_its_death_frees(folder: Path, holder: subprocess.Popen[str]) -> None:
    locks = FileLocks(folder)
    os.kill(holder.pid, signal.SIGSTOP)

    with pytest.raises(HeldByAnother):
        async with locks.hold("c", SHORT):
            pass
    holder.kill()
    holder.wait()

    async with locks.hold("c", NO_PATIENCE):
        pass


async def test_waiting_for_another_process_keeps_the_loop_running(folder: Path, holder: subprocess.Popen[str]) -> None:
    waiting = asyncio.ensure_future(take_once(FileLocks(folder)))
    for _ in range(100):
        await asyncio.sleep(0)
    still_waiting = not waiting.done()
    assert holder.stdin
    holder.stdin.close()

    assert await waiting
    assert still_waiting


async def take_once(locks: FileLocks) -> bool:
    async with locks.hold("c", LONG):
        return True


async def test_the_file_of_a_gone_connection_is_removed(folder: Path) -> None:
    locks = FileLocks(folder)
    async with locks.hold("c", NO_PATIENCE):
        pass

    locks.erase_connection("c")

    assert list(folder.iterdir()) == []


async def test_the_file_of_a_held_lock_stays(folder: Path) -> None:
    locks = FileLocks(folder)

    async with locks.hold("c", NO_PATIENCE):
        locks.erase_connection("c")

        assert len(list(folder.iterdir())) == 1


async def test_a_waiter_does_not_get_a_lock_whose_file_was_removed_under_it(folder: Path) -> None:
    locks = FileLocks(folder)
    held = locks.take("connection-c")
    assert held is not None
    waiting = asyncio.ensure_future(take_once(locks))
    await asyncio.sleep(0)

    locks.erase(held)

    assert await waiting
    assert len(list(folder.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps an open file's name")
@pytest.mark.parametrize("is_replaced", [False, True])
def test_what_is_held_of_a_file_that_was_removed_is_no_lock_any_more(folder: Path, is_replaced: bool) -> None:  # noqa: FBT001 - a parameter
    locks = FileLocks(folder)
    lock = locks.take("x")
    assert lock is not None
    file = folder / "x.lock"
    file.unlink()
    if is_replaced:
        file.touch()

    assert lock.take()

    assert locks.take("x") is None
    lock.release()


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    locks = FileLocks(tmp_path / "file" / "locks")

    with pytest.raises(StoreUnwritable) as caught:
        async with locks.hold("c", NO_PATIENCE):
            pass

    assert caught.value.path == str(tmp_path / "file" / "locks")
    assert caught.value.detail


async def test_a_lock_file_that_cannot_be_made_is_a_clear_error(folder: Path) -> None:
    (folder / "connection-c.lock").mkdir(parents=True)
    locks = FileLocks(folder)

    with pytest.raises(StoreUnwritable):
        async with locks.hold("c", NO_PATIENCE):
            pass
    with pytest.raises(StoreUnwritable), locks.hold_blocking("connection-c", NO_PATIENCE):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_no_lock_is_ever_a_mere_marker_file(folder: Path) -> None:
    import fcntl

    lock = FileLocks(folder).take("x")

    assert lock is not None
    with open(lock.path, "rb") as file, pytest.raises(BlockingIOError):  # noqa: PTH123 - as anybody would
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock.release()


def test_lock_files_and_their_folder_are_for_their_owner_alone(folder: Path) -> None:
    lock = FileLocks(folder).take("x")

    assert lock is not None
    lock.release()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "x.lock").stat().st_mode & 0o777 == 0o600


async def test_a_lock_is_told_to_be_held_while_it_is(tmp_path: Path) -> None:
    locks, of_another = FileLocks(tmp_path), FileLocks(tmp_path)

    async with locks.hold("one", timedelta(seconds=1)):
        during = of_another.is_held("one")

    assert during
    assert not of_another.is_held("one")
