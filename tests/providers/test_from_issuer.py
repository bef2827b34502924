"""What an issuer publishes becomes a descriptor that can be read back."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.errors import BadUrl, DescriptorError, UnfitIssuer
from tokendeck.core.metadata import IssuerMetadata
from tokendeck.core.origin import origin_of
from tokendeck.core.provider import ClientAuthMethod, Provider
from tokendeck.providers.catalog import Catalog
from tokendeck.providers.descriptor import read_provider
from tokendeck.providers.from_issuer import DEVICE_CODE, descriptor_text, own_descriptor

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 21)
ISSUER = "https://auth.example.test/one"
FULL = IssuerMetadata(
    ISSUER,
    f"{ISSUER}/.well-known/openid-configuration",
    token=f"{ISSUER}/token",
    authorize="https://login.example.test/authorize",
    device=f"{ISSUER}/device",
    revoke=f"{ISSUER}/revoke",
    introspect=f"{ISSUER}/introspect",
    grants=("client_credentials", "authorization_code", DEVICE_CODE),
    client_auth=("client_secret_basic", "client_secret_post"),
    challenges=("S256",),
    names_issuer=True,
    scopes=("offline_access",),
)


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


def test_without_a_shared_secret_only_public_clients_are_left() -> None:
    provider = read_back(replace(FULL, client_auth=("private_key_jwt",), revoke="", scopes=()))

    assert [one.id for one in provider.grants] == ["authorization_code_public", "device_code_public"]
    assert [one.key for one in provider.fields] == ["client_id", "scope", "redirect_uri"]


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
    client_auth=st.lists(st.sampled_from(["client_secret_basic", "client_secret_post", "none"])),
    names_issuer=st.booleans(),
    scopes=st.lists(st.text()),
)
def test_whatever_is_published_is_read_back(
    issuer: str,
    endpoints: list[str],
    grants: list[str],
    client_auth: list[str],
    names_issuer: bool,  # noqa: FBT001 - drawn by name
    scopes: list[str],
) -> None:
    url, token, authorize, device, revoke, introspect = endpoints
    found = IssuerMetadata(
        *(issuer, url, token, authorize, device, revoke, introspect, tuple(grants), tuple(client_auth)),
        challenges=None,
        names_issuer=names_issuer,
        scopes=tuple(scopes),
    )
    if not {"client_secret_basic", "client_secret_post"} & {*client_auth} and {*grants} == {"client_credentials"}:
        with pytest.raises(UnfitIssuer):
            descriptor_text(found, "one", TODAY)
        return

    provider = read_back(found)

    bases = provider.environments[0].base_urls
    assert provider.source.url == url
    for grant in provider.grants:
        assert grant.mint.url.fill(dict(bases)).reveal() == token
        assert grant.authorize is None or grant.authorize.issuer == issuer


def test_a_file_is_written_once_for_each_issuer_and_never_over_another(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    own.mkdir()
    (own / "auth-example-test.toml").write_text("mine", encoding="utf-8")
    catalog = Catalog(shipped, own)
    other = replace(FULL, issuer="https://auth.example.test/two", url="https://auth.example.test/two/x")

    first, file = own_descriptor(FULL, catalog, own, TODAY)
    again, unwritten = own_descriptor(FULL, catalog, own, TODAY)
    second, _ = own_descriptor(other, catalog, own, TODAY)

    assert (first.id, file) == ("auth-example-test-2", own / "auth-example-test-2.toml")
    assert (again, unwritten) == (first, None)
    assert second.id == "auth-example-test-3"
    assert (own / "auth-example-test.toml").read_text(encoding="utf-8") == "mine"


def test_an_address_begins_its_id_with_a_word(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    catalog = Catalog(tmp_path / "shipped", tmp_path / "own")

    provider, _ = own_descriptor(replace(FULL, issuer="http://127.0.0.1:80"), catalog, tmp_path / "own", TODAY)

    assert provider.id == "issuer-127-0-0-1"


def test_a_folder_that_takes_no_file_is_told(tmp_path: Path) -> None:
    tmp_path.joinpath("shipped").mkdir()
    own = tmp_path / "own"
    own.write_text("a file", encoding="utf-8")

    with pytest.raises(DescriptorError) as refusal:
        own_descriptor(FULL, Catalog(tmp_path / "shipped"), own / "below", TODAY)

    assert "written" in refusal.value.expected


def test_a_file_that_another_process_wrote_is_found_by_its_id(tmp_path: Path) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    shipped.mkdir()
    running = Catalog(shipped, own)
    assert running.providers() == ()

    written, _ = own_descriptor(FULL, Catalog(shipped, own), own, TODAY)

    assert running.provider(written.id) == written
