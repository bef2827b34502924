"""What guards the data key while the program does not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tokendeck.core.errors import KeyLost, KeyringMute
from tokendeck.core.vault import Guard
from tokendeck.storage.sealing import new_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tokendeck.core.errors import KeyringTrouble


class KeyGuard(Protocol):
    """
    Keeps a vault's key under the vault's id.

    Its methods may take for ever and may be cancelled at any time; what was asked of the other side may still happen
    then. They raise `KeyringLocked`, `KeyringMute`, `KeyringMissing` or `KeyLost`.
    """

    @property
    def kind(self) -> Guard:
        """What kind of guard this is."""
        ...

    @property
    def backend(self) -> str:
        """The keyring's name for people, as the store records it; empty where there is none."""
        ...

    async def read(self, vault_id: str, fits: Callable[[bytes], bool]) -> bytes | None:
        """Give the key of 32 bytes that is kept under this id and fits; None where none is kept."""
        ...

    async def create(self, vault_id: str) -> bytes:
        """Make a key, keep it under an id never used before, read it back and give what was read."""
        ...

    async def keep(self, vault_id: str, key: bytes) -> None:
        """Keep a key that was lost under its id again, in place of what stands there and is not the key."""
        ...

    async def forget(self, vault_id: str) -> None:
        """Remove the key kept under this id; it is no error where there is none."""
        ...

    def silence(self, waited: timedelta) -> KeyringTrouble:
        """Say what it means that a call has taken longer than `waited`."""
        ...


class MemoryGuard:
    """A key that its owner holds in memory: the demo and tests."""

    kind = Guard.MEMORY
    backend = ""

    def __init__(self, key: bytes | None = None) -> None:
        """Guard this key of 32 bytes, or a new one."""
        self._key = key or new_key()

    async def read(self, vault_id: str, fits: Callable[[bytes], bool]) -> bytes | None:  # noqa: ARG002 - the guard's shape
        """Give the key."""
        if fits(self._key):
            return self._key
        raise KeyLost

    async def create(self, vault_id: str) -> bytes:  # noqa: ARG002 - the guard's shape
        """Give the key."""
        return self._key

    async def keep(self, vault_id: str, key: bytes) -> None:
        """Leave the key to its owner."""

    async def forget(self, vault_id: str) -> None:
        """Leave the key to its owner."""

    def silence(self, waited: timedelta) -> KeyringTrouble:  # noqa: ARG002 - the guard's shape
        """Say that memory does not answer, which it always does."""
        return KeyringMute()
