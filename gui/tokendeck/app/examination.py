"""What `tokendeck doctor` and the window's diagnostics look at: everything that commonly goes wrong."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.app.logbook import LOGS
from tokendeck.app.logfile import newest_lines
from tokendeck.app.parts import running_parts
from tokendeck.app.surroundings import system, versions
from tokendeck.cli.errors import Mistyped
from tokendeck.cli.secret_files import OTHERS, reachable_by, read_passphrase, shut_out
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.diagnosis import Diagnosis, inspected, private_texts
from tokendeck.core.errors import DescriptorError, TokendeckError, UnknownProvider, WrongPassphrase
from tokendeck.core.status import NeedsAttention, status_of
from tokendeck.core.vault import VaultShut
from tokendeck.oauth.tls import Trust
from tokendeck.storage.reading import KEPT, set_aside_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokendeck.app.parts import Parts
    from tokendeck.app.places import Places
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.diagnosis import Finding, Inspected
    from tokendeck.core.secret import Secret
    from tokendeck.core.wording import Wording
    from tokendeck.engine.engine import RefreshEngine
    from tokendeck.engine.ports import Clock
    from tokendeck.providers.catalog import Catalog
    from tokendeck.storage.guards import KeyGuard
    from tokendeck.storage.storage import Storage


class Examination:
    """One look at this machine, this home and its vault. Shows no secret."""

    def __init__(self, places: Places, *, catalog: Catalog, clock: Clock, wording: Wording) -> None:
        """Look at these."""
        self._places = places
        self._catalog = catalog
        self._clock = clock
        self._say = wording.findings
        self._findings: list[Finding] = []
        self._records: tuple[ConnectionRecord, ...] = ()
        self._connections: tuple[Inspected, ...] = ()

    async def of_home(self, guard: KeyGuard, passphrase_file: Path | None) -> Diagnosis:
        """
        Look at everything, and try whether the vault opens. Raises nothing.

        Args:
            guard: keeps the data key.
            passphrase_file: opens a vault that a passphrase guards; None means to ask `guard`.

        """
        await self._machine()
        try:
            async with running_parts(self._places, catalog=self._catalog, clock=self._clock, guard=guard) as parts:
                # Only where there is a home: looking must not set one up.
                has_vault = _is_there(self._places.data) and await self._loaded(parts)
                self._findings.append(
                    await self._unlocked(parts.engine, passphrase_file)
                    if has_vault
                    else await self._to_come(parts.storage, passphrase_file)
                )
        except TokendeckError as error:
            self._findings.append(self._say.store_shut(error))
        return await self._diagnosis()

    async def of_window(self, parts: Parts) -> Diagnosis:
        """Look at everything as it stands in a program that runs; its vault is left as it is. Raises nothing."""
        await self._machine()
        try:
            await self._store(parts)
            self._findings.append(self._say.vault(parts.engine.vault_state))
        except TokendeckError as error:
            self._findings.append(self._say.store_shut(error))
        return await self._diagnosis()

    async def _diagnosis(self) -> Diagnosis:
        self._descriptors()
        parts, log = await asyncio.to_thread(lambda: (versions(), self._log()))  # both read files
        home = str(Path.home())
        return Diagnosis(
            at=self._clock.now().wall,
            parts=parts,
            system=system(),
            findings=tuple(self._findings),
            connections=self._connections,
            log=log,
            private=private_texts(self._records, self._connections),
            home="" if home == Path(home).anchor else home,
        )

    async def _machine(self) -> None:
        self._findings.append(self._say.window(has_qt=find_spec("PySide6") is not None))
        self._findings += self._folders()
        folder = self._places.certificates
        trust = await asyncio.to_thread(Trust, folder)  # some tens of milliseconds
        self._findings.append(self._say.authorities(own=len(trust.files), folder=str(folder)))
        self._findings += map(self._say.certificate_file, trust.problems)

    def _folders(self) -> Iterator[Finding]:
        folder = self._places.data
        existing = next((path for path in (folder, *folder.parents) if _is_there(path)), folder)
        is_writable = existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
        if existing != folder and is_writable:
            yield self._say.folder_to_come(str(folder))
            return
        yield self._say.folder(str(existing), is_writable=is_writable)
        if existing == folder and sys.platform != "win32":
            yield from self._modes(folder)
        yield from map(self._say.damaged_store, map(str, set_aside_files(folder)))
        yield from map(self._say.kept_vault, map(str, set_aside_files(folder, KEPT)))

    def _modes(self, folder: Path) -> Iterator[Finding]:
        kept = (folder, *sorted(folder.glob("*.db*")), *folder.glob("locks"))
        open_to_others = [path for path in kept if path.stat().st_mode & OTHERS]
        if not open_to_others:
            yield self._say.modes_good()
        for path in open_to_others:
            yield self._say.modes_open(str(path), f"{stat.S_IMODE(path.stat().st_mode):o}", shut_out(path))

    async def _loaded(self, parts: Parts) -> bool:
        await parts.engine.load()
        return await self._store(parts)

    async def _store(self, parts: Parts) -> bool:
        """Look at what is kept; tell whether there is a vault."""
        facts = await parts.storage.facts()
        self._records = tuple(sorted(parts.engine.records(), key=lambda record: record.connection.created_at))
        self._connections = tuple(self._inspect(parts.engine, record) for record in self._records)
        self._findings.append(
            self._say.store(
                connections=len(self._records),
                schema_version=facts.schema_version,
                size_bytes=facts.size_bytes,
                sqlite_version=facts.sqlite_version,
            )
        )
        return facts.guard is not None

    def _inspect(self, engine: RefreshEngine, record: ConnectionRecord) -> Inspected:
        connection, now = record.connection, self._clock.now()
        try:
            provider, grant = engine.provider(connection), engine.grant(connection)
        except (UnknownProvider, DescriptorError):
            gone = NeedsAttention(Trouble(TroubleKind.NEEDS_ATTENTION, now.wall))
            return inspected(record, None, status=gone.word, renewal="")
        status = status_of(record, grant, now, renewing=engine.is_renewing(connection.id))
        return inspected(record, provider, status=status.word, renewal=grant.renewal.policy.value)

    async def _to_come(self, storage: Storage, passphrase_file: Path | None) -> Finding:
        """Say what stands in the way of a first connection, which is to set the vault up."""
        try:
            if passphrase_file is None:
                return self._say.vault_to_come(await storage.hindrance())
            self._passphrase(passphrase_file)
        except Mistyped as mistake:
            return self._say.vault_shut(*mistake.sentences)
        return self._say.vault_to_come(None)

    async def _unlocked(self, engine: RefreshEngine, passphrase_file: Path | None) -> Finding:
        try:
            if passphrase_file is None:
                return self._say.vault(await engine.unlock())
            return self._say.vault(await engine.unlock_with_passphrase(self._passphrase(passphrase_file)))
        except WrongPassphrase as error:
            return self._say.vault(VaultShut(error))
        except Mistyped as mistake:
            return self._say.vault_shut(*mistake.sentences)

    def _passphrase(self, file: Path) -> Secret:
        passphrase = read_passphrase(file)
        if mode := reachable_by(file):
            self._findings.append(self._say.modes_open(str(file), mode, shut_out(file)))
        return passphrase

    def _descriptors(self) -> None:
        count, problems = len(self._catalog.providers()), self._catalog.problems
        self._findings.append(self._say.providers(count=count, folder=str(self._places.providers)))
        self._findings += map(self._say.provider_file, problems)

    def _log(self) -> tuple[str, ...]:
        """Give the newest lines of each log, under its name."""
        state = self._places.state
        newest = {name: lines for name in LOGS if (lines := newest_lines(state / name))}
        if newest:
            self._findings.append(self._say.log(str(state)))
        return tuple(line for name, lines in newest.items() for line in (f"{name}:", *lines))


def _is_there(path: Path) -> bool:
    """Tell whether something is there, as far as one may look."""
    return os.access(path, os.F_OK)
