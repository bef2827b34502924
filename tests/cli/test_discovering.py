"""What `discover` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.metadata import IssuerMetadata, TlsEndpoints

if TYPE_CHECKING:
    from tests.cli.stage import Stage

ISSUER = "https://auth.example.test"
FOUND = IssuerMetadata(
    ISSUER,
    f"{ISSUER}/.well-known/openid-configuration",
    token=f"{ISSUER}/token",
    grants=("client_credentials", "authorization_code"),
    client_auth=("private_key_jwt", "tls_client_auth"),
    signing=("PS256",),
    tls=TlsEndpoints(token="https://mtls.example.test/token"),
    challenges=("S256",),
    scopes=("read", "write"),
)


def test_what_was_found_is_a_table_for_people(stage: Stage) -> None:
    stage.program.metadata = FOUND

    shown = stage.run("discover", ISSUER)

    assert shown.code == 0
    rows = [line.split(maxsplit=1) for line in shown.out.splitlines()]
    assert rows[0] == [ISSUER]
    assert ["token", f"{ISSUER}/token"] in rows
    assert ["revoke", "not said"] in rows
    assert "  signed by              PS256" in shown.out.splitlines()
    assert "  with a certificate     https://mtls.example.test/token" in shown.out.splitlines()
    assert ["grants", "client_credentials, authorization_code"] in rows
    assert ["scopes", "read write"] in rows


@pytest.mark.parametrize(
    ("challenges", "said"), [(("S256",), "yes"), (("plain",), "no"), (None, "not said")], ids=["yes", "no", "silence"]
)
def test_whether_pkce_is_taken_is_told(stage: Stage, challenges: tuple[str, ...] | None, said: str) -> None:
    stage.program.metadata = IssuerMetadata(ISSUER, ISSUER, challenges=challenges)

    shown = stage.run("discover", ISSUER)

    (line,) = [one for one in shown.out.splitlines() if "PKCE" in one]
    assert line.split("S256")[1].strip() == said


def test_programs_read_json(stage: Stage) -> None:
    stage.program.metadata = FOUND

    shown = stage.run("discover", ISSUER, "--json")

    assert json.loads(shown.out) == {
        "issuer": ISSUER,
        "metadata": FOUND.url,
        "endpoints": {
            "token": f"{ISSUER}/token",
            "authorize": None,
            "device": None,
            "revoke": None,
            "introspect": None,
        },
        "endpoints_with_certificate": {
            "token": "https://mtls.example.test/token",
            "device": None,
            "revoke": None,
            "introspect": None,
        },
        "grants": ["client_credentials", "authorization_code"],
        "client_auth": ["private_key_jwt", "tls_client_auth"],
        "signing_algorithms": ["PS256"],
        "s256": True,
        "names_issuer": False,
        "scopes": ["read", "write"],
    }


def test_an_issuer_that_publishes_nothing_is_told(stage: Stage) -> None:
    shown = stage.run("discover", ISSUER)

    assert (shown.code, shown.out) == (1, "")
    assert "publishes no metadata" in shown.err
