"""What holds for every command, and for the window; read without the whole grammar where nothing else was typed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Options:
    """What stands beside a command, or alone where the window is to open."""

    home: Path | None = None
    """The data folder; None means TOKENDECK_HOME, or else the platform's own place."""

    passphrase_file: Path | None = None
    """Holds the passphrase that opens the vault; None means to ask whatever guards it."""

    recovery_key_file: Path | None = None
    """Holds the recovery key that opens the vault; never together with a passphrase."""

    demo: bool = False
    """Whether the window opens on the built-in sandbox; never together with a command."""

    debug: bool = False
    """Whether an error also shows where it came from."""


FILES = {"--home": "home", "--passphrase-file": "passphrase_file"}
SWITCHES = {"--demo": "demo", "--debug": "debug"}


def read_options(argv: Sequence[str]) -> Options | None:
    """
    Read a command line that only opens the window; None where it may say anything else, or is wrong.

    `parser.parse` reads the same into the same options, but takes as long to load as a window takes to paint.
    """
    found: dict[str, Any] = {}
    words = iter(argv)
    for word in words:
        option, is_one_word, value = word.partition("=")
        if word in SWITCHES:
            found[SWITCHES[word]] = True
        elif option in FILES:
            value = value if is_one_word else next(words, "")
            if not value or value.startswith("-"):
                return None
            found[FILES[option]] = Path(value)
        else:
            return None
    return Options(**found)
