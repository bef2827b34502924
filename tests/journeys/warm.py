"""Commands that start at once: their process is forked from one that has imported everything."""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = Path(__file__).with_name("warm_start.py")
PATIENCE_S = 50.0


class WarmStart:
    """One process to fork from; it ends with this one, however that ends."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="td-warm-")
        self._path = str(Path(self._folder, "s"))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, str(PROGRAM), str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )

    def run(self, arguments: Sequence[str], given: str) -> subprocess.CompletedProcess[str]:
        """Run `tokendeck` as `subprocess.run` does, in this environment and folder."""
        order = {"arguments": list(arguments), "environment": dict(os.environ), "folder": str(Path.cwd())}
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as stdout,
            tempfile.TemporaryFile() as stderr,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            stdin.write(given.encode())
            stdin.seek(0)
            connection.settimeout(PATIENCE_S)
            connection.connect(self._path)
            streams = [stdin.fileno(), stdout.fileno(), stderr.fileno()]
            socket.send_fds(connection, [json.dumps(order).encode()], streams)
            ended = connection.recv(16)
            stdout.seek(0)
            stderr.seek(0)
            return subprocess.CompletedProcess(arguments, int(ended), stdout.read().decode(), stderr.read().decode())

    def close(self) -> None:
        self._process.communicate(timeout=PATIENCE_S)
        shutil.rmtree(self._folder)


@functools.cache
def warm_start() -> WarmStart:
    """Give the one of this test process; `end_warm_start` must follow."""
    return WarmStart()


def end_warm_start() -> None:
    """End it if there is one, so that what it has measured of the program's lines is counted."""
    if warm_start.cache_info().currsize:
        warm_start().close()
        warm_start.cache_clear()
