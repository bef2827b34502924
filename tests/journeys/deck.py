"""A home with one connection, signed in to a provider that rotates refresh tokens, and real processes on it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.doorbell import until_answered
from tests.journeys.connections import payt, signed_in
from tests.journeys.shell import Result, Shell
from tokendeck.app.places import find_places
from tokendeck.cli.running.place import socket_path
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.sandbox import Hold, Sandbox
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.token import TokenSet
    from tokendeck.sandbox import ProviderId

ANSWER_S = 20.0
PASSPHRASE = "correct horse battery staple"
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
LONG = timedelta(hours=2)


class Deck:
    """The connection is called `Mine`; processes end with the deck."""

    def __init__(self, shell: Shell, sandbox: Sandbox, connection_id: str, first: TokenSet) -> None:
        self.shell = shell
        self.sandbox = sandbox
        self.first = first.access_token.reveal() + "\n"
        """The first token, as `tokendeck token` prints it."""

        self._connection_id = connection_id
        self._processes: list[asyncio.subprocess.Process] = []

    @property
    def requests(self) -> int:
        return self.sandbox.count("payt", "token")

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*self.shell.arguments(*words), stdout=pipe, stderr=pipe)
        self._processes.append(process)
        return process

    async def run(self, *words: str) -> Result:
        return await ended(await self.start(*words))

    async def start_held(self, *words: str, processed: bool = False) -> tuple[asyncio.subprocess.Process, Hold]:
        """Start a command whose token request the sandbox does not answer until it is released."""
        hold, before = Hold(processed), self.requests
        self.sandbox.inject("payt", "token", hold, times=1)
        process = await self.start(*words)
        await self.sandbox.wait_for_requests(before + 1, "payt", "token")
        return process, hold

    async def open_window(self) -> asyncio.subprocess.Process:
        """Open the window, and go on once it answers the shell."""
        process = await self.start()
        await asyncio.to_thread(until_open, self.shell.home)
        return process

    async def lose_connections(self) -> None:
        """Have the provider lose every connection: what it has not acted on, it never will."""
        await lose_connections(self.sandbox)

    async def record(self) -> ConnectionRecord:
        """Read what the ledger knows, as another process would."""
        storage = open_storage(self.shell.home, guard=MemoryGuard())
        record = await storage.ledger.record(self._connection_id)
        await storage.close()
        assert record is not None
        return record

    async def close(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.communicate()


@asynccontextmanager
async def running_deck(
    home: Path,
    *,
    left: timedelta = LONG,
    passphrase: str = PASSPHRASE,
    fields: Mapping[ProviderId, Mapping[str, str]] | None = None,
) -> AsyncIterator[Deck]:
    """
    Furnish `home` with a connection whose first token is good for `left`; end every process at the end.

    `fields` are what the sandbox takes instead of what it makes up.
    """
    passphrase_file = home.with_suffix(".passphrase")
    passphrase_file.write_text(passphrase, encoding="utf-8")
    passphrase_file.chmod(0o600)
    async with Sandbox(fields=fields) as sandbox:
        (connection, secrets), first = payt(sandbox), signed_in(sandbox, left)
        storage = open_storage(home, guard=MemoryGuard(), cost=CHEAP)
        await storage.vault.open_with_passphrase(Secret(passphrase))
        await storage.vault.put(connection, secrets)
        await storage.vault.save_tokens(connection.id, first)
        await storage.close()
        deck = Deck(Shell(home, passphrase_file), sandbox, connection.id, first)
        try:
            yield deck
        finally:
            await deck.close()


async def lose_connections(sandbox: Sandbox) -> None:
    """Stop it and start it again where it was; requests that were held are never acted on."""
    port = urlsplit(sandbox.base_url).port
    assert port is not None
    await sandbox.stop()
    sandbox.clear()
    await sandbox.start(port)


def until_open(home: Path) -> None:
    path = socket_path(find_places(home).name)
    assert path is not None
    assert isinstance(until_answered(path, "vault"), VaultOpen)


async def ended(process: asyncio.subprocess.Process) -> Result:
    out, err = await process.communicate()
    assert process.returncode is not None
    return Result(process.returncode, out.decode(), err.decode())
