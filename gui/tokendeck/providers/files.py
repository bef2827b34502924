"""Descriptor files on the disk: found, and read as TOML; whatever is wrong with one is a `DescriptorError`."""

from __future__ import annotations

import stat
import tomllib
from typing import TYPE_CHECKING

from tokendeck.core.errors import DescriptorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST_FILE = 64 * 1024


def descriptor_files(folder: Path, *, must_exist: bool) -> tuple[Path, ...]:
    """
    Give the folder's `*.toml` in order of their names; hidden ones belong to editors and are left out.

    Raises:
        DescriptorError: no folder that can be read; one that is absent counts only where it `must_exist`.

    """
    try:
        names = [one for one in folder.iterdir() if one.suffix == ".toml" and not one.name.startswith(".")]
    except FileNotFoundError:
        if not must_exist:
            return ()
        raise DescriptorError(str(folder), "", "a folder of provider files") from None
    except OSError as error:
        raise DescriptorError(str(folder), "", f"a folder that can be read ({error.strerror})") from None
    return tuple(sorted(names))


def read_tables(file: Path) -> Mapping[str, object]:
    """Read a file as TOML. Raises `DescriptorError`."""
    try:
        # Asked before opening, because opening a pipe waits for somebody to write to it.
        if not stat.S_ISREG(file.stat().st_mode):
            raise DescriptorError(str(file), "", "a regular file")
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise DescriptorError(str(file), "", f"a file that can be read ({error.strerror})") from None
    if len(content) > LARGEST_FILE:
        raise DescriptorError(str(file), "", f"at most {LARGEST_FILE // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DescriptorError(str(file), "", f"text in UTF-8 (it is something else at line {line})") from None
    return parse_tables(text, str(file))


def parse_tables(text: str, file: str) -> Mapping[str, object]:
    """Read TOML text; `file` is what a `DescriptorError` names."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DescriptorError(file, "", f"TOML ({error})") from None
    except (RecursionError, ValueError):  # a number of too many digits, a date like 2026-02-30
        raise DescriptorError(file, "", "TOML whose values make sense") from None
