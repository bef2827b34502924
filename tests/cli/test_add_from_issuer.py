"""Connections to a provider that an issuer described: where their secrets may go is asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME
from tests.cli.test_add import SECRETS, only

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.stage import Stage

OWN, ELSEWHERE = "https://auth.acme.test:443", "https://api.acme.test:443"
ADD = ("add", "--from-issuer", "https://auth.acme.test", "My shop", "--set", "client_id=me")


@pytest.fixture(autouse=True)
def elsewhere(stage: Stage) -> None:
    """The issuer has its metadata at auth.acme.test and its endpoints at api.acme.test."""
    source = replace(ACME.source, url="https://auth.acme.test/.well-known/openid-configuration")
    stage.shelf.shelved = (replace(ACME, source=source),)


@pytest.mark.parametrize("written", ["/home/me/providers/acme.toml", ""], ids=["new", "known"])
def test_an_issuers_url_stands_in_for_the_provider(stage: Stage, written: str) -> None:
    stage.program.written = written

    shown = stage.run(
        *("add", "--from-issuer", "https://auth.acme.test", "My shop", "--set", "client_id=me", *SECRETS),
        stdin="client_secret=hunter2",
    )

    connection, _ = only(stage)
    assert stage.program.described == ["https://auth.acme.test"]
    assert (connection.name, connection.provider) == ("My shop", "acme")
    assert ("/home/me/providers/acme.toml" in shown.err) is bool(written)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1)])
def test_a_person_is_asked_about_hosts_beside_the_issuers_own(
    stage: Stage, tmp_path: Path, typed: str, code: int
) -> None:
    secrets = tmp_path / "secrets.env"
    secrets.write_text("client_secret=hunter2", encoding="utf-8")

    shown = stage.run(*ADD, "--secrets-from", str(secrets), person=True, stdin=typed)

    assert shown.code == code
    assert "secrets sent to api.acme.test as well. Send them there? [y/N]" in shown.err
    assert [one.connection.confirmed_origins for one in stage.engine.records()] == ([(ELSEWHERE,)] if code == 0 else [])


def test_where_there_is_nobody_to_ask_secrets_go_nowhere_else_until_that_is_confirmed(stage: Stage) -> None:
    shown = stage.run(*ADD, *SECRETS, stdin="client_secret=hunter2")

    connection, _ = only(stage)
    assert shown.code == 0
    assert "Nothing goes there until you confirm it: tokendeck confirm 'My shop'" in shown.err
    assert connection.confirmed_origins == (OWN,)


def test_endpoints_of_the_issuers_own_are_asked_about_by_nobody(stage: Stage) -> None:
    source = replace(ACME.source, url="https://api.acme.test/.well-known/openid-configuration")
    stage.shelf.shelved = (replace(ACME, source=source),)

    shown = stage.run(*ADD, *SECRETS, stdin="client_secret=hunter2")

    connection, _ = only(stage)
    assert "as well" not in shown.err
    assert connection.confirmed_origins == (ELSEWHERE,)
