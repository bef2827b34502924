"""Who may reach what is kept."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def shut_others_out(path: Path) -> None:
    """Take others' rights away. A folder that is shared on purpose, as /tmp is, stays as it is. Raises `OSError`."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not mode & stat.S_ISVTX:
        path.chmod(mode & stat.S_IRWXU)
