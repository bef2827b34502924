"""What a process owes itself before it touches a secret or opens a file. Imports next to nothing."""

from __future__ import annotations

import os
import sys


def complete_streams() -> None:
    """
    Put something in the place of standard streams that whoever started us has closed.

    Otherwise the next file to be opened, the store for one, would get the number of the missing one, and with it
    whatever a library writes to stderr. An output that was closed refuses what is written, as a full disk does.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_RDONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="replace"))


def harden() -> None:
    """Switch off what would write secrets where nobody looks for them: TLS key logs and core dumps."""
    os.environ.pop("SSLKEYLOGFILE", None)
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
