"""Tokendeck as a shell meets it: real processes, real exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.journeys.warm import warm_start
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMMAND = (sys.executable, "-m", "tokendeck")
PASSPHRASE = "correct horse battery staple"
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
SECRET_FIELDS = frozenset({"clientSecret", "client_secret", "password"})


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """One home, unlocked by a passphrase file, or by the keyring where there is none."""

    home: Path
    passphrase_file: Path | None = None
    is_cold: bool = not hasattr(os, "fork")
    """Whether each command starts Python anew, instead of being forked from one that has imported everything."""

    def arguments(self, *words: str) -> list[str]:
        unlock = [] if self.passphrase_file is None else ["--passphrase-file", str(self.passphrase_file)]
        return [*COMMAND, "--home", str(self.home), *unlock, *words]

    def run(self, *words: str, given: str = "") -> Result:
        if self.is_cold:
            ended = subprocess.run(
                self.arguments(*words), input=given, capture_output=True, text=True, timeout=50, check=False
            )
        else:
            ended = warm_start().run(self.arguments(*words)[len(COMMAND) :], given)
        return Result(ended.returncode, ended.stdout, ended.stderr)

    def add(self, provider: str, name: str, fields: Mapping[str, str], base_url: str) -> Result:
        """Add a connection to the sandbox, secrets through stdin."""
        settings = [f"--set={key}={value}" for key, value in fields.items() if key not in SECRET_FIELDS]
        if "base_url" not in fields:
            settings.append(f"--set=base_url={base_url}")
        secrets = json.dumps({key: value for key, value in fields.items() if key in SECRET_FIELDS})
        return self.run(
            "add", provider, name, "--environment", "Sandbox", *settings, "--secrets-from", "-", given=secrets
        )


def new_passphrase(home: Path) -> Path:
    """Give a file with a passphrase, beside what is kept in `home`."""
    file = home.with_suffix(".passphrase")
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def with_cheap_vault(home: Path) -> Shell:
    """Set up a vault whose passphrase takes no time to try; its own takes 0.2 s in every process."""

    async def set_up() -> None:
        storage = open_storage(home, guard=MemoryGuard(), cost=CHEAP)
        await storage.vault.open_with_passphrase(Secret(PASSPHRASE))
        await storage.close()

    asyncio.run(set_up())
    return Shell(home, new_passphrase(home))


@contextmanager
def sandbox_process() -> Iterator[dict[str, Any]]:
    """Run `tokendeck sandbox` and give what it announced."""
    process = subprocess.Popen([*COMMAND, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=20)
