"""
A process that has imported everything and forks: each start of the program then costs milliseconds.

    python -m tests.zygote MODULE      forks for each line of stdin, one JSON value, and calls MODULE.live with it

It runs no threads, so that what it forks is as good as started. At most one child lives at a time.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[1]
FORKED, ENDED = "forked ", "ended "


class Zygote:
    """The zygote, as a test sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def fork(self, argument: object) -> Child:
        """Start a child that calls `live(argument)`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(argument).encode() + b"\n")
        return Child(self, int((await self.line()).removeprefix(FORKED)))

    async def line(self) -> str:
        """Give the next line that the child, or the zygote, says."""
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode()
        assert line.endswith("\n"), "the zygote is gone; what it said last is on stderr"
        return line.removesuffix("\n")


class Child:
    """One process that was forked."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote = zygote
        self._pid = pid
        self.said: list[str] = []
        """The lines read so far."""

        self.code: int | None = None
        """How it ended, negative for a signal; None while it has not been seen to end."""

    async def read(self) -> None:
        """Wait until it says one more line, or ends."""
        line = await self._zygote.line()
        if line.startswith(ENDED):
            self.code = int(line.removeprefix(ENDED))
        else:
            self.said.append(line)

    async def read_to_the_end(self) -> None:
        """Wait until it has ended."""
        while self.code is None:
            await self.read()

    async def kill(self) -> None:
        """Send SIGKILL to a child that does not end by itself, and read the rest of what it had said."""
        os.kill(self._pid, signal.SIGKILL)
        await self.read_to_the_end()


@asynccontextmanager
async def running_zygote(module: str) -> AsyncIterator[Zygote]:
    """Run one that calls `live` of `module`."""
    pipe = asyncio.subprocess.PIPE
    # Children that are killed measure no coverage; it would only slow them down.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, module), stdin=pipe, stdout=pipe, env=environment, cwd=ROOT
    )
    try:
        yield Zygote(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def say(line: str) -> None:
    """Say a line to the test; from a child it is there even if the child is killed in the next moment."""
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    live: Any = importlib.import_module(sys.argv[1]).live
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _live(live, json.loads(line))
        say(f"{FORKED}{pid}")
        _, status = os.waitpid(pid, 0)
        say(f"{ENDED}{os.waitstatus_to_exitcode(status)}")


def _live(live: Any, argument: object) -> None:  # noqa: ANN401 - whatever the module has
    code = 1
    try:
        live(argument)
        code = 0
    except BaseException:  # noqa: BLE001 - the child ends here, and not by going on as a zygote
        traceback.print_exc()
    os._exit(code)


if __name__ == "__main__":
    main()
