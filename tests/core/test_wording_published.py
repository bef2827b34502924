from __future__ import annotations

from dataclasses import replace

import pytest

from tokendeck.core.metadata import IssuerMetadata, TlsEndpoints
from tokendeck.core.wording import Wording

ISSUER = "https://auth.example.test/one"
BARE = IssuerMetadata(ISSUER, ISSUER, grants=("implicit",), client_auth=("client_secret_basic",))
WORDS = Wording().published


def test_everything_that_is_told_is_in_plain_words() -> None:
    found = IssuerMetadata(
        ISSUER,
        f"{ISSUER}/.well-known/openid-configuration",
        token=f"{ISSUER}/token",
        authorize="https://login.example.test/authorize",
        device=f"{ISSUER}/device",
        revoke="https://auth.example.test/onerous",
        introspect=f"{ISSUER}/introspect",
        grants=("client_credentials", "refresh_token", "implicit", "password"),
        client_auth=("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "attest_jwt"),
        signing=("PS256", "ES256"),
        tls=TlsEndpoints(token="https://mtls.example.test/token", revoke="https://mtls.example.test/token"),
        challenges=("S256",),
        names_issuer=True,
        scopes=("read", "write"),
    )

    facts = WORDS.facts(found)

    assert facts == {
        "issuer": (ISSUER, ""),
        "token": ("…/token", ""),
        "authorize": ("https://login.example.test/authorize", ""),
        "device": ("…/device", ""),
        "revoke": ("https://auth.example.test/onerous", ""),
        "introspect": ("…/introspect", ""),
        "tls": ("https://mtls.example.test/token", ""),
        "grants": ("client credentials: the client by itself", "not used: implicit, password"),
        "client_auth": (
            "a statement signed with a private key\na certificate of their own",
            "signed by PS256, ES256; not used: attest_jwt",
        ),
        "scopes": ("read write", ""),
        "pkce": ("is of use to Tokendeck alone", "PKCE, S256"),
        "answers": ("says which issuer it is from; one from another is refused", "RFC 9207"),
    }
    assert [*facts] == [*WORDS.names()]


def test_hosts_beside_the_issuers_own_are_told_with_what_would_go_there() -> None:
    elsewhere = replace(
        BARE,
        token="https://auth.example.test:443/token",
        device="https://evil.example/device",
        authorize="https://people.example.test/authorize",
        revoke="https://evil.example/revoke",
        tls=TlsEndpoints(token="https://auth.example.test:8443/token"),
    )

    assert WORDS.caution(elsewhere) == (
        "Secrets would also go to https://evil.example, https://auth.example.test:8443. "
        "You would sign in at https://people.example.test."
    )
    assert WORDS.caution(replace(BARE, token=f"{ISSUER}/token", authorize=f"{ISSUER}/authorize")) == ""


def test_what_is_not_told_is_left_out() -> None:
    facts = WORDS.facts(BARE)

    assert facts == {
        "issuer": (ISSUER, ""),
        "token": ("it names no address", ""),
        "grants": ("", "not used: implicit"),
        "client_auth": ("a secret in a header", ""),
    }


def test_an_issuer_that_ends_in_a_slash_is_cut_off_as_well() -> None:
    facts = WORDS.facts(replace(BARE, issuer="https://auth.example.test/", token="https://auth.example.test/token"))

    assert facts["token"] == ("…/token", "")


@pytest.mark.parametrize(
    ("challenges", "said", "engineers"),
    [
        (("S256", "plain"), "is of use to Tokendeck alone", "PKCE, S256"),
        (None, "is of use to Tokendeck alone, if the issuer supports that", "PKCE is not mentioned"),
        (("plain",), "could be spent by others, so nobody signs in with a browser from here", "no PKCE by S256"),
    ],
)
def test_pkce_is_told_as_what_follows_from_it(challenges: tuple[str, ...] | None, said: str, engineers: str) -> None:
    found = replace(BARE, challenges=challenges, authorize=f"{ISSUER}/authorize")

    assert WORDS.facts(found)["pkce"] == (said, engineers)
    assert WORDS.facts(found)["answers"] == ("may not say which issuer it is from", "RFC 9207")


def test_of_very_many_scopes_some_are_read() -> None:
    scopes = tuple(f"s{number}" for number in range(30))

    assert WORDS.facts(replace(BARE, scopes=scopes))["scopes"] == (" ".join(scopes[:24]), "and 6 more")
