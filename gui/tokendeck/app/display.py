"""Whether there is anywhere to show a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOSEN = "QT_QPA_PLATFORM"
UNSEEN = frozenset({"offscreen", "minimal"})
NO_DISPLAY = (
    "There is no display here, so no window can be shown. The command line works without one: tokendeck --help. "
    "To look around all the same: tokendeck --demo."
)


def is_seen(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether a window would be seen by somebody."""
    return environ.get(CHOSEN, "").partition(":")[0] not in UNSEEN and can_open(environ, platform)


def can_open(environ: Mapping[str, str], platform: str) -> bool:
    """Tell whether Qt could open a window at all, seen or not; only Linux and its kin can lack a display."""
    named = environ.get(CHOSEN) or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return platform in {"win32", "darwin"} or bool(named)
