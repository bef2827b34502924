"""The client's signed statement: RFC 7523. Imports joserfc, so it is imported in a worker thread."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tokendeck.core.errors import FieldError
from tokendeck.core.frozen import replace
from tokendeck.core.pem import private_key_complaint, private_key_in
from tokendeck.core.provider import SigningAlgorithm
from tokendeck.core.secret import Secret, Text

if TYPE_CHECKING:
    from datetime import datetime

    from joserfc.jwa import JWSAlgModel

    from tokendeck.core.client_proof import ClientAssertion
    from tokendeck.core.request import Request

    PrivateKey = RSAKey | ECKey | OKPKey

GOOD_FOR = timedelta(seconds=60)
SMALLEST_RSA_BITS = 2048
"""RFC 7518, section 3.3."""

USUAL = {
    "P-256": SigningAlgorithm.ES256,
    "P-384": SigningAlgorithm.ES384,
    "P-521": SigningAlgorithm.ES512,
    "Ed25519": SigningAlgorithm.EDDSA,
    "Ed448": SigningAlgorithm.EDDSA,
}
"""By the key's curve, each of which signs in one way only."""


class Algorithms(JWSRegistry):
    """All of joserfc's, without its warning at EdDSA: the newer names for it are known to few servers yet."""

    def get_alg(self, name: str) -> JWSAlgModel:
        """Give one by its name."""
        return self.algorithms[name]


def with_assertion(request: Request, proof: ClientAssertion, at: datetime) -> Request:
    """
    Give `request` with the signed statement among its parameters.

    Args:
        request: has a body.
        proof: what is signed, and with which key.
        at: aware UTC; the statement is good for a minute from here.

    Raises:
        FieldError: the key is none that serves.

    """
    algorithm, key = _shared(proof) if proof.is_shared else _private(proof)
    key_id = proof.key_id.reveal()
    signed = jwt.encode(
        {"typ": "JWT", "alg": algorithm.value, **({"kid": key_id} if key_id else {})},
        {
            "iss": proof.client_id.reveal(),
            "sub": proof.client_id.reveal(),
            "aud": proof.audience.reveal(),
            "jti": secrets.token_urlsafe(16),
            "iat": int(at.timestamp()),
            "exp": int((at + GOOD_FOR).timestamp()),
        },
        key,
        registry=Algorithms(),
    )
    return replace(request, parameters={**request.parameters, **proof.parameters(Text(Secret(signed)))}, proof=None)


def _shared(proof: ClientAssertion) -> tuple[SigningAlgorithm, OctKey]:
    secret = proof.key.reveal().encode("utf-8", "surrogatepass")
    needed = {one: int(one.value.removeprefix("HS")) // 8 for one in proof.algorithms or (SigningAlgorithm.HS256,)}
    algorithm = next((one for one, length in needed.items() if len(secret) >= length), None)
    if algorithm is None:  # RFC 7518, section 3.2
        least = min(needed, key=lambda one: needed[one])
        expected = f"a secret of {needed[least]} characters or more, which {least.value} asks for"
        raise FieldError(proof.key_field, expected)
    return algorithm, OctKey(secret, secret)


def _private(proof: ClientAssertion) -> tuple[SigningAlgorithm, PrivateKey]:
    text = proof.key.reveal()
    complaint = private_key_complaint(text)
    if complaint:
        raise FieldError(proof.key_field, complaint)
    key = _read(private_key_in(text).encode())
    if key is None:
        raise FieldError(proof.key_field, "an RSA, EC or EdDSA private key that is whole")
    usual = _usual(key)
    if usual is None:
        raise FieldError(proof.key_field, "a key that signs: RSA, Ed25519, or EC on a curve such as P-256")
    taken = proof.algorithms or (usual,)
    algorithm = next((one for one in taken if one is usual or (isinstance(key, RSAKey) and _is_for_rsa(one))), None)
    if algorithm is None:
        kinds = ", or ".join(dict.fromkeys(map(_kind_of, taken)))
        raise FieldError(proof.key_field, f"a key that fits {' or '.join(one.value for one in taken)}: {kinds}")
    if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA_BITS:
        raise FieldError(proof.key_field, f"an RSA key of {SMALLEST_RSA_BITS} bits or more")
    return algorithm, key


def _read(pem: bytes) -> PrivateKey | None:
    """Give the key; None where nobody can make anything of it."""
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            # Not `import_key`, which warns of a small key on the way and goes on.
            native = kind.binding.import_from_bytes(pem)
        except Exception:  # noqa: BLE001, S112 - cryptography's are of many kinds, and may tell of the key
            continue
        return kind(native, native)
    return None


def _usual(key: PrivateKey) -> SigningAlgorithm | None:
    """Give what such keys sign with; None where they do not, or on a curve that nobody has a name for."""
    if isinstance(key, RSAKey):
        return SigningAlgorithm.RS256
    try:
        return USUAL[key.curve_name]
    except KeyError:
        return None


def _is_for_rsa(algorithm: SigningAlgorithm) -> bool:
    return algorithm.value.startswith(("RS", "PS"))


def _kind_of(algorithm: SigningAlgorithm) -> str:
    """Say which kind of key an algorithm takes."""
    curves = [curve for curve, usual in USUAL.items() if usual is algorithm]
    return f"one on the curve {' or '.join(curves)}" if curves else "an RSA key"
