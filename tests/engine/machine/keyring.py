"""A keyring under the machine's hand: it can be locked, mute, empty, or hold somebody else's key."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING

from tests.engine.machine.promised import promised
from tokendeck.core.errors import KeyLost, KeyringLocked, KeyringMute, KeyringTrouble, VaultLocked, VaultUnavailable
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tokendeck.core.vault import VaultState

BACKEND = "Keyring"
KEY = b"k" * 32
PATIENCE_S = 10.0


class KeyringMood(Enum):
    """How it answers."""

    OPEN = "gives the key"
    LOCKED = "is locked"
    MUTE = "never answers"
    EMPTY = "has no such entry"
    FOREIGN = "has another key"


class Keyring:
    """The keyring of the user; every process asks it through a `KeyringEntry` of its own."""

    def __init__(self) -> None:
        self.mood = KeyringMood.OPEN
        self.entries: dict[str, bytes] = {}

    @promised(4)
    def nothing_is_overwritten_or_removed(self) -> None:
        assert list(self.entries.values()) == [KEY], "the key was overwritten or removed"


class KeyringEntry:
    """The `KeyGuard` of one process; it remembers what the keyring told that process last."""

    kind = Guard.KEYRING
    backend = BACKEND

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self.told: type[VaultUnavailable] | None = VaultLocked
        """Which trouble the vault must be in; None once the key was given."""

        self.is_heard = True
        """Whether anybody still wants to know: locking takes back that the vault was to be opened."""

    def _tell(self, told: type[VaultUnavailable] | None) -> None:
        if self.is_heard:
            self.told = told

    async def read(self, vault_id: str, fits: Callable[[bytes], bool]) -> bytes | None:
        match self._keyring.mood:
            case KeyringMood.OPEN:
                self._tell(None)
                key = self._keyring.entries.get(vault_id)
                assert key is None or fits(key)
                return key
            case KeyringMood.LOCKED:
                self._tell(KeyringLocked)
                raise KeyringLocked(BACKEND)
            case KeyringMood.MUTE:
                self._tell(KeyringMute)
                await asyncio.Event().wait()
                raise AssertionError("nobody sets it")
            case KeyringMood.EMPTY:
                self._tell(KeyLost)
                return None
            case KeyringMood.FOREIGN:
                self._tell(KeyLost)
                assert not fits(b"x" * 32)
                raise KeyLost(BACKEND)

    async def create(self, vault_id: str) -> bytes:
        self._keyring.entries[vault_id] = KEY
        self._tell(None)
        return KEY

    async def keep(self, vault_id: str, key: bytes) -> None:
        self._keyring.entries[vault_id] = key

    async def forget(self, vault_id: str) -> None:
        del self._keyring.entries[vault_id]

    def silence(self, waited: timedelta) -> KeyringTrouble:
        assert waited.total_seconds() <= PATIENCE_S, "a person waits too long for a word about a mute keyring"
        return KeyringMute(BACKEND)

    @promised(4)
    def the_vault_is_shown_as_what_the_keyring_said(self, state: VaultState) -> None:
        match state:
            case VaultOpen():
                assert self.told is None, f"shown as open, and the keyring said {self.told}"
            case VaultShut(why):
                assert type(why) is self.told, f"shown as {why!r}, and the keyring said {self.told}"
            case VaultOpening():
                pass
