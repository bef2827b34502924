"""A descriptor that is no file yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import DescriptorError
from tokendeck.providers.files import parse_tables

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.core.provider import Provider
    from tokendeck.providers.catalog import Catalog


class Sketch:
    """
    Known to the catalog by its id, so that connections can be tried out with it; in no list, and gone if not written.

    `write` and `erase` wait for the disk; everything else belongs to the thread of the catalog.
    """

    def __init__(self, text: str, file: Path, catalog: Catalog) -> None:
        """Take TOML text for a file. Raises `DescriptorError` where nobody could read it."""
        self.file = file
        self._text = text
        self._catalog = catalog
        self.provider: Provider = catalog.lend(parse_tables(text, str(file)), str(file))

    def write(self) -> bool:
        """Write the file, and tell whether that was done: no other is written over. Raises `DescriptorError`."""
        folder = self.file.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self.file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(self._text)
        except OSError as error:
            if isinstance(error, FileExistsError) and folder.is_dir():
                return False
            raise DescriptorError(str(self.file), "", f"a file that can be written ({error.strerror})") from None
        return True

    def erase(self) -> None:
        """Take the file away again that `write` wrote. Raises `DescriptorError` where it stays."""
        try:
            self.file.unlink(missing_ok=True)
        except OSError as error:
            raise DescriptorError(str(self.file), "", f"a file that can be erased ({error.strerror})") from None

    def drop(self) -> None:
        """Have the catalog forget it, and no other sketch of the same id."""
        self._catalog.give_back(self.provider)
