"""Where things are on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from zlib import crc32

from tokendeck.cli.errors import Mistyped
from tokendeck.core.frozen import dataclass

HOME_VARIABLE = "TOKENDECK_HOME"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that belong to one user's Tokendeck."""

    data: Path
    """Holds the store and its locks."""

    providers: Path
    """Holds the user's own descriptor files."""

    certificates: Path
    """Holds files of the authorities that the user trusts beside the system's."""

    state: Path
    """Holds the window's geometry."""

    @property
    def name(self) -> str:
        """A short name that tells two homes apart: eight hexadecimal digits."""
        return f"{crc32(os.fsencode(self.data.absolute())):08x}"


def find_places(home: Path | None) -> Places:
    """
    Give the folders, creating none.

    Args:
        home: holds everything where given; else TOKENDECK_HOME does, else the platform's own places are used.

    Raises:
        Mistyped: it begins with ~ and the name of nobody on this machine.

    """
    if home is None and os.environ.get(HOME_VARIABLE):
        home = Path(os.environ[HOME_VARIABLE])
    if home is not None:
        try:
            home = home.expanduser().absolute()
        except RuntimeError:
            raise Mistyped(f"The data folder {home} cannot be found: nobody on this machine is called so.") from None
        return Places(home, home / "providers", home / "certificates", home / "state")
    import platformdirs

    folders = platformdirs.PlatformDirs("tokendeck" if sys.platform == "linux" else "Tokendeck", appauthor=False)
    configuration = folders.user_config_path
    return Places(
        folders.user_data_path, configuration / "providers", configuration / "certificates", folders.user_state_path
    )


def resources() -> Path:
    """Give the folder of icons and shipped descriptors: inside an installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent.parent / "resources"
