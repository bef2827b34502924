"""How a client proves itself, from a descriptor to the request."""

from __future__ import annotations

import tomllib

import pytest

from tests.oauth.keys import pem
from tests.providers.bank import CLIENT_SECRET_JWT, FILE, PRIVATE_KEY_JWT, TLS, requests
from tests.providers.samples import connection, read
from tokendeck.core.client_proof import ClientAssertion, ClientCertificate
from tokendeck.core.errors import DescriptorError
from tokendeck.core.preview import preview_text
from tokendeck.core.provider import SigningAlgorithm
from tokendeck.core.request import check_fields
from tokendeck.core.secret import MASK, Secret, Text
from tokendeck.providers.overrides import overridden


@pytest.mark.parametrize("client_auth", [PRIVATE_KEY_JWT, CLIENT_SECRET_JWT])
def test_every_request_is_signed_and_names_the_token_endpoint(client_auth: str) -> None:
    made = requests(client_auth)

    assert len(made) == 6
    for request in made.values():
        assert isinstance(request.proof, ClientAssertion)
        assert request.proof.audience.reveal() == "https://bank.example/token"
        assert (request.proof.client_id, request.proof.key_id) == (Text("shop"), Text())
        assert "client_secret" not in request.parameters
    shared = client_auth is CLIENT_SECRET_JWT
    proof = made["mint"].proof
    assert isinstance(proof, ClientAssertion)
    assert (proof.is_shared, proof.key_field) == (shared, "client_secret" if shared else "private_key")


def test_algorithm_key_id_and_audience_are_the_files_own() -> None:
    more = ', algorithm = "PS256", key_id = "{key_id}", audience = "https://bank.example/{client_id}" }'

    made = requests(PRIVATE_KEY_JWT.replace(" }", more), key_id="2026")

    for request in made.values():
        assert isinstance(request.proof, ClientAssertion)
        assert request.proof.algorithms == (SigningAlgorithm.PS256,)
        assert request.proof.key_id == Text("2026")
        assert request.proof.audience.reveal() == "https://bank.example/shop"


def test_a_file_may_name_several_algorithms() -> None:
    proof = requests(PRIVATE_KEY_JWT.replace(" }", ', algorithm = ["PS256", "ES256"] }'))["mint"].proof

    assert isinstance(proof, ClientAssertion)
    assert proof.algorithms == (SigningAlgorithm.PS256, SigningAlgorithm.ES256)


def test_a_connection_may_name_others() -> None:
    values = tomllib.loads(FILE.replace("CLIENT_AUTH", PRIVATE_KEY_JWT.replace(" }", ', algorithm = "PS256" }')))
    made = connection("bank", "authorization_code", {"client_auth.algorithm": "ES256, RS256"}, client_id="shop")

    changed = overridden(values, made.overrides, made, shipped=False)

    assert changed.grant("authorization_code").mint.client_auth.algorithms == (
        SigningAlgorithm.ES256,
        SigningAlgorithm.RS256,
    )


def test_a_key_id_that_is_not_filled_in_is_left_out() -> None:
    proof = requests(PRIVATE_KEY_JWT.replace(" }", ', key_id = "{key_id}" }'))["mint"].proof

    assert isinstance(proof, ClientAssertion)
    assert proof.key_id == Text()


def test_every_request_shows_the_certificate_and_says_whose_it_is() -> None:
    made = requests(TLS)

    for request in made.values():
        assert isinstance(request.proof, ClientCertificate)
        assert (request.proof.certificates, request.proof.key) == (Text("public"), Text(Secret("pem")))
        assert (request.proof.certificates_field, request.proof.key_field) == ("certificate", "private_key")
        assert request.parameters["client_id"] == Text("shop")


def test_the_preview_masks_what_is_signed_when_it_is_sent() -> None:
    made = requests(PRIVATE_KEY_JWT)

    assert preview_text(made["refresh"]).splitlines()[-2:] == [
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
        f"&client_assertion={MASK}",
    ]
    assert f'"client_assertion": "{MASK}"' in preview_text(made["introspect"])


