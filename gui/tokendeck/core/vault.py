"""The state of the vault, as everybody else sees it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from tokendeck.core.errors import VaultUnavailable


class Guard(Enum):
    """What guards the vault's data key."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"  # noqa: S105 - a word, not a secret
    RECOVERY_KEY = "recovery_key"
    """Nothing keeps it: the recovery key opened the vault for this once."""

    MEMORY = "memory"
    """Nothing outlives the process: the demo and tests."""


@dataclass(frozen=True, slots=True)
class VaultOpening:
    """The keyring was asked and has not answered yet."""


@dataclass(frozen=True, slots=True)
class VaultOpen:
    """Secrets can be read and written."""

    guard: Guard
    backend: str
    """The keyring's name for people, for example `Secret Service`; empty for the other guards."""


@dataclass(frozen=True, slots=True)
class VaultShut:
    """Secrets cannot be read now."""

    why: VaultUnavailable
    has_recovery_key: bool = False
    """Whether a recovery key is known to open it."""


VaultState = VaultOpening | VaultOpen | VaultShut
