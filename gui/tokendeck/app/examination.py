"""What `tokendeck doctor` looks at: everything that commonly goes wrong, and what to do about it."""

from __future__ import annotations

import os
import platform
import stat
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tokendeck.app.parts import running_parts
from tokendeck.cli.errors import Mistyped
from tokendeck.cli.program import Finding
from tokendeck.cli.secret_files import read_passphrase
from tokendeck.core.errors import TokendeckError, WrongPassphrase
from tokendeck.core.vault import VaultOpen, VaultShut
from tokendeck.core.wording import Wording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tokendeck.app.places import Places
    from tokendeck.core.vault import VaultState
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.ports import Clock
    from tokendeck.providers.catalog import Catalog
    from tokendeck.storage.guards import KeyGuard
    from tokendeck.storage.storage import StorageFacts

VAULT_EXIT_CODE = 4
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Examination:
    """One look at this machine, this home and its vault. Shows no secret."""

    def __init__(
        self,
        places: Places,
        *,
        catalog: Catalog,
        clock: Clock,
        guard: KeyGuard,
        passphrase_file: Path | None,
    ) -> None:
        """Look at these; `passphrase_file` opens a vault that a passphrase guards."""
        self._places = places
        self._catalog = catalog
        self._clock = clock
        self._guard = guard
        self._passphrase_file = passphrase_file
        self._wording = Wording()

    async def findings(self) -> tuple[Finding, ...]:
        """Look at everything. Raises nothing."""
        found = [*self._program(), *self._folders()]
        found += [one async for one in self._vault()]
        return (*found, *self._descriptors())

    def _program(self) -> Iterator[Finding]:
        yield Finding("Python", ok=True, detail=f"{platform.python_version()} on {platform.platform()}")
        has_qt = find_spec("PySide6") is not None
        yield Finding(
            "Window",
            ok=has_qt,
            detail="PySide6 is installed." if has_qt else "PySide6 is not installed.",
            advice="" if has_qt else "The command line works without it. For the window, install PySide6-Essentials.",
        )

    def _folders(self) -> Iterator[Finding]:
        folder = self._places.data
        existing = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        writable = os.access(existing, os.W_OK | os.X_OK)
        if existing != folder and writable:
            yield Finding("Data folder", ok=True, detail=f"{folder} is not there yet; the first connection makes it.")
            return
        yield Finding(
            "Data folder",
            ok=writable,
            detail=f"{existing} can be written." if writable else f"{existing} cannot be written.",
            advice="" if writable else "Give yourself the right to write there, or choose another folder with --home.",
            exit_code=VAULT_EXIT_CODE,
        )
        if existing == folder and sys.platform != "win32":
            yield from _modes(folder)

    async def _vault(self) -> AsyncIterator[Finding]:
        """Read the store, and open the vault only where there is one: looking must not set one up."""
        if not self._places.data.exists():
            return
        try:
            async with running_parts(
                self._places, catalog=self._catalog, clock=self._clock, guard=self._guard
            ) as parts:
                await parts.engine.load()
                facts = await parts.storage.facts()
                yield _store(facts, len(parts.engine.records()))
                if facts.guard is None:
                    yield Finding("Vault", ok=True, detail="It is not set up yet; the first connection does that.")
                else:
                    yield await self._unlocked(parts.engine)
        except TokendeckError as error:
            yield Finding("Store", ok=False, detail=self._wording.error(error), exit_code=VAULT_EXIT_CODE)

    async def _unlocked(self, engine: RefreshEngine) -> Finding:
        try:
            if self._passphrase_file is None:
                return self._opened(await engine.unlock())
            return self._opened(await engine.unlock_with_passphrase(read_passphrase(self._passphrase_file)))
        except WrongPassphrase as error:
            return self._opened(VaultShut(error))
        except Mistyped as mistake:
            return Finding("Vault", ok=False, detail=" ".join(mistake.sentences), exit_code=VAULT_EXIT_CODE)

    def _opened(self, state: VaultState) -> Finding:
        if isinstance(state, VaultOpen):
            return Finding("Vault", ok=True, detail=f"It opens. Guard: {state.backend or state.guard.value}.")
        why = self._wording.error(state.why) if isinstance(state, VaultShut) else "It is still being opened."
        return Finding("Vault", ok=False, detail=why, exit_code=VAULT_EXIT_CODE)

    def _descriptors(self) -> Iterator[Finding]:
        count, problems = len(self._catalog.providers()), self._catalog.problems
        yield Finding(
            "Providers", ok=True, detail=f"{count} can be used; your own files go to {self._places.providers}."
        )
        for problem in problems:
            yield Finding("Provider file", ok=False, detail=self._wording.error(problem))


def _store(facts: StorageFacts, count: int) -> Finding:
    size = f"{facts.size_bytes / 1024:.0f} KiB"
    detail = (
        f"Connections that can be read: {count}. Format {facts.schema_version}, {size}, SQLite {facts.sqlite_version}."
    )
    return Finding("Store", ok=True, detail=detail)


def _modes(folder: Path) -> Iterator[Finding]:
    open_to_others = [path for path in (folder, *sorted(folder.glob("*.db*"))) if path.stat().st_mode & OTHERS]
    if not open_to_others:
        yield Finding("File modes", ok=True, detail="Only you can read the data folder.")
    for path in open_to_others:
        yield Finding(
            "File modes",
            ok=False,
            detail=f"Others can reach {path} (mode {stat.S_IMODE(path.stat().st_mode):o}).",
            advice=f"Shut them out: chmod go-rwx '{path}'",
        )
