"""What an issuer publishes about itself, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import answer
from tokendeck.core.errors import BadUrl, ProviderBusy, UnfitIssuer, UnreadableAnswer
from tokendeck.core.metadata import OAUTH, OPENID, IssuerMetadata, TlsEndpoints, issuer_at, metadata_urls, read_metadata
from tokendeck.core.origin import origin_of

if TYPE_CHECKING:
    from tokendeck.core.answers import Answer

ISSUER = "https://auth.example.test"
URL = f"{ISSUER}/.well-known/openid-configuration"


def read(**fields: object) -> IssuerMetadata | None:
    return read_metadata(answer(json.dumps({"issuer": ISSUER, **fields})), ISSUER, URL)


@pytest.mark.parametrize(
    ("issuer", "places"),
    [
        ("https://a.test", (OPENID, OAUTH)),
        ("https://a.test/", (OPENID, OAUTH)),
        ("https://a.test/realms/one", (f"/realms/one{OPENID}", f"{OAUTH}/realms/one", f"/realms/one{OAUTH}")),
        ("https://a.test/realms/one/", (f"/realms/one{OPENID}", f"{OAUTH}/realms/one", f"/realms/one{OAUTH}")),
    ],
)
def test_metadata_is_sought_wherever_it_may_be(issuer: str, places: tuple[str, ...]) -> None:
    assert metadata_urls(issuer) == tuple(f"https://a.test{place}" for place in places)


@pytest.mark.parametrize(
    ("address", "issuer"),
    [
        ("https://a.test", "https://a.test"),
        ("https://a.test/one/", "https://a.test/one/"),
        ("https://a.test/.well-known/openid-configuration", "https://a.test"),
        ("https://a.test/one/.well-known/openid-configuration", "https://a.test/one"),
        ("https://a.test/.well-known/oauth-authorization-server", "https://a.test"),
        ("https://a.test/.well-known/oauth-authorization-server/one", "https://a.test/one"),
        ("https://a.test/one/.well-known/oauth-authorization-server", "https://a.test/one"),
        (
            "https://a.test/.well-known/oauth-authorization-server.evil.test/one",
            "https://a.test/.well-known/oauth-authorization-server.evil.test/one",
        ),
        ("https://a.test?/.well-known/openid-configuration", "https://a.test?/.well-known/openid-configuration"),
        (
            "https://a.test/.well-known/oauth-authorization-server?x",
            "https://a.test/.well-known/oauth-authorization-server?x",
        ),
        ("no address", "no address"),
        ("https://[", "https://["),
    ],
)
def test_an_issuer_is_told_from_where_its_metadata_is(address: str, issuer: str) -> None:
    assert issuer_at(address) == issuer


@given(
    st.builds(
        "{}{}".format,
        st.sampled_from(["https://a.test", "HTTPS://A.test:8443", "http://127.0.0.1", "https://u@a.test"]),
        st.lists(st.sampled_from([OPENID, OAUTH, "/", "X", ".b.test", "@b.test", ":1", "?", "#", "\\", "\t"])).map(
            "".join
        ),
    )
)
def test_no_spelling_leads_from_an_address_to_another_origin(address: str) -> None:
    assert origin_or_none(issuer_at(address)) == origin_or_none(address)


def origin_or_none(url: str) -> str | None:
    try:
        return origin_of(url)
    except BadUrl:
        return None


@pytest.mark.parametrize(
    "issuer",
    ["http://a.test", "a.test", "https://a.test?x=1", "https://a.test#x", "https://u:p@a.test", "https://a.test/{x}"],
)
def test_what_is_no_issuer_is_refused(issuer: str) -> None:
    with pytest.raises(BadUrl):
        metadata_urls(issuer)


def test_an_issuer_of_endless_length_is_refused() -> None:
    with pytest.raises(BadUrl):
        metadata_urls(f"https://a.test/{'x' * 250}")


def test_a_password_in_an_endless_issuer_is_not_told() -> None:
    with pytest.raises(BadUrl) as refusal:
        metadata_urls(f"https://me:hunter2-hunter2@a.test/{'x' * 250}")

    assert "hunter2" not in refusal.value.url


def test_everything_that_is_told_is_read() -> None:
    found = read(
        token_endpoint=f"{ISSUER}/token",
        authorization_endpoint=f"{ISSUER}/authorize",
        device_authorization_endpoint=f"{ISSUER}/device",
        revocation_endpoint=f"{ISSUER}/revoke",
        introspection_endpoint=f"{ISSUER}/introspect",
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=["client_secret_post"],
        code_challenge_methods_supported=["plain", "S256"],
        authorization_response_iss_parameter_supported=True,
        scopes_supported=["read", 7, "wri\u202ete", ""],
    )

    assert found == IssuerMetadata(
        issuer=ISSUER,
        url=URL,
        token=f"{ISSUER}/token",
        authorize=f"{ISSUER}/authorize",
        device=f"{ISSUER}/device",
        revoke=f"{ISSUER}/revoke",
        introspect=f"{ISSUER}/introspect",
        grants=("client_credentials",),
        client_auth=("client_secret_post",),
        challenges=("plain", "S256"),
        names_issuer=True,
        scopes=("read", "write"),
    )
    assert found.takes_s256


def test_what_is_not_told_is_as_the_rfc_has_it() -> None:
    found = read()

    assert found == IssuerMetadata(
        ISSUER, URL, grants=("authorization_code", "implicit"), client_auth=("client_secret_basic",)
    )
    assert found.takes_s256 is None


def test_challenges_without_s256_are_told_apart_from_none_told() -> None:
    found = read(code_challenge_methods_supported=["plain"])

    assert found is not None
    assert found.takes_s256 is False


@pytest.mark.parametrize(("typed", "published"), [(ISSUER, f"{ISSUER}/"), (f"{ISSUER}/", ISSUER)])
def test_an_issuer_that_differs_by_its_last_slash_is_the_same_and_spelled_as_published(
    typed: str, published: str
) -> None:
    found = read_metadata(answer(json.dumps({"issuer": published})), typed, URL)

    assert found is not None
    assert found.issuer == published
    assert metadata_urls(typed) == metadata_urls(published)


def test_an_issuer_that_ends_in_a_slash_is_found_by_the_address_of_its_metadata() -> None:
    issuer = issuer_at(URL)
    published = answer(json.dumps({"issuer": f"{ISSUER}/"}))

    found = [read_metadata(published, issuer, url) for url in metadata_urls(issuer) if url == URL]

    assert [one and one.issuer for one in found] == [f"{ISSUER}/"]


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [
        (other, other)
        for other in ("https://AUTH.example.test", f"{ISSUER}//", f"{ISSUER}/one", f"{ISSUER}.evil.test/", ISSUER[:-1])
    ],
)
def test_another_issuer_by_a_letter_is_refused(issuer: str, shown: str) -> None:
    with pytest.raises(UnfitIssuer) as refusal:
        read(issuer=issuer)

    assert (refusal.value.flaw, refusal.value.found) == ("other_issuer", shown)


def test_metadata_that_names_no_issuer_is_refused() -> None:
    with pytest.raises(UnfitIssuer) as refusal:
        read(issuer=None)

    assert refusal.value.found == ""


@pytest.mark.parametrize(
    "endpoint",
    ["http://auth.example.test/token", "/token", "https://a.test/{x}", f"https://a.test/{'x' * 250}"],
)
def test_an_endpoint_to_which_nothing_is_sent_is_refused(endpoint: str) -> None:
    with pytest.raises(BadUrl):
        read(token_endpoint=endpoint)


def test_what_clients_that_sign_or_show_a_certificate_need_is_read() -> None:
    found = read(
        token_endpoint=f"{ISSUER}/token",
        token_endpoint_auth_methods_supported=["private_key_jwt", "tls_client_auth"],
        token_endpoint_auth_signing_alg_values_supported=["PS256", "ES256", 7],
        mtls_endpoint_aliases={
            "token_endpoint": "https://mtls.example.test/token",
            "revocation_endpoint": "https://mtls.example.test/revoke",
            "introspection_endpoint": 7,
            "device_authorization_endpoint": "https://mtls.example.test/device",
        },
    )

    assert found is not None
    assert found.signing == ("PS256", "ES256")
    assert found.tls == TlsEndpoints(
        token="https://mtls.example.test/token",
        device="https://mtls.example.test/device",
        revoke="https://mtls.example.test/revoke",
    )


@pytest.mark.parametrize("odd", ["https://mtls.example.test", ["token_endpoint"], None, 7])
def test_aliases_that_are_no_object_are_none(odd: object) -> None:
    found = read(mtls_endpoint_aliases=odd, token_endpoint_auth_signing_alg_values_supported=odd)

    assert found is not None
    assert found.tls == TlsEndpoints()


def test_an_alias_to_which_nothing_is_sent_is_refused() -> None:
    with pytest.raises(BadUrl):
        read(mtls_endpoint_aliases={"token_endpoint": "http://mtls.example.test/token"})


def test_an_endpoint_that_is_no_text_is_none() -> None:
    found = read(token_endpoint=7)

    assert found is not None
    assert found.token == ""


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_means_that_nothing_is_there(status: int) -> None:
    assert read_metadata(answer("{}", status), ISSUER, URL) is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_issuer_is_passing_trouble(status: int) -> None:
    with pytest.raises(ProviderBusy):
        read_metadata(answer("{}", status), ISSUER, URL)


@pytest.mark.parametrize(
    ("came", "what"),
    [
        (answer("", 302), "redirect"),
        (answer("<html>"), "web_page"),
        (answer("[]"), "not_json"),
        (answer("nothing"), "not_json"),
        (answer(b"\xff"), "not_json"),
        (replace(answer("{}"), too_long=True), "too_long"),
        (replace(answer("{}"), cut_off=True), "cut_off"),
    ],
)
def test_something_else_than_metadata_is_called_what_it_is(came: Answer, what: str) -> None:
    with pytest.raises(UnreadableAnswer) as refusal:
        read_metadata(came, ISSUER, URL)

    assert refusal.value.what == what
