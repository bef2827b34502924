"""Sealing rows under the data key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tokendeck.core.errors import VaultDamaged
from tokendeck.core.frozen import dataclass
from tokendeck.core.secret import Secret

KEY_BYTES = 32
NONCE_BYTES = 12
CHECK_BYTES = 16

FIRST, NOW = 1, 2
"""How rows are bound: at first to their names alone; now tokens to their facts too, and settings have a row at all."""

Beside = Sequence[str | float | None]
"""What stands in clear beside a sealed text and is authenticated with it, as the store has it."""


def new_key() -> bytes:
    """Make a data key."""
    return os.urandom(KEY_BYTES)


def check_value(key: bytes, vault_id: str, binding: int = NOW) -> bytes:
    """
    Give what tells this vault's key from any other without giving it away, and how its rows are bound.

    Nobody without the key can make the value of an earlier binding: rows that are bound now are taken for older ones
    never again.
    """
    era = "" if binding == FIRST else f" {binding}"
    return hmac.digest(key, f"tokendeck key check{era} {vault_id}".encode(), hashlib.sha256)[:CHECK_BYTES]


def digest_of(columns: Sequence[object]) -> bytes:
    """Give what tells a damaged row from a wrong key, where no key can say so. It is no seal: anybody can make it."""
    return hashlib.sha256(repr(tuple(columns)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text belongs; nowhere else does it open."""

    connection_id: str
    field: str
    version: int


class Seal:
    """
    AES-256-GCM under one vault's data key.

    A sealed text opens only as what it was sealed as: vault, place and what stands beside it are authenticated with it,
    so that rows cannot be swapped.
    """

    __slots__ = ("_aead", "_binding", "_vault_id", "key")

    def __init__(self, vault_id: str, key: bytes, *, binding: int = NOW) -> None:
        """Hold the key; forgetting the object forgets it, as far as Python can."""
        self.key = key
        self._vault_id = vault_id
        self._binding = binding
        self._aead = AESGCM(key)

    def at_first(self) -> Seal:
        """Give the seal of rows that an earlier Tokendeck wrote."""
        return Seal(self._vault_id, self.key, binding=FIRST)

    def close(self, place: Place, text: Secret, beside: Beside = ()) -> tuple[bytes, bytes]:
        """Seal a text; give nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        plain = text.reveal().encode("utf-8", "surrogatepass")
        return nonce, self._aead.encrypt(nonce, plain, self._bound_to(place, beside))

    def open(self, place: Place, nonce: bytes, ciphertext: bytes, beside: Beside = ()) -> Secret:
        """Open a sealed text. Raises `VaultDamaged` where it is not what was sealed here, or beside this."""
        try:
            plain = self._aead.decrypt(nonce, ciphertext, self._bound_to(place, beside))
        except (InvalidTag, ValueError, TypeError):  # of another type only in a damaged file
            raise VaultDamaged(place.connection_id, place.field) from None
        return Secret(plain.decode("utf-8", "surrogatepass"))

    def _bound_to(self, place: Place, beside: Beside) -> bytes:
        names = [self._vault_id, place.connection_id, place.field, place.version]
        return json.dumps([f"tokendeck row {self._binding}", *names, *beside]).encode()
