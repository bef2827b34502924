"""Processes that are killed, stopped or asked to end while the provider's answer is on its way."""

from __future__ import annotations

import asyncio
import io
import secrets
import signal
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.engine.scripted import ScriptedListener
from tests.journeys.shell import COMMAND, Result, Shell
from tokendeck.app.places import find_places, resources
from tokendeck.app.program import LocalProgram
from tokendeck.cli.main import main
from tokendeck.cli.running.messages import request, value_of
from tokendeck.cli.running.wire import NobodyThere, exchange, socket_path
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.engine import RefreshEngine
from tokendeck.oauth.endpoint import HttpEndpoint
from tokendeck.providers.catalog import Catalog
from tokendeck.sandbox import Hold, Sandbox
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.engine.ports import ConnectionLocks

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals are POSIX's")

ANSWER_S = 20.0
TERMINATED = 128 + signal.SIGTERM


class Deck:
    """A home with one connection to the sandbox, and processes on it that end with the test."""

    def __init__(self, shell: Shell, sandbox: Sandbox) -> None:
        self.shell = shell
        self.sandbox = sandbox
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self, *words: str, given: bool = False) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self.shell.arguments(*words), stdin=pipe if given else None, stdout=pipe, stderr=pipe
        )
        self._processes.append(process)
        return process

    async def run(self, *words: str, given: str = "") -> Result:
        return await ended(await self.start(*words, given=bool(given)), given)

    async def start_held(self, *words: str, processed: bool = False) -> tuple[asyncio.subprocess.Process, Hold]:
        """Start a command whose token request the sandbox does not answer until it is released."""
        hold, before = Hold(processed), self.requests
        self.sandbox.inject("paysera", "token", hold, times=1)
        process = await self.start(*words)
        await self.sandbox.wait_for_requests(before + 1, "paysera", "token")
        return process, hold

    async def open_window(self) -> asyncio.subprocess.Process:
        """Open the window, and go on once it answers the shell."""
        process = await self.start()
        await asyncio.to_thread(until_answered, self.shell.home)
        return process

    async def record(self) -> ConnectionRecord:
        storage = open_storage(self.shell.home, guard=MemoryGuard())
        (record,) = await storage.ledger.records()
        await storage.close()
        return record

    @property
    def requests(self) -> int:
        return self.sandbox.count("paysera", "token")

    async def close(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.communicate()


def until_answered(home: Path) -> None:
    path = socket_path(find_places(home).name)
    assert path is not None
    while True:
        try:
            assert isinstance(value_of(exchange(path, request("vault", {}), ANSWER_S)), VaultOpen)
        except NobodyThere:
            continue
        return


async def ended(process: asyncio.subprocess.Process, given: str = "") -> Result:
    out, err = await process.communicate(given.encode() or None)
    assert process.returncode is not None
    return Result(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def deck(home: Path) -> AsyncIterator[Deck]:
    passphrase_file = home / "passphrase"
    passphrase_file.write_text("correct horse battery staple\n", encoding="utf-8")
    async with Sandbox() as sandbox:
        fields = sandbox.fields["paysera"]
        one = Deck(Shell(home / "deck", passphrase_file), sandbox)
        added = await one.run(
            *("add", "paysera", "Mine", "--environment", "Sandbox", "--secrets-from", "-"),
            *(f"--set=client_id={fields['client_id']}", f"--set=base_url={sandbox.base_url}"),
            given=f"client_secret={fields['client_secret']}\n",
        )
        assert added.code == 0, added.err
        yield one
        await one.close()


@pytest.mark.promise(2)
@pytest.mark.promise(36)
@pytest.mark.parametrize("processed", [False, True], ids=["before the provider acted", "after the provider acted"])
async def test_a_refresh_that_is_killed_is_known_as_cut_off_and_blocks_nothing(deck: Deck, *, processed: bool) -> None:
    first = await deck.run("token", "Mine")

    killed, hold = await deck.start_held("token", "Mine", "--fresh", processed=processed)
    killed.kill()
    await ended(killed)
    hold.release()
    (row,) = (await deck.run("list", "--json")).json
    record = await deck.record()
    kept = await deck.run("token", "Mine")
    fresh = await deck.run("token", "Mine", "--fresh")
    (after,) = (await deck.run("list", "--json")).json

    assert "was cut off before its answer was seen" in row["last_error"]
    assert record.cut_off_at is not None
    assert (row["status"], record.serial) == ("live", 1)
    assert (kept.code, kept.out) == (0, first.out)
    assert fresh.code == 0, fresh.err
    assert fresh.out not in {"", first.out}
    assert after["last_error"] is None
    assert deck.requests == 3


class ImpatientProgram(LocalProgram):
    """Gives up on a lock after a tenth of a second."""

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[RefreshEngine]:
        storage = open_storage(self._places.data, guard=MemoryGuard())
        endpoint = HttpEndpoint(now=self.clock.now)
        engine = RefreshEngine(
            clock=self.clock,
            ledger=storage.ledger,
            vault=storage.vault,
            endpoint=endpoint,
            locks=ImpatientLocks(storage.locks),
            catalog=Catalog(resources() / "providers"),
            listener=ScriptedListener(),
            draw=secrets.token_bytes,
            chance=lambda: 0.5,
        )
        await engine.load()
        yield engine
        await engine.drain()
        await endpoint.aclose()
        await storage.close()


class ImpatientLocks:
    def __init__(self, locks: ConnectionLocks) -> None:
        self._locks = locks

    def hold(self, connection_id: str, patience: timedelta) -> AbstractAsyncContextManager[None]:
        return self._locks.hold(connection_id, min(patience, timedelta(seconds=0.1)))

    def is_held(self, connection_id: str) -> bool:
        return self._locks.is_held(connection_id)


def run_impatiently(shell: Shell, *words: str) -> Result:
    out, err = io.StringIO(), io.StringIO()
    arguments = shell.arguments(*words)[len(COMMAND) :]
    code = main(
        arguments,
        lambda options: ImpatientProgram(find_places(options.home)),
        stdin=io.StringIO(),
        stdout=out,
        stderr=err,
    )
    return Result(code, out.getvalue(), err.getvalue())


@pytest.mark.promise(6)
async def test_a_process_that_is_stopped_keeps_its_lock_and_another_says_try_later(deck: Deck) -> None:
    first = await deck.run("token", "Mine")

    stopped, hold = await deck.start_held("token", "Mine", "--fresh")
    stopped.send_signal(signal.SIGSTOP)
    other = await asyncio.to_thread(run_impatiently, deck.shell, "token", "Mine", "--fresh")
    kept = await deck.run("token", "Mine")
    sent_meanwhile = deck.requests
    hold.release()
    stopped.send_signal(signal.SIGCONT)
    fresh = await ended(stopped)
    after = await deck.run("token", "Mine")

    assert (other.code, other.out) == (3, "")
    assert "Another Tokendeck is asking for this connection's token just now." in other.err
    assert (kept.code, kept.out) == (0, first.out)
    assert sent_meanwhile == 2
    assert fresh.code == 0, fresh.err
    assert after.out == fresh.out != first.out
    assert deck.requests == 2


@pytest.mark.promise(2)
async def test_a_command_that_is_asked_to_end_saves_what_is_on_the_wire(deck: Deck) -> None:
    first = await deck.run("token", "Mine")

    asked, hold = await deck.start_held("token", "Mine", "--fresh")
    asked.send_signal(signal.SIGTERM)
    hold.release()
    told = await ended(asked)
    after = await deck.run("token", "Mine")

    assert (told.code, told.out) == (TERMINATED, "")
    assert after.out not in {"", first.out}
    assert deck.requests == 2


@pytest.mark.promise(2)
async def test_a_window_that_is_asked_to_end_saves_what_is_on_the_wire(deck: Deck) -> None:
    first = await deck.run("token", "Mine")

    window = await deck.open_window()
    shell, hold = await deck.start_held("token", "Mine", "--fresh")
    window.send_signal(signal.SIGTERM)
    told = await ended(shell)  # the window answers nobody any more: it has begun to end
    hold.release()
    closed = await ended(window)
    after = await deck.run("token", "Mine")

    assert (told.code, told.out) == (3, "")
    assert closed == Result(0, "", "")
    assert after.out not in {"", first.out}
    assert deck.requests == 2


@pytest.mark.promise(36)
async def test_a_window_that_is_killed_leaves_a_cut_off_refresh_and_nothing_locked(deck: Deck) -> None:
    first = await deck.run("token", "Mine")

    window = await deck.open_window()
    shell, hold = await deck.start_held("token", "Mine", "--fresh")
    window.kill()
    told = await ended(shell)
    hold.release()
    (row,) = (await deck.run("list", "--json")).json
    fresh = await deck.run("token", "Mine", "--fresh")

    assert (told.code, told.out) == (3, "")
    assert "was cut off before its answer was seen" in row["last_error"]
    assert fresh.code == 0, fresh.err
    assert fresh.out not in {"", first.out}
