"""Tokendeck as a shell meets it: real processes, real exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

COMMAND = (sys.executable, "-m", "tokendeck")
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

    def arguments(self, *words: str) -> list[str]:
        unlock = [] if self.passphrase_file is None else ["--passphrase-file", str(self.passphrase_file)]
        return [*COMMAND, "--home", str(self.home), *unlock, *words]

    def run(self, *words: str, given: str = "") -> Result:
        ended = subprocess.run(
            self.arguments(*words), input=given, capture_output=True, text=True, timeout=50, check=False
        )
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
