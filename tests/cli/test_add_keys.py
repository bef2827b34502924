"""Adding a connection whose client proves itself with a private key and a certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME
from tests.oauth.keys import pem
from tokendeck.core.provider import Field
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.canary import Canary
    from tests.cli.stage import Stage

ADD = ("add", "acme", "My shop", "--set", "client_id=me")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module")
def key() -> str:
    return pem("ed25519")


@pytest.fixture
def bank(stage: Stage) -> Stage:
    """The stage, where Acme wants a key and a certificate beside the secret."""
    key = Field("private_key", "Private key", secret=True, multiline=True)
    stage.shelf.shelved = (
        replace(ACME, fields=(*ACME.fields, key, Field("certificate", "Certificate", multiline=True))),
    )
    return stage


@pytest.mark.parametrize(
    "given",
    [
        "client_secret=hunter2\n{certificate}{key}",
        'private_key="{key}"\ncertificate="{certificate}"\nclient_secret=hunter2\n',
        "certificate={certificate}private_key={key}client_secret=hunter2",
    ],
    ids=["files put together", "quoted", "as they are"],
)
def test_keys_and_certificates_come_with_the_secrets(bank: Stage, key: str, given: str) -> None:
    shown = bank.run(*ADD, "--secrets-from", "-", stdin=given.format(key=key, certificate=CERTIFICATE))

    assert (shown.code, shown.out) == (0, "")
    (record,) = bank.engine.records()
    assert record.connection.values["certificate"].strip() == CERTIFICATE.strip()
    secrets = bank.engine.secrets[record.connection.id]
    assert secrets["client_secret"] == Secret("hunter2")
    assert secrets["private_key"].reveal().strip() == key.strip()


def test_a_certificate_may_be_a_setting_and_a_key_may_not(bank: Stage, key: str, tmp_path: Path) -> None:
    file = tmp_path / "bank.env"
    file.write_text(f"client_secret=hunter2\n{key}")

    refused = bank.run(*ADD, "--set", f"private_key={key}", "--set", f"certificate={CERTIFICATE}")
    added = bank.run(*ADD, "--set", f"certificate={CERTIFICATE}", "--secrets-from", str(file))

    assert (refused.code, added.code) == (2, 0)
    assert key.splitlines()[1] not in refused.err
    assert bank.engine.records()[0].connection.values["certificate"] == CERTIFICATE


def test_a_person_is_not_asked_for_what_no_terminal_reads_in_one_line(bank: Stage) -> None:
    shown = bank.run(*ADD, "--set", f"certificate={CERTIFICATE}", person=True, hidden=("hunter2",))

    assert shown.code == 2
    assert "private_key" in shown.err
    assert "--secrets-from FILE" in shown.err
    assert bank.asked_for == []


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "given",
    ["client_secret=a\n{key}{key}", "certificate={key}", "client_secret={key}", "nobodys={key}", "private_key={cut}"],
)
def test_no_key_is_shown_whatever_is_wrong_with_it(bank: Stage, key: str, canary: Canary, given: str) -> None:
    for line in key.splitlines()[1:-1]:
        canary.watch(line, "private key")

    shown = bank.run(*ADD, "--secrets-from", "-", stdin=given.format(key=key, cut=key[:-30]))

    assert shown.code == 2
    assert canary.found_in(shown.out + shown.err) == []
    assert bank.engine.records() == ()
