"""What was typed, as values: one type for each command."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from tokendeck.cli.options import Options


class TokenForm(Enum):
    """How `token` prints a token."""

    RAW = "raw"
    HEADER = "header"
    CURL = "curl"
    ENV = "env"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class List:
    """Print all connections."""

    json: bool = False


@dataclass(frozen=True, slots=True)
class Add:
    """Save a new connection."""

    provider: str
    name: str
    environment: str | None = None
    """None means the descriptor's first."""

    grant: str | None = None
    """None means the descriptor's first that needs no person, or its first."""

    settings: tuple[tuple[str, str], ...] = ()
    """Keys and values in the order typed: fields, `base_url`, or dotted keys of the descriptor."""

    tags: tuple[str, ...] = ()
    secrets_from: str | None = None
    """A file's name, or `-` for stdin."""

    from_issuer: bool = False
    """Whether `provider` is an issuer's URL."""


@dataclass(frozen=True, slots=True)
class Token:
    """Print a token that is good."""

    name: str
    min_valid: timedelta | None = None
    fresh: bool = False
    form: TokenForm = TokenForm.RAW


@dataclass(frozen=True, slots=True)
class Test:
    """Prove the credentials."""

    __test__ = False

    name: str
    call: str | None = None
    """None means the descriptor's first test call, or a mint where it has none."""

    json: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask for a new token now."""

    name: str


@dataclass(frozen=True, slots=True)
class RefreshAll:
    """Ask for new tokens of every connection now."""


@dataclass(frozen=True, slots=True)
class Login:
    """Sign in."""

    name: str
    browser: bool = True
    """Whether a browser is opened."""


@dataclass(frozen=True, slots=True)
class Revoke:
    """Have the provider take a connection's tokens back."""

    name: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Let a connection's secrets go to where its descriptor sends them by now."""

    name: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete a connection for good."""

    name: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Providers:
    """Print what connections can be added."""

    json: bool = False


@dataclass(frozen=True, slots=True)
class Discover:
    """Print what an issuer says of itself."""

    issuer: str
    json: bool = False


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Serve the five providers on this machine."""

    port: int = 0


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """Make a recovery key."""

    output: Path | None = None
    """A file that is not there yet; None prints it."""

    replace: bool = False
    """Whether one made before may stop to work."""


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Have a new passphrase guard the vault."""

    file: Path | None = None
    """Holds the new one; None means to ask for it."""


@dataclass(frozen=True, slots=True)
class NewVault:
    """Set a vault that does not open aside."""

    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Doctor:
    """Print what stands in the way."""

    json: bool = False
    names: bool = False
    """Whether connections are named; else they are numbered, so that the text can be given away."""


Command = (
    List
    | Add
    | Login
    | Token
    | Test
    | Refresh
    | RefreshAll
    | Revoke
    | Confirm
    | Remove
    | Providers
    | Discover
    | Sandbox
    | RecoveryKey
    | Passphrase
    | NewVault
    | Doctor
)


@dataclass(frozen=True, slots=True)
class Invocation:
    """Everything that one command line says."""

    options: Options
    command: Command | None
    """None means the window."""
