"""The data key in the operating system's keyring: the real one of this system, constructed by name, or none."""

from __future__ import annotations

import base64
import binascii
import importlib
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from tokendeck.core.errors import KeyLost, KeyringLocked, KeyringMissing, KeyringMute, VaultUnavailable
from tokendeck.core.vault import Guard
from tokendeck.storage.sealing import KEY_BYTES, new_key
from tokendeck.storage.threads import aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

T = TypeVar("T")

SERVICE = "Tokendeck"
LONGEST_DETAIL = 300


class Keyring(Protocol):
    """The part of `keyring.backend.KeyringBackend` that is used. Every call blocks, perhaps for ever."""

    def get_password(self, service: str, username: str) -> str | None:
        """Give an entry; None where there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Write an entry, replacing what is there."""
        ...

    def delete_password(self, service: str, username: str) -> None:
        """Remove an entry."""
        ...


@dataclass(frozen=True, slots=True)
class Backend:
    """A keyring that is known to keep secrets from others."""

    name: str
    """For people, and as the store records it."""

    module: str
    type_name: str

    def build(self) -> Keyring:
        """Construct it. Raises whatever a missing part raises."""
        keyring: Keyring = getattr(importlib.import_module(self.module), self.type_name)()
        # Construction takes KEYRING_PROPERTY_… from the environment: another collection, another keychain file.
        vars(keyring).clear()
        return keyring


SECRET_SERVICE = Backend("Secret Service", "keyring.backends.SecretService", "Keyring")
"""GNOME Keyring, KWallet, KeePassXC: whoever owns the name on the session bus."""

KEYCHAIN = Backend("Keychain", "keyring.backends.macOS", "Keyring")
CREDENTIAL_MANAGER = Backend("Credential Manager", "keyring.backends.Windows", "WinVaultKeyring")
BY_PLATFORM = {"darwin": KEYCHAIN, "win32": CREDENTIAL_MANAGER}


class KeyringGuard:
    """
    One short entry: service `Tokendeck`, user name the vault's id, the key as base64url.

    Every call runs on a daemon thread of its own: a bus without a working service blocks for two minutes, a prompt for
    as long as nobody answers it.
    """

    kind = Guard.KEYRING

    def __init__(self, backend: Backend | None = None) -> None:
        """Use this system's keyring; nothing is imported or asked before the first call."""
        self._backend = backend or BY_PLATFORM.get(sys.platform, SECRET_SERVICE)
        self._waits_for_person = False

    @property
    def backend(self) -> str:
        """The keyring's name for people."""
        return self._backend.name

    async def read(self, vault_id: str) -> bytes | None:
        """Give the key; None where there is none. Raises `KeyLost` for an entry that is no key."""
        return await self._ask(lambda keyring: self._read(keyring, vault_id))

    async def create(self, vault_id: str) -> bytes:
        """Make a key, write it, read it back."""

        def create(keyring: Keyring) -> bytes:
            key = new_key()
            keyring.set_password(SERVICE, vault_id, base64.urlsafe_b64encode(key).decode())
            if self._read(keyring, vault_id) != key:
                raise KeyLost(self.backend, "what was written does not read back")
            return key

        return await self._ask(create)

    async def forget(self, vault_id: str) -> None:
        """Remove the entry; it is no error where there is none."""

        def forget(keyring: Keyring) -> None:
            if keyring.get_password(SERVICE, vault_id) is not None:
                keyring.delete_password(SERVICE, vault_id)

        await self._ask(forget)

    def silence(self, waited: timedelta) -> VaultUnavailable:
        """Say whether the keyring is mute or its prompt is still open."""
        detail = f"no answer for {waited.total_seconds():g} s"
        return (KeyringLocked if self._waits_for_person else KeyringMute)(self.backend, detail)

    def _read(self, keyring: Keyring, vault_id: str) -> bytes | None:
        text = keyring.get_password(SERVICE, vault_id)
        if text is None:
            return None
        try:
            key = base64.b64decode(text, b"-_", validate=True)
        except (ValueError, binascii.Error):
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyLost(self.backend, "the entry is no key")
        return key

    async def _ask(self, question: Callable[[Keyring], T]) -> T:
        def ask() -> T:
            try:
                self._waits_for_person = False
                if self._backend is SECRET_SERVICE:
                    self._waits_for_person = is_secret_service_locked()
                answer = question(self._backend.build())
            except Exception as error:  # noqa: BLE001 - the thread ends here, and anything may come from below keyring
                raise translate(error, self.backend) from None
            self._waits_for_person = False
            return answer

        return await aside(ask, name="tokendeck-keyring")


def is_secret_service_locked() -> bool:
    """
    Tell whether the keyring would have to ask its person to unlock or to make the default collection.

    Raises `KeyringMissing` where nobody owns the name and nobody could be started, without waiting for the two minutes
    that a call would take.
    """
    import secretstorage
    from secretstorage.collection import Collection

    with closing(secretstorage.dbus_init()) as bus:
        if not secretstorage.check_service_availability(bus):
            raise KeyringMissing(SECRET_SERVICE.name, "nobody offers org.freedesktop.secrets on the session bus")
        try:
            return Collection(bus).is_locked()
        except secretstorage.ItemNotFoundException:
            return True


def translate(error: Exception, backend: str) -> VaultUnavailable:
    """Say what a keyring's failure means. Its own words go along; they name no secret."""
    detail = f"{type(error).__name__}: {error}"[:LONGEST_DETAIL]
    for cause in _chain(error):
        if isinstance(cause, VaultUnavailable):
            return cause
        if type(cause).__name__ in {"KeyringLocked", "LockedException", "PromptDismissedException"}:
            return KeyringLocked(backend, detail)
        if isinstance(cause, TimeoutError):
            return KeyringMute(backend, detail)
        if isinstance(cause, UnicodeError):
            return KeyLost(backend, "the entry is no key")
    return KeyringMissing(backend, detail)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
