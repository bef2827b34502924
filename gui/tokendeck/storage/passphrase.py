"""The data key wrapped by a passphrase: Argon2id (RFC 9106), then AES-256-GCM."""

from __future__ import annotations

import json
import os
import unicodedata
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tokendeck.core.errors import VaultDamaged, WrongPassphrase
from tokendeck.core.frozen import dataclass
from tokendeck.storage.sealing import KEY_BYTES, NONCE_BYTES

if TYPE_CHECKING:
    from tokendeck.core.secret import Secret

SALT_BYTES = 16
TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """How hard guessing is made; the default takes about 0.2 s: RFC 9106, section 4, second recommendation."""

    passes: int = 3
    lanes: int = 4
    memory_kib: int = 65536

    @property
    def is_bearable(self) -> bool:
        """Whether a number from the file may be followed: a forged one must not exhaust the machine."""
        return 1 <= self.passes <= 64 and 1 <= self.lanes <= 64 and 8 * self.lanes <= self.memory_kib <= 1 << 21


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key that a passphrase opens."""

    salt: bytes
    cost: Cost
    nonce: bytes
    wrapped: bytes

    @property
    def is_plausible(self) -> bool:
        """Whether `wrap` may have made it, and another try to open it may be worth its time."""
        lengths = len(self.salt), len(self.nonce), len(self.wrapped)
        return lengths == (SALT_BYTES, NONCE_BYTES, KEY_BYTES + TAG_BYTES) and self.cost.is_bearable


def wrap(key: bytes, vault_id: str, passphrase: Secret, cost: Cost) -> WrappedKey:
    """Wrap the key; takes as long as `cost` says."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    aead = AESGCM(_derive(passphrase, salt, cost))
    return WrappedKey(salt, cost, nonce, aead.encrypt(nonce, key, _bound_to(vault_id, cost)))


def unwrap(wrapped: WrappedKey, vault_id: str, passphrase: Secret) -> bytes:
    """Give the key; takes as long as wrapping it did. Raises `WrongPassphrase`, or `VaultDamaged` for an odd row."""
    if not wrapped.is_plausible:
        raise VaultDamaged("", "passphrase")
    aead = AESGCM(_derive(passphrase, wrapped.salt, wrapped.cost))
    try:
        return aead.decrypt(wrapped.nonce, wrapped.wrapped, _bound_to(vault_id, wrapped.cost))
    except InvalidTag:
        raise WrongPassphrase from None


def _derive(passphrase: Secret, salt: bytes, cost: Cost) -> bytes:
    # Keyboards differ in how they compose an é; the passphrase is the same.
    text = unicodedata.normalize("NFC", passphrase.reveal())
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib)
    return kdf.derive(text.encode("utf-8", "surrogatepass"))


def _bound_to(vault_id: str, cost: Cost) -> bytes:
    return json.dumps(["tokendeck key 1", vault_id, cost.passes, cost.lanes, cost.memory_kib]).encode()
