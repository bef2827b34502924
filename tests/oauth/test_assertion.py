"""What a client signs of itself, checked as a server that knows none of our libraries' shortcuts would."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import PrivateFormat

from tests.oauth.conftest import START
from tests.oauth.keys import key, pem, public_pem
from tests.providers.bank import CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, requests
from tokendeck.core.client_proof import ASSERTION_TYPE, ClientAssertion
from tokendeck.core.errors import FieldError
from tokendeck.core.provider import BodyKind, SigningAlgorithm
from tokendeck.core.request import Request
from tokendeck.core.secret import Secret, Text
from tokendeck.oauth.assertion import with_assertion

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oauth.servers import Server
    from tokendeck.oauth.endpoint import HttpEndpoint

TOKEN_URL = "https://auth.example/token"
LONG_SECRET = "s3cret:/+ &=~ü" * 5
AT = datetime(2026, 11, 20, 12, 0, 0, 900_000, tzinfo=UTC)


def proof(text: str, *algorithms: SigningAlgorithm, shared: bool = False) -> ClientAssertion:
    return ClientAssertion(
        client_id=Text("shop"),
        key=Text(Secret(text)),
        key_field="client_secret" if shared else "private_key",
        is_shared=shared,
        audience=Text(TOKEN_URL),
        key_id=Text(),
        algorithms=algorithms,
    )


def signed(by: ClientAssertion) -> str:
    request = with_assertion(Request("POST", TOKEN_URL, BodyKind.FORM, proof=by), by, AT)
    value = request.parameters["client_assertion"]
    assert isinstance(value, Text)
    return value.reveal()


def part(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def opened(assertion: str) -> tuple[dict[str, object], dict[str, object]]:
    """Give header and claims."""
    header, claims, _ = assertion.split(".")
    return json.loads(part(header)), json.loads(part(claims))


def verify(assertion: str, kind: str) -> None:
    """Check the signature with the public key alone; raises where it is wrong."""
    message, signature = assertion.rsplit(".", 1)[0].encode(), part(assertion.rsplit(".", 1)[1])
    algorithm = str(opened(assertion)[0]["alg"])
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(algorithm[2:])
    public = key(kind).public_key()
    match public:
        case rsa.RSAPublicKey():
            assert digest is not None
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            public.verify(signature, message, pss if algorithm.startswith("PS") else padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey():
            assert digest is not None
            half = (public.curve.key_size + 7) // 8
            assert len(signature) == 2 * half
            pair = (int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
            public.verify(encode_dss_signature(*pair), message, ec.ECDSA(digest))
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            public.verify(signature, message)
        case _:
            raise AssertionError(kind)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("rsa", "RS256"),
        ("secp256r1", "ES256"),
        ("secp384r1", "ES384"),
        ("secp521r1", "ES512"),
        ("ed25519", "EdDSA"),
        ("ed448", "EdDSA"),
    ],
)
def test_a_key_signs_in_the_way_that_is_usual_for_its_kind(kind: str, algorithm: str) -> None:
    assertion = signed(proof(pem(kind)))

    assert opened(assertion)[0] == {"typ": "JWT", "alg": algorithm}
    verify(assertion, kind)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_an_rsa_key_signs_in_the_way_that_is_asked_for(algorithm: str) -> None:
    assertion = signed(proof(pem("rsa"), SigningAlgorithm(algorithm)))

    assert opened(assertion)[0]["alg"] == algorithm
    verify(assertion, "rsa")


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("rsa", "PS256"), ("secp256r1", "ES256"), ("secp521r1", "ES512"), ("ed25519", "EdDSA")]
)
def test_of_the_ways_that_a_provider_takes_the_first_serves_that_fits_the_key(kind: str, algorithm: str) -> None:
    assertion = signed(proof(pem(kind), *map(SigningAlgorithm, ("PS256", "PS512", "ES512", "ES256", "EdDSA"))))

    assert opened(assertion)[0]["alg"] == algorithm
    verify(assertion, kind)


@pytest.mark.parametrize(("length", "algorithm"), [(64, "HS512"), (63, "HS384"), (47, "HS256")])
def test_a_shared_secret_signs_in_the_first_way_for_which_it_is_long_enough(length: int, algorithm: str) -> None:
    assertion = signed(proof("x" * length, *map(SigningAlgorithm, ("HS512", "HS384", "HS256")), shared=True))

    assert opened(assertion)[0]["alg"] == algorithm


@pytest.mark.parametrize(("algorithm", "digest"), [(None, "256"), ("HS384", "384"), ("HS512", "512")])
def test_a_shared_secret_signs_as_it_is(algorithm: str | None, digest: str) -> None:
    assertion = signed(proof(LONG_SECRET, *([SigningAlgorithm(algorithm)] if algorithm else []), shared=True))

    message, _, signature = assertion.rpartition(".")
    assert opened(assertion)[0]["alg"] == f"HS{digest}"
    assert part(signature) == hmac.digest(LONG_SECRET.encode(), message.encode(), getattr(hashlib, f"sha{digest}"))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize(
    "spelled",
    [
        str.strip,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\\n"),
        lambda text: " ".join(text.split("\n")),
        lambda text: f"Bag Attributes\n    friendlyName: shop\n{public_pem('secp256r1')}{text}",
    ],
    ids=["stripped", "crlf", "escaped", "one line", "with what OpenSSL writes around it"],
)
def test_a_key_is_read_however_it_was_pasted(form: PrivateFormat, spelled: Callable[[str], str]) -> None:
    verify(signed(proof(spelled(pem("secp256r1", form)))), "secp256r1")


def test_it_says_what_the_standard_asks_for_and_is_good_for_a_minute() -> None:
    header, claims = opened(signed(replace(proof(pem("ed25519")), key_id=Text("2026-11"))))

    assert header == {"typ": "JWT", "alg": "EdDSA", "kid": "2026-11"}
    assert claims.keys() == {"iss", "sub", "aud", "jti", "iat", "exp"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("shop", "shop", TOKEN_URL)
    assert (claims["iat"], claims["exp"]) == (int(AT.timestamp()), int(AT.timestamp()) + 60)
    assert len(part(str(claims["jti"]))) == 16


def test_no_two_are_the_same() -> None:
    same = proof(pem("ed25519"))

    assert len({str(opened(signed(same))[1]["jti"]) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: proof("no key at all"), "a private key in PEM form, from its line"),
        (lambda: proof(public_pem("rsa")), "the private key; this is the public one"),
        (lambda: proof(pem("rsa", passphrase=b"x")), "without a passphrase"),
        (lambda: proof(pem("rsa", PrivateFormat.TraditionalOpenSSL, b"x")), "without a passphrase"),
        (lambda: proof(pem("ed25519", PrivateFormat.OpenSSH)), "PKCS #8"),
        (lambda: proof(pem("ed25519") + pem("rsa")), "one private key, and no other"),
        (lambda: proof(pem("rsa").replace("MII", "MIJ", 1)), "an RSA, EC or EdDSA private key that is whole"),
        (lambda: proof(pem("dsa")), "an RSA, EC or EdDSA private key"),
        (lambda: proof(pem("x25519")), "a key that signs"),
        (lambda: proof(pem("secp256k1")), "a key that signs"),
        (lambda: proof(pem("brainpool")), "a key that signs"),
        (lambda: proof(pem("secp256k1"), SigningAlgorithm.ES256), "a key that signs"),
        (lambda: proof(pem("rsa_1024")), "an RSA key of 2048 bits or more"),
        (lambda: proof(pem("rsa"), SigningAlgorithm.ES256), "a key that fits ES256: one on the curve P-256"),
        (lambda: proof(pem("secp384r1"), SigningAlgorithm.ES256), "a key that fits ES256: one on the curve P-256"),
        (lambda: proof(pem("secp256r1"), SigningAlgorithm.PS256), "a key that fits PS256: an RSA key"),
        (lambda: proof(pem("rsa"), SigningAlgorithm.EDDSA), "a key that fits EdDSA: one on the curve Ed25519 or Ed448"),
        (
            lambda: proof(pem("ed25519"), SigningAlgorithm.PS256, SigningAlgorithm.ES256, SigningAlgorithm.PS512),
            "a key that fits PS256 or ES256 or PS512: an RSA key, or one on the curve P-256",
        ),
        (
            lambda: proof("x" * 40, SigningAlgorithm.HS512, SigningAlgorithm.HS384, shared=True),
            "a secret of 48 characters or more, which HS384 asks for",
        ),
        (lambda: proof("x" * 31, shared=True), "a secret of 32 characters or more, which HS256 asks for"),
        (lambda: proof("x" * 63, SigningAlgorithm.HS512, shared=True), "a secret of 64 characters or more"),
    ],
)
async def test_a_key_of_no_use_is_told_before_anything_is_sent(
    server: Server, endpoint: HttpEndpoint, make: Callable[[], ClientAssertion], expected: str
) -> None:
    wrong = make()

    with pytest.raises(FieldError) as caught:
        await endpoint.send(Request("POST", server.url(), BodyKind.FORM, proof=wrong))

    assert caught.value.key == wrong.key_field
    assert expected in caught.value.expected
    assert server.connections == 0
    assert not any(line and line in repr(caught.value) for line in wrong.key.reveal().splitlines()[1:-1])
    assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [BodyKind.FORM, BodyKind.JSON])
async def test_it_is_signed_anew_for_each_request_and_sent_in_the_body(
    server: Server, endpoint: HttpEndpoint, body: BodyKind
) -> None:
    request = Request("POST", server.url(), body, {"grant_type": Text("a")}, proof=proof(pem("ed25519")))

    for _ in range(2):
        await endpoint.send(request)

    seen = set()
    for got in server.received:
        read = json.loads(got.body) if body is BodyKind.JSON else dict(parse_qsl(got.body.decode()))
        assert read.keys() == {"grant_type", "client_assertion_type", "client_assertion"}
        assert read["client_assertion_type"] == ASSERTION_TYPE
        assert "authorization" not in got.headers
        verify(read["client_assertion"], "ed25519")
        claims = opened(read["client_assertion"])[1]
        assert abs(int(str(claims["iat"])) - START.timestamp()) < 10, "by the endpoint's clock"
        seen.add(claims["jti"])
    assert len(seen) == 2


@pytest.mark.parametrize("client_auth", [PRIVATE_KEY_JWT, CLIENT_SECRET_JWT])
async def test_every_request_of_a_grant_proves_the_client_in_this_way_alone(
    server: Server, endpoint: HttpEndpoint, client_auth: str
) -> None:
    made = requests(client_auth, server.url(""), pem("secp256r1"))

    for request in made.values():
        await endpoint.send(request)

    paths = {"mint": "token", "refresh": "token", "redeem": "token"}
    assert [got.target for got in server.received] == [f"/{paths.get(name, name)}" for name in made]
    for got in server.received:
        is_json = got.headers["content-type"] == "application/json"
        read = json.loads(got.body) if is_json else dict(parse_qsl(got.body.decode()))
        claims = opened(read["client_assertion"])[1]
        assert (claims["iss"], claims["aud"]) == ("shop", server.url("/token"))
        assert "client_secret" not in read
        assert "authorization" not in got.headers
        if client_auth is PRIVATE_KEY_JWT:
            verify(read["client_assertion"], "secp256r1")
