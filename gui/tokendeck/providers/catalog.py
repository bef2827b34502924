"""The descriptors that can be used: those shipped with the program, and the user's own."""

from __future__ import annotations

import string
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck.core.connection import BASE_URL
from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.core.frozen import dataclass
from tokendeck.providers.descriptor import read_provider
from tokendeck.providers.files import descriptor_files, read_tables
from tokendeck.providers.overrides import overridden

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tokendeck.core.connection import Connection
    from tokendeck.core.provider import Provider

ID_CHARACTERS = frozenset(f"{string.ascii_lowercase}{string.digits}_-")
MOST_VARIANTS = 512
"""Descriptors with overrides that are kept; beyond that all are read anew, as while somebody types an override."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One file that was read and is right."""

    values: Mapping[str, object]
    provider: Provider


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one reading of the folders came to."""

    by_id: Mapping[str, Descriptor]
    problems: tuple[DescriptorError, ...]
    wrong: Mapping[str, DescriptorError]
    """Why there is no provider of an id: by the id that a wrong file gives, or else by the file's name."""


class Catalog:
    """
    Gives providers by id, with a connection's overrides applied.

    A start asks for those that its list shows: a shipped one is read by itself, the folders as a whole at the first
    other question. They are read again only where an unknown id is asked for and the user's folder has changed.
    """

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        """
        Take the folders, reading nothing yet.

        Args:
            shipped: holds the program's own files.
            own: holds the user's; need not exist.

        """
        self._shipped = shipped
        self._own = own
        self._shelf: Shelf | None = None
        self._alone: dict[str, Descriptor | None] = {}
        self._read_at = 0
        self._lent: dict[str, Descriptor] = {}
        self._variants: dict[tuple[str, str, tuple[tuple[str, str], ...]], Provider] = {}

    @property
    def problems(self) -> tuple[DescriptorError, ...]:
        """What is wrong with files: one complaint for each that costs itself."""
        return self._read().problems

    def reload(self) -> None:
        """Read the folders anew."""
        self._shelf = None
        self._variants.clear()
        self._read()

    def providers(self) -> tuple[Provider, ...]:
        """Give all, in order of their names without regard to case."""
        found = (one.provider for one in self._read().by_id.values())
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.id)))

    def provider(self, provider_id: str) -> Provider:
        """Give one as its file says. Raises `UnknownProvider`, or `DescriptorError` where its file is wrong."""
        return self._descriptor(provider_id).provider

    def lend(self, values: Mapping[str, object], file: str) -> Provider:
        """
        Know a descriptor by its id that is no file yet, until it is given back or a file has that id.

        It is in no list. Raises `DescriptorError` where it is wrong; `file` is what that names.
        """
        provider = read_provider(values, file, shipped=False)
        self._lent[provider.id] = Descriptor(values, provider)
        self._variants.clear()
        return provider

    def give_back(self, provider: Provider) -> None:
        """Forget what was lent; what has been lent by the same id since is another's."""
        lent = self._lent.get(provider.id)
        if lent is not None and lent.provider is provider:
            del self._lent[provider.id]

    def provider_for(self, connection: Connection) -> Provider:
        """
        Give one with the connection's overrides applied; `base_url` is left to `connection_values`.

        Raises:
            UnknownProvider: no file has this id.
            DescriptorError: its file is wrong; or an override names no key, or has no value for that key: `file` is the
                connection's name then.

        """
        descriptor = self._descriptor(connection.provider)
        overrides = {key: value for key, value in connection.overrides.items() if value and key != BASE_URL}
        if not overrides:
            return descriptor.provider
        variant = (connection.provider, connection.grant, tuple(sorted(overrides.items())))
        if variant not in self._variants:
            if len(self._variants) >= MOST_VARIANTS:
                self._variants.clear()
            self._variants[variant] = overridden(
                descriptor.values, overrides, connection, shipped=descriptor.provider.shipped
            )
        return self._variants[variant]

    def _descriptor(self, provider_id: str) -> Descriptor:
        if self._shelf is None and (alone := self._read_alone(provider_id)) is not None:
            return alone
        shelf = self._read()
        if provider_id not in shelf.by_id and provider_id in self._lent:
            return self._lent[provider_id]
        if provider_id not in shelf.by_id and self._changed_at() != self._read_at:
            self.reload()  # another process has written a file meanwhile
            shelf = self._read()
        try:
            return shelf.by_id[provider_id]
        except KeyError:
            wrong = shelf.wrong.get(provider_id)
            if wrong is not None:
                raise DescriptorError(wrong.file, wrong.key, wrong.expected) from None
            raise UnknownProvider(provider_id, tuple(sorted(shelf.by_id))) from None

    def _read_alone(self, provider_id: str) -> Descriptor | None:
        """Give a shipped one without reading the others: its file has its name, and no other may have its id."""
        if provider_id not in self._alone:
            self._alone[provider_id] = None
            file = self._shipped / f"{provider_id}.toml"
            if ID_CHARACTERS.issuperset(provider_id) and file.exists():
                with suppress(DescriptorError):  # the shelf tells of it
                    values = read_tables(file)
                    provider = read_provider(values, str(file), shipped=True)
                    if provider.id == provider_id:
                        self._alone[provider_id] = Descriptor(values, provider)
        return self._alone[provider_id]

    def _read(self) -> Shelf:
        if self._shelf is None:
            self._read_at = self._changed_at()
            self._shelf = _read_folders(self._shipped, self._own)
        return self._shelf

    def _changed_at(self) -> int:
        """Give when a file was last added to the user's folder, in nanoseconds; 0 where there is none."""
        try:
            return self._own.stat().st_mtime_ns if self._own else 0
        except OSError:
            return 0


def _read_folders(shipped: Path, own: Path | None) -> Shelf:
    by_id: dict[str, Descriptor] = {}
    problems: list[DescriptorError] = []
    wrong: dict[str, DescriptorError] = {}
    for folder, is_shipped in ((shipped, True), (own, False)):
        if folder is None:
            continue
        try:
            files = descriptor_files(folder, must_exist=is_shipped)
        except DescriptorError as error:
            problems.append(error)
            continue
        for file in files:
            values: Mapping[str, object] = {}
            try:
                values = read_tables(file)
                provider = read_provider(values, str(file), shipped=is_shipped)
                if provider.id in by_id:
                    raise _taken(file, by_id[provider.id].provider)
            except DescriptorError as error:
                problems.append(error)
                wrong[str(values.get("id", file.stem))] = error
            else:
                by_id[provider.id] = Descriptor(values, provider)
    return Shelf(by_id, tuple(problems), wrong)


def _taken(file: Path, other: Provider) -> DescriptorError:
    whose = "comes with Tokendeck" if other.shipped else "is in another file of yours"
    return DescriptorError(str(file), "id", f"an id of its own: {other.id} {whose}")
