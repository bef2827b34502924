"""On what the program runs: versions and system, for a diagnosis."""

from __future__ import annotations

import os
import platform
import ssl
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from tokendeck import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIBRARIES = ("PySide6-Essentials", "qasync", "httpcore", "keyring", "SecretStorage", "cryptography", "filelock")
DESKTOP = ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM")
"""Variables that say what the window runs on; none of them is anybody's secret."""


def versions(libraries: Iterable[str] = LIBRARIES) -> Mapping[str, str]:
    """Give versions by name, Tokendeck's first; a library that is not there is left out."""
    found = {"Tokendeck": __version__, "Python": platform.python_version()}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # not on this system, or a bundle without the packages' own records
            continue
    return found | {"OpenSSL": ssl.OPENSSL_VERSION.removeprefix("OpenSSL ")}


def system(environ: Mapping[str, str] = os.environ) -> str:
    """Give the system and the desktop in one line; no name of a machine or a person."""
    return ", ".join([platform.platform(), *filter(None, (environ.get(name) for name in DESKTOP))])
