"""The data key in the operating system's keyring: the real one of this system, constructed by name, or none."""

from __future__ import annotations

import base64
import binascii
import importlib
import sys
import threading
from typing import TYPE_CHECKING, Protocol, TypeVar

from tokendeck.core.errors import KeyLost, KeyringLocked, KeyringMissing, KeyringMute, KeyringTrouble
from tokendeck.core.frozen import dataclass, field
from tokendeck.core.vault import Guard
from tokendeck.storage import secret_service
from tokendeck.storage.sealing import KEY_BYTES, new_key
from tokendeck.storage.threads import aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import timedelta

T = TypeVar("T")

SERVICE = "Tokendeck"
LONGEST_DETAIL = 300

GARBLED = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError)
"""What Python says of an answer that is not in the agreed form."""

GARBLED_ANSWER = "its answer is not in the agreed form"


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


class KeyringSource(Protocol):
    """Where a keyring comes from."""

    @property
    def name(self) -> str:
        """For people, and as the store records it."""
        ...

    def build(self) -> Keyring:
        """Construct it, on the thread that will ask it. May raise anything."""
        ...


@dataclass(frozen=True, slots=True)
class Backend:
    """A keyring that is known to keep secrets from others."""

    name: str
    module: str
    type_name: str
    settings: Mapping[str, object] = field(default_factory=dict)
    """Attributes to set, over defaults that the environment decides."""

    def build(self) -> Keyring:
        """Construct it."""
        keyring: Keyring = getattr(importlib.import_module(self.module), self.type_name)()
        # Construction takes KEYRING_PROPERTY_… from the environment: another collection, another keychain file.
        vars(keyring).clear()
        vars(keyring).update(self.settings)
        return keyring


SECRET_SERVICE = Backend(secret_service.NAME, "keyring.backends.SecretService", "Keyring")
"""GNOME Keyring, KWallet, KeePassXC: whoever owns the name on the session bus."""

KEYCHAIN = Backend("Keychain", "keyring.backends.macOS", "Keyring", {"keychain": None})  # None: the login keychain
CREDENTIAL_MANAGER = Backend("Credential Manager", "keyring.backends.Windows", "WinVaultKeyring")
BY_PLATFORM = {"darwin": KEYCHAIN, "win32": CREDENTIAL_MANAGER}


class KeyringGuard:
    """
    One short entry: service `Tokendeck`, user name the vault's id, the key as base64url.

    Every call runs on a daemon thread of its own: a bus without a working service blocks for two minutes, a prompt for
    as long as nobody answers it.
    """

    kind = Guard.KEYRING

    def __init__(self, source: KeyringSource | None = None) -> None:
        """Use this system's keyring; nothing is imported or asked before the first call."""
        self._source: KeyringSource = source or BY_PLATFORM.get(sys.platform, SECRET_SERVICE)
        self._person_asked = threading.Event()

    @property
    def backend(self) -> str:
        """The keyring's name for people."""
        return self._source.name

    async def read(self, vault_id: str, fits: Callable[[bytes], bool]) -> bytes | None:
        """Give the key that fits; None where there is none. Raises `KeyLost` where no entry under this id fits."""

        def read(keyring: Keyring) -> bytes | None:
            found = False
            for text in self._texts(keyring, vault_id):
                found = True
                key = _key(text)
                if key is not None and fits(key):
                    return key
            if found:
                raise KeyLost(self.backend, "the entry under this vault's name is not its key")
            return None

        return await self._ask(read)

    async def create(self, vault_id: str) -> bytes:
        """Make a key, write it, read it back."""

        def create(keyring: Keyring) -> bytes:
            key = new_key()
            text = base64.urlsafe_b64encode(key).decode()
            keyring.set_password(SERVICE, vault_id, text)
            if keyring.get_password(SERVICE, vault_id) != text:
                raise KeyLost(self.backend, "what was written does not read back")
            return key

        return await self._ask(create)

    async def keep(self, vault_id: str, key: bytes) -> None:
        """Write a key that was lost, over an entry of the same names that is not the key; read it back."""

        def keep(keyring: Keyring) -> None:
            if not self._holds(keyring, vault_id, key):
                keyring.set_password(SERVICE, vault_id, base64.urlsafe_b64encode(key).decode())
                if not self._holds(keyring, vault_id, key):
                    raise KeyLost(self.backend, "what was written does not read back")

        await self._ask(keep)

    async def forget(self, vault_id: str) -> None:
        """Remove every entry of this id; it is no error where there is none."""

        def forget(keyring: Keyring) -> None:
            if self._source is SECRET_SERVICE:
                secret_service.delete_everywhere(SERVICE, vault_id, self._person_asked)
            elif keyring.get_password(SERVICE, vault_id) is not None:
                keyring.delete_password(SERVICE, vault_id)

        await self._ask(forget)

    def silence(self, waited: timedelta) -> KeyringTrouble:
        """Say whether the keyring is mute or its prompt is still open."""
        detail = f"no answer for {waited.total_seconds():g} s"
        return (KeyringLocked if self._person_asked.is_set() else KeyringMute)(self.backend, detail)

    def _holds(self, keyring: Keyring, vault_id: str, key: bytes) -> bool:
        return any(_key(text) == key for text in self._texts(keyring, vault_id))

    def _texts(self, keyring: Keyring, vault_id: str) -> Iterator[str]:
        """Give what stands under this id, in the usual place first."""
        try:
            text = keyring.get_password(SERVICE, vault_id)
        except UnicodeError:
            text = ""
        if text is not None:
            yield text
        if self._source is SECRET_SERVICE:
            yield from secret_service.texts_anywhere(SERVICE, vault_id, self._person_asked)

    async def _ask(self, question: Callable[[Keyring], T]) -> T:
        def ask() -> T:
            self._person_asked.clear()
            try:
                if self._source is SECRET_SERVICE:
                    secret_service.unlock_default(self._person_asked)
                return question(self._source.build())
            except Exception as error:  # noqa: BLE001 - the thread ends here, and anything may come from below keyring
                trouble = translate(error, self.backend)
            # Outside, so that it holds on to nothing of what failed: frames with the key, an open bus.
            raise trouble

        return await aside(ask, name="tokendeck-keyring")


def _key(text: str) -> bytes | None:
    """Read an entry; None where it is no key."""
    try:
        key = base64.b64decode(text, b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return key if len(key) == KEY_BYTES else None


def translate(error: Exception, backend: str) -> KeyringTrouble:
    """Say what a keyring's failure means. Its own words go along; they name no secret."""
    detail = (GARBLED_ANSWER if isinstance(error, GARBLED) else str(error) or type(error).__name__)[:LONGEST_DETAIL]
    locked = _locked_errors()
    for cause in _chain(error):
        if isinstance(cause, KeyringTrouble):
            return cause.with_traceback(None)
        if isinstance(cause, locked):
            return KeyringLocked(backend, detail)
        if isinstance(cause, TimeoutError):
            return KeyringMute(backend, detail)
        if isinstance(cause, UnicodeError):
            return KeyLost(backend, "the entry is no key")
    return KeyringMissing(backend, detail)


def _locked_errors() -> tuple[type[Exception], ...]:
    """Give what says that a person has to unlock, or would not."""
    from keyring.errors import KeyringLocked as Locked

    try:
        from secretstorage import LockedException, PromptDismissedException
    except ImportError:  # pragma: no cover - only Linux has it
        return (Locked,)
    return (Locked, LockedException, PromptDismissedException)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
