"""Sealing rows under the data key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tokendeck.core.errors import VaultDamaged
from tokendeck.core.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 12
CHECK_BYTES = 16


def new_key() -> bytes:
    """Make a data key."""
    return os.urandom(KEY_BYTES)


def check_value(key: bytes, vault_id: str) -> bytes:
    """Give what tells this vault's key from any other without giving it away."""
    return hmac.digest(key, f"tokendeck key check {vault_id}".encode(), hashlib.sha256)[:CHECK_BYTES]


class Seal:
    """
    AES-256-GCM under one vault's data key.

    A sealed text opens only as what it was sealed as: vault, connection, field and version are authenticated with it,
    so that rows cannot be swapped.
    """

    __slots__ = ("_aead", "_vault_id", "key")

    def __init__(self, vault_id: str, key: bytes) -> None:
        """Hold the key; forgetting the object forgets it, as far as Python can."""
        self.key = key
        self._vault_id = vault_id
        self._aead = AESGCM(key)

    def close(self, connection_id: str, field: str, version: int, text: Secret) -> tuple[bytes, bytes]:
        """Seal a text; give nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        plain = text.reveal().encode("utf-8", "surrogatepass")
        return nonce, self._aead.encrypt(nonce, plain, self._bound_to(connection_id, field, version))

    def open(self, connection_id: str, field: str, version: int, nonce: bytes, ciphertext: bytes) -> Secret:
        """Open a sealed text. Raises `VaultDamaged` where it is not what was sealed under these names."""
        try:
            plain = self._aead.decrypt(nonce, ciphertext, self._bound_to(connection_id, field, version))
        except (InvalidTag, ValueError):
            raise VaultDamaged(connection_id, field) from None
        return Secret(plain.decode("utf-8", "surrogatepass"))

    def _bound_to(self, connection_id: str, field: str, version: int) -> bytes:
        return json.dumps(["tokendeck row 1", self._vault_id, connection_id, field, version]).encode()
