"""A process that makes the data key, or has a passphrase guard it from now on, and dies at one of its steps."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

import tokendeck.storage
from tests.storage import keyrings_for_tests
from tests.storage.samples import make_connection
from tokendeck.core.secret import Secret
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from types import FrameType

    from tokendeck.storage.storage import Storage

Way: TypeAlias = Literal["keyring", "passphrase", "from keyring to passphrase", "by recovery key"]

ROOM = str(Path(tokendeck.storage.__file__).parent)
KEYRING = keyrings_for_tests.__file__
LASTING = frozenset({"Connection.execute", "Connection.executescript", "Connection.close", "connect", "open"})
"""What the room calls that leaves a trace on the disk; between two of them a process may die unnoticed."""

ENTRIES = frozenset({"get_password", "set_password", "delete_password"})
PASSPHRASE = Secret("correct horse")


class Task(TypedDict):
    home: str
    way: Way
    step: int
    """The process dies at this one, counted from 1: before or after something that lasts."""


class KeptKeyring(keyrings_for_tests.DictKeyring):
    """Its entries outlive the process: beside the home, where no test would look for a secret."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._file = home.with_suffix(".keyring")
        if self._file.exists():
            self.entries = json.loads(self._file.read_text(encoding="utf-8"))
        self.after = lambda _: self._keep()

    def lose_everything(self) -> None:
        self.entries.clear()
        self._keep()

    def _keep(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.entries), encoding="utf-8")
        new.replace(self._file)


class Death:
    """Comes at the step that it was told."""

    def __init__(self, step: int) -> None:
        self._left = step
        self.is_armed = False

    def watch(self) -> None:
        """Look at every step of this thread and of those that are still to be started."""
        threading.setprofile(self._look)
        sys.setprofile(self._look)

    def _look(self, frame: FrameType, event: str, what: object) -> None:
        code = frame.f_code
        lasts = (
            code.co_filename.startswith(ROOM)
            and event in {"c_call", "c_return"}
            and getattr(what, "__qualname__", "") in LASTING
        ) or (code.co_filename == KEYRING and event in {"call", "return"} and code.co_name in ENTRIES)
        if not (lasts and self.is_armed):
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def open_home(home: Path, keyring: KeptKeyring | None = None) -> Storage:
    guard = KeyringGuard(keyring or KeptKeyring(home))
    return open_storage(home, guard=guard, cost=Cost(passes=1, lanes=1, memory_kib=8))


def recovery_key_of(home: Path) -> Secret:
    return Secret(_recovery_file(home).read_text(encoding="utf-8"))


def _recovery_file(home: Path) -> Path:
    return home.with_suffix(".recovery")


def live(task: Task) -> None:
    asyncio.run(_make_key(Path(task["home"]), task["way"], Death(task["step"])))


async def _make_key(home: Path, way: Way, death: Death) -> None:
    death.watch()
    keyring = KeptKeyring(home)
    storage = open_home(home, keyring)
    match way:
        case "keyring":
            death.is_armed = True
            await storage.vault.open()
        case "passphrase":
            death.is_armed = True
            await storage.vault.open_with_passphrase(PASSPHRASE)
        case "from keyring to passphrase":
            await storage.vault.open()
            await storage.vault.put(make_connection("Before"), {"secret": Secret("kept")})
            death.is_armed = True
            await storage.vault.protect_with_passphrase(PASSPHRASE)
        case "by recovery key":
            await storage.vault.open()
            await storage.vault.put(make_connection("Before"), {"secret": Secret("kept")})
            recovery_key = await storage.vault.make_recovery_key()
            _recovery_file(home).write_text(recovery_key.reveal(), encoding="utf-8")
            storage.vault.lock()
            keyring.lose_everything()
            death.is_armed = True
            await storage.vault.open_with_recovery_key(recovery_key)
    await storage.close()
