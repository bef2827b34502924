"""Private keys of every kind, as OpenSSL and cryptography write them, made once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


CURVES: dict[str, ec.EllipticCurve] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
    "brainpool": ec.BrainpoolP256R1(),
}


@cache
def key(kind: str) -> PrivateKeyTypes:
    """Make one: `rsa`, `rsa_1024`, `dsa`, a curve of EC, `ed25519`, `ed448` or `x25519`."""
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "rsa_1024":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - is to be refused
        case "dsa":
            return dsa.generate_private_key(1024)  # noqa: S505 - is to be refused
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
        case "x25519":
            return x25519.X25519PrivateKey.generate()
        case _:
            return ec.generate_private_key(CURVES[kind])


def pem(kind: str, form: PrivateFormat = PrivateFormat.PKCS8, passphrase: bytes = b"") -> str:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key(kind).private_bytes(Encoding.PEM, form, encryption).decode()


def public_pem(kind: str) -> str:
    return key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