@pytest.mark.parametrize(
    ("client_auth", "key", "expected"),
    [
        (PRIVATE_KEY_JWT.replace("{private_key}", "{client_secret}"), "password", "multiline"),
        (PRIVATE_KEY_JWT.replace("{private_key}", "k {private_key}"), "password", "one field alone"),
        (PRIVATE_KEY_JWT.replace("{private_key}", "constant"), "password", "one field alone"),
        (PRIVATE_KEY_JWT.replace("{private_key}", "{base_url}"), "password", "one field alone"),
        (PRIVATE_KEY_JWT.replace("{private_key}", "{certificate}"), "password", "secret and multiline"),
        (CLIENT_SECRET_JWT.replace("{client_secret}", "{client_id}"), "password", "one field alone that is secret"),
        (PRIVATE_KEY_JWT.replace(" }", ', algorithm = "HS256" }'), "algorithm", "one of: RS256, RS384"),
        (CLIENT_SECRET_JWT.replace(" }", ', algorithm = "RS256" }'), "algorithm", "one of: HS256, HS384, HS512'"),
        (CLIENT_SECRET_JWT.replace(" }", ', algorithm = "none" }'), "algorithm", "one of: HS256"),
        (PRIVATE_KEY_JWT.replace(" }", ', algorithm = ["ES256", "HS256"] }'), "algorithm", "one of: RS256, RS384"),
        (PRIVATE_KEY_JWT.replace(" }", ", algorithm = [] }"), "algorithm", "one of: HS256"),
        (PRIVATE_KEY_JWT.replace(" }", ", algorithm = [256] }"), "algorithm", "one of: HS256"),
        (TLS.replace('"{certificate}"', '"{private_key}"'), "certificate", "multiline and not secret"),
        (TLS.replace('"{private_key}"', '"{client_secret}"'), "key", "secret and multiline"),
        (TLS.replace("key =", "password ="), "key", "text"),
        (TLS.replace('"tls"', '"mtls"'), "method", "one of: none, basic, basic_encoded, private_key_jwt"),
        (PRIVATE_KEY_JWT.replace('user = "{client_id}", ', ""), "user", "text"),
        (PRIVATE_KEY_JWT.replace(" }", ', certificate = "{certificate}" }'), "certificate", "a known key"),
    ],
)
def test_a_wrong_client_auth_is_told(client_auth: str, key: str, expected: str) -> None:
    with pytest.raises(DescriptorError, match=expected) as caught:
        requests(client_auth)

    assert caught.value.key == f"grants.authorization_code.client_auth.{key}"


@pytest.mark.parametrize("client_auth", [PRIVATE_KEY_JWT, CLIENT_SECRET_JWT, TLS])
def test_a_request_without_a_body_cannot_carry_a_proof(client_auth: str) -> None:
    with pytest.raises(DescriptorError, match="a body: client_auth by") as caught:
        read(FILE.replace("CLIENT_AUTH", client_auth).replace('/device" }', '/device", body = "none" }'))

    assert caught.value.key == "grants.device_code.device.body"


@pytest.mark.parametrize("more", ['pattern = "a"', "is_url = true"])
def test_several_lines_are_pem_and_nothing_else(more: str) -> None:
    with pytest.raises(DescriptorError) as caught:
        read(FILE.replace("CLIENT_AUTH", TLS).replace('"Certificate",', f'"Certificate", {more},'))

    assert caught.value.key == "fields[3].multiline"


def test_pem_is_checked_before_it_is_saved() -> None:
    provider = read(FILE.replace("CLIENT_AUTH", TLS))
    good = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    filled: dict[str, str | Secret] = {
        "client_id": "shop",
        "client_secret": Secret("s"),
        "private_key": Secret(pem("ed25519")),
        "certificate": good,
    }

    def complaints(**changes: str | Secret) -> list[str]:
        return [error.key for error in check_fields(provider, "device_code", filled | changes)]

    assert complaints() == []
    assert complaints(private_key=Secret(good)) == ["private_key"]
    assert complaints(certificate="a line") == ["certificate"]
    assert complaints(certificate=good + pem("ed25519")) == ["certificate"]
    assert complaints(certificate="") == ["certificate"]
