"""
The recovery key: made once, printed, and good where the keyring or the passphrase is lost.

It wraps the data key beside whatever guards it. Nobody chooses it, so nothing has to make guessing it slow: 130 random
bits, HKDF (RFC 5869), then AES-256-GCM.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tokendeck.core.errors import VaultDamaged, WrongRecoveryKey
from tokendeck.core.frozen import dataclass
from tokendeck.core.secret import Secret
from tokendeck.storage.sealing import KEY_BYTES, NONCE_BYTES, digest_of

if TYPE_CHECKING:
    import sqlite3

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is taken for anything else in it."""

MISREAD = str.maketrans("OIL", "011", " -\t\r\n")
RANDOM_CHARACTERS = 26
CHECK_CHARACTERS = 4
GROUP = 5


@dataclass(frozen=True, slots=True)
class RecoveryWrapping:
    """A data key that a recovery key opens."""

    nonce: bytes
    wrapped: bytes


def new_recovery_key() -> Secret:
    """Make one, as it is printed: six groups of five."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    whole = random + _check(random)
    return Secret("-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP)))


def wrap(key: bytes, vault_id: str, recovery_key: Secret) -> RecoveryWrapping:
    """Wrap the data key."""
    nonce = os.urandom(NONCE_BYTES)
    return RecoveryWrapping(nonce, _aead(recovery_key, vault_id).encrypt(nonce, key, None))


def unwrap(wrapping: RecoveryWrapping, vault_id: str, recovery_key: Secret) -> bytes:
    """Give the data key. Raises `WrongRecoveryKey`."""
    try:
        return _aead(recovery_key, vault_id).decrypt(wrapping.nonce, wrapping.wrapped, None)
    except (InvalidTag, ValueError):
        raise WrongRecoveryKey("another") from None


def read_wrapping(connection: sqlite3.Connection) -> RecoveryWrapping | None:
    """Give what is kept; None where no recovery key was made. Raises `VaultDamaged` where it is not what was kept."""
    row = connection.execute("SELECT nonce, wrapped, digest FROM recovery").fetchone()
    if row is None:
        return None
    nonce, wrapped, digest = row
    if digest is not None and digest != digest_of((nonce, wrapped)):
        raise VaultDamaged("", "recovery")
    return RecoveryWrapping(nonce, wrapped)


def is_kept(connection: sqlite3.Connection) -> bool:
    """Tell whether a recovery key was made."""
    return connection.execute("SELECT 1 FROM recovery").fetchone() is not None


def keep_wrapping(connection: sqlite3.Connection, wrapping: RecoveryWrapping) -> None:
    """Keep it; a recovery key made before opens nothing from then on."""
    columns = wrapping.nonce, wrapping.wrapped
    connection.execute(
        "INSERT OR REPLACE INTO recovery (only, nonce, wrapped, digest) VALUES (1, ?, ?, ?)",
        (*columns, digest_of(columns)),
    )


def _aead(recovery_key: Secret, vault_id: str) -> AESGCM:
    """Derive what wraps the key of this vault and of no other."""
    info = f"tokendeck recovery key 1 {vault_id}".encode()
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(_random_part(recovery_key)))


def _random_part(recovery_key: Secret) -> bytes:
    """Read what was typed, whatever its case and grouping. Raises `WrongRecoveryKey`."""
    typed = recovery_key.reveal().upper().translate(MISREAD)
    random, check = typed[:RANDOM_CHARACTERS], typed[RANDOM_CHARACTERS:]
    if not set(typed) <= set(ALPHABET) or check != _check(random):
        raise WrongRecoveryKey("mistyped")
    return random.encode()


def _check(random: str) -> str:
    """Give what tells a slip of the hand from another key."""
    bits = int.from_bytes(hashlib.sha256(random.encode()).digest()[:4])
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CHECK_CHARACTERS))
