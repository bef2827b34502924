"""Whoever looks, as far as this user's account reaches, for traces of the secrets that a session had in its hands."""

from __future__ import annotations

import stat
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.canary import Canary
    from tests.journeys.shell import Result
    from tokendeck.sandbox import Sandbox

PROC = Path("/proc")


class Witness:
    """
    Notes where a secret was seen, and how much was looked at: a search of nothing finds nothing.

    Tokens are secrets, too, but the provider makes them up as it goes: `learn` before looking.
    """

    def __init__(self, canary: Canary, folder: Path, *, handed_over: Collection[Path] = ()) -> None:
        """Search below `folder`, but for the files by which a person hands secrets over."""
        self.leaks: set[str] = set()
        self.looked_at: Counter[str] = Counter()
        self._canary = canary
        self._folder = folder
        self._handed_over = set(handed_over)

    def learn(self, sandbox: Sandbox) -> None:
        """Watch for every token that the sandbox has issued so far."""
        for dialect in sandbox._dialects.values():
            for token in dialect.issuer._tokens:
                self._canary.watch(token, f"an access token of {dialect.provider}")
        for refresh_token in sandbox.sign_in._families._by_refresh_token:
            self._canary.watch(refresh_token, "a refresh token")

    def hear(self, told: Result, *, but: str = "") -> Result:
        """Search what a command printed; `but` is the token that it was asked for, which only stdout may hold."""
        out = told.out.replace(but, "") if but else told.out
        self._look("stdout", out.encode())
        self._look("stderr", told.err.encode())
        return told

    def search_files(self) -> None:
        """Search every file, also what SQLite and others keep beside their own for a while."""
        for path in self._folder.rglob("*"):
            with suppress(FileNotFoundError):  # gone since
                if path not in self._handed_over and stat.S_ISREG(path.lstat().st_mode):
                    self._look(f"the file {path.relative_to(self._folder)}", path.read_bytes())

    def search_processes(self, *process_ids: int) -> None:
        """Search what everybody may read of these processes and of those that they started."""
        for process in _with_children(process_ids):
            for what in ("cmdline", "environ", "comm", "status"):
                self._look(f"/proc/…/{what}", (PROC / str(process) / what).read_bytes())
            for descriptor in (PROC / str(process) / "fd").iterdir():
                with suppress(OSError):  # closed since, or no file
                    if stat.S_ISREG(descriptor.stat().st_mode):  # a temporary file may have no name any more
                        self._look(f"/proc/…/fd → {descriptor.readlink()}", descriptor.read_bytes())

    def _look(self, where: str, data: bytes) -> None:
        self.looked_at[where] += len(data)
        self.leaks |= {f"{leak} in {where}" for leak in self._canary.found_in(data)}


def _with_children(process_ids: Collection[int]) -> Iterator[int]:
    for process in process_ids:
        yield process
        for task in (PROC / str(process) / "task").iterdir():
            with suppress(FileNotFoundError):
                yield from _with_children([int(one) for one in (task / "children").read_text("ascii").split()])
