"""What an issuer publishes becomes a descriptor that can be read back."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.providers.issuers import FULL, ISSUER, TODAY
from tokendeck.core.errors import BadUrl, UnfitIssuer
from tokendeck.core.metadata import IssuerMetadata, TlsEndpoints
from tokendeck.core.origin import origin_of
from tokendeck.core.provider import ClientAuthMethod, Provider, SigningAlgorithm
from tokendeck.providers.descriptor import read_provider
from tokendeck.providers.from_issuer import descriptor_text


def read_back(found: IssuerMetadata) -> Provider:
    return read_provider(tomllib.loads(descriptor_text(found, "one", TODAY)), "one.toml", shipped=False)


def test_every_grant_that_is_offered_is_described() -> None:
    provider = read_back(FULL)

    assert [one.id for one in provider.grants] == [
        "client_credentials",
        "authorization_code",
        "device_code",
        "authorization_code_public",
        "device_code_public",
    ]
    grant = provider.grant("authorization_code")
    assert grant.authorize is not None
    assert grant.authorize.url.source == "https://login.example.test/authorize"
    assert (grant.authorize.issuer, grant.authorize.names_issuer) == (ISSUER, True)
    assert grant.mint.url.source == "{base_url}/one/token"
    assert grant.mint.client_auth.method is ClientAuthMethod.BASIC_ENCODED
    assert grant.refresh is not None
    assert grant.revoke is not None
    assert grant.introspect is not None
    assert provider.environments[0].base_urls == {"base_url": "https://auth.example.test"}
    assert "offline_access" in next(one.help for one in provider.fields if one.key == "scope")


def test_the_first_few_scopes_show_how_they_are_typed() -> None:
    told = {
        scopes: next(one.example for one in read_back(replace(FULL, scopes=scopes)).fields if one.key == "scope")
        for scopes in (("openid", "profile", "two words", "x" * 61, "email", "phone"), ("read",), ())
    }

    assert [*told.values()] == ["openid profile email", "read", ""]


def test_a_client_without_a_secret_sends_none_and_is_asked_for_none() -> None:
    provider = read_back(FULL)

    grant = provider.grant("authorization_code_public")
    assert "client_secret" not in {one.key for one in provider.fields_of(grant.id)}
    assert {"client_id", "code_verifier"} <= grant.mint.parameters.keys()
    assert grant.mint.client_auth.method is ClientAuthMethod.NONE
    assert grant.introspect is None


def test_a_secret_travels_in_the_body_where_basic_is_not_offered() -> None:
    grant = read_back(replace(FULL, client_auth=("client_secret_post",))).grant("client_credentials")

    assert {"client_id", "client_secret"} <= grant.mint.parameters.keys()
    assert grant.mint.client_auth.method is ClientAuthMethod.NONE


def test_where_clients_have_nothing_to_prove_themselves_by_only_public_ones_are_left() -> None:
    provider = read_back(replace(FULL, client_auth=("none",), revoke="", scopes=()))

    assert [one.id for one in provider.grants] == ["authorization_code_public", "device_code_public"]
    assert [one.key for one in provider.fields] == ["client_id", "scope", "redirect_uri"]


def test_a_private_key_signs_where_nothing_else_is_taken() -> None:
    provider = read_back(replace(FULL, client_auth=("private_key_jwt",), signing=("ES256", "PS256", "HS256", "X")))

    assert [one.id for one in provider.grants][:3] == ["client_credentials", "authorization_code", "device_code"]
    assert provider.grant("client_credentials").name == "Client credentials, private key"
    grant = provider.grant("authorization_code")
    assert grant.refresh is not None
    assert grant.introspect is not None
    for exchange in (grant.mint, grant.refresh, grant.introspect):
        assert exchange.client_auth.method is ClientAuthMethod.PRIVATE_KEY_JWT
        assert exchange.client_auth.algorithms == (SigningAlgorithm.PS256, SigningAlgorithm.ES256)
        assert "client_id" not in exchange.parameters
    fields = {one.key: one for one in provider.fields_of("authorization_code")}
    assert list(fields) == ["client_id", "private_key", "key_id", "scope", "redirect_uri"]
    assert (fields["private_key"].secret, fields["private_key"].multiline) == (True, True)
    assert not fields["key_id"].required
    assert not {"private_key", "key_id"} & {one.key for one in provider.fields_of("authorization_code_public")}


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_jwt"])
def test_what_a_client_signs_for_the_token_endpoint_is_shown_to_nobody_elsewhere(method: str) -> None:
    there = "https://elsewhere.example.test/x"
    provider = read_back(replace(FULL, client_auth=(method,), device=there, revoke=there, introspect=there))

    assert [one.id for one in provider.grants] == [
        *("client_credentials", "authorization_code"),
        *("authorization_code_public", "device_code_public"),
    ]
    grant = provider.grant("authorization_code")
    assert (grant.revoke, grant.introspect) == (None, None)
    assert provider.grant("device_code_public").revoke is not None


def test_a_shared_secret_signs_only_where_it_is_not_taken_as_it_is() -> None:
    signed = read_back(replace(FULL, client_auth=("client_secret_jwt",), signing=("HS512", "HS256")))
    sent = read_back(replace(FULL, client_auth=("client_secret_jwt", "client_secret_post")))

    auth = signed.grant("client_credentials").mint.client_auth
    assert auth.method is ClientAuthMethod.CLIENT_SECRET_JWT
    assert auth.algorithms == (SigningAlgorithm.HS256, SigningAlgorithm.HS512)
    assert [one.key for one in signed.fields_of("client_credentials")] == ["client_id", "client_secret", "scope"]
    assert sent.grant("client_credentials").mint.client_auth.method is ClientAuthMethod.NONE


def test_of_those_who_sign_the_private_key_comes_first() -> None:
    provider = read_back(replace(FULL, client_auth=("client_secret_jwt", "private_key_jwt")))

    methods = {one.id: one.mint.client_auth.method for one in provider.grants if "authorization_code" in one.id}
    assert methods == {
        "authorization_code": ClientAuthMethod.PRIVATE_KEY_JWT,
        "authorization_code_secret": ClientAuthMethod.CLIENT_SECRET_JWT,
        "authorization_code_public": ClientAuthMethod.NONE,
    }


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_jwt"])
def test_a_key_signs_as_is_usual_for_it_where_nothing_is_said_of_algorithms(method: str) -> None:
    provider = read_back(replace(FULL, client_auth=(method,), signing=None))

    assert provider.grant("client_credentials").mint.client_auth.algorithms == ()


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_jwt"])
def test_nobody_signs_where_no_algorithm_is_known(method: str) -> None:
    provider = read_back(replace(FULL, client_auth=(method,), signing=("ES256K",)))

    assert [one.id for one in provider.grants] == ["authorization_code_public", "device_code_public"]


@pytest.mark.parametrize("method", ["tls_client_auth", "self_signed_tls_client_auth"])
def test_a_certificate_is_shown_at_the_endpoints_for_those_who_do(method: str) -> None:
    mtls = "https://mtls.example.test"
    there = TlsEndpoints(token=f"{mtls}/token", device=f"{mtls}/device", revoke=f"{mtls}/revoke")
    provider = read_back(replace(FULL, client_auth=(method,), tls=there))

    grant = provider.grant("device_code")
    assert grant.name == "Device code, certificate"
    assert grant.device is not None
    assert grant.refresh is not None
    assert grant.revoke is not None
    assert grant.introspect is not None
    exchanges = (grant.mint, grant.refresh, grant.device, grant.revoke, grant.introspect)
    assert {one.client_auth.method for one in exchanges} == {ClientAuthMethod.TLS}
    assert [one.url.source for one in exchanges] == [
        *(f"{mtls}/token", f"{mtls}/token", f"{mtls}/device", f"{mtls}/revoke"),
        "{base_url}/one/introspect",
    ]
    fields = [one.key for one in provider.fields_of("device_code")]
    assert fields == ["client_id", "certificate", "private_key", "scope"]
    public = provider.grant("device_code_public")
    assert public.mint.url.source == "{base_url}/one/token"


def test_whoever_offers_several_ways_gets_a_grant_for_each() -> None:
    methods = ("tls_client_auth", "private_key_jwt", "client_secret_basic", "client_secret_jwt")
    provider = read_back(replace(FULL, client_auth=methods))

    named = {one.id: one.name for one in provider.grants if one.id.startswith("authorization_code")}
    assert named == {
        "authorization_code": "Authorization code",
        "authorization_code_private_key": "Authorization code, private key",
        "authorization_code_certificate": "Authorization code, certificate",
        "authorization_code_public": "Authorization code, no client secret",
    }
    wanted = {
        key: {one.key for one in provider.fields_of(key)} - {"client_id", "scope", "redirect_uri"} for key in named
    }
    assert wanted == {
        "authorization_code": {"client_secret"},
        "authorization_code_private_key": {"private_key", "key_id"},
        "authorization_code_certificate": {"certificate", "private_key"},
        "authorization_code_public": set(),
    }


def test_nobody_signs_in_by_browser_without_s256() -> None:
    provider = read_back(replace(FULL, challenges=("plain",)))

    assert not any(one.authorize for one in provider.grants)


@pytest.mark.parametrize(
    ("found", "flaw"),
    [
        (replace(FULL, token=""), "no_grant"),
        (replace(FULL, grants=("implicit",)), "no_grant"),
        (replace(FULL, grants=("authorization_code",), challenges=()), "no_s256"),
    ],
)
def test_an_issuer_that_offers_nothing_to_ask_for_is_refused(found: IssuerMetadata, flaw: str) -> None:
    with pytest.raises(UnfitIssuer) as refusal:
        descriptor_text(found, "one", TODAY)

    assert refusal.value.flaw == flaw


@given(st.text(max_size=60))
@example("a\x7fb")
def test_every_name_is_told_as_it_is_and_never_breaks_the_file(name: str) -> None:
    told = tomllib.loads(descriptor_text(FULL, "one", TODAY, name))["name"]

    assert told == name or not name


MORE_METHODS = ("private_key_jwt", "client_secret_jwt", "tls_client_auth")


def is_url(text: str) -> bool:
    try:
        origin_of(text)
    except BadUrl:
        return False
    return "{" not in text and "}" not in text


URLS = (
    st.tuples(st.sampled_from(["https://a.test", "https://b.test:8443", "http://[::1]:80"]), st.text(max_size=20))
    .map(lambda parts: f"{parts[0]}/{parts[1]}")
    .filter(is_url)
)


@given(
    issuer=URLS.filter(lambda url: "?" not in url),
    endpoints=st.lists(URLS, min_size=6, max_size=6),
    grants=st.lists(st.sampled_from(FULL.grants), min_size=1),
    client_auth=st.lists(st.sampled_from(["client_secret_basic", "client_secret_post", "none", *MORE_METHODS])),
    signing=st.none() | st.lists(st.sampled_from(["RS256", "ES256", "HS256", "ES256K"])).map(tuple),
    tls=st.builds(TlsEndpoints, *([URLS | st.just("")] * 4)),
    names_issuer=st.booleans(),
    scopes=st.lists(st.text()),
)
def test_whatever_is_published_is_read_back(
    issuer: str,
    endpoints: list[str],
    grants: list[str],
    client_auth: list[str],
    signing: tuple[str, ...] | None,
    tls: TlsEndpoints,
    names_issuer: bool,  # noqa: FBT001 - drawn by name
    scopes: list[str],
) -> None:
    url, token, authorize, device, revoke, introspect = endpoints
    found = IssuerMetadata(
        *(issuer, url, token, authorize, device, revoke, introspect, tuple(grants), tuple(client_auth)),
        signing=signing,
        tls=tls,
        challenges=None,
        names_issuer=names_issuer,
        scopes=tuple(scopes),
    )
    signs = {"RS256": "private_key_jwt", "ES256": "private_key_jwt", "HS256": "client_secret_jwt"}
    proofs = {"client_secret_basic", "client_secret_post", "tls_client_auth"}
    proofs |= {signs[one] for one in (signs if signing is None else signs.keys() & set(signing))}
    if not proofs & {*client_auth} and {*grants} == {"client_credentials"}:
        with pytest.raises(UnfitIssuer):
            descriptor_text(found, "one", TODAY)
        return

    provider = read_back(found)

    bases = provider.environments[0].base_urls
    assert provider.source.url == url
    for grant in provider.grants:
        expected = (tls.token if grant.mint.client_auth.method is ClientAuthMethod.TLS else "") or token
        assert grant.mint.url.fill(dict(bases)).reveal() == expected
        assert grant.authorize is None or grant.authorize.issuer == issuer
