"""Keys and certificates in the form: PEM text of several lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit

from tests.oauth.keys import pem
from tests.ui import samples
from tests.ui.adding.driver import OpenDialog, button, field, note, page_of, paste, request_text
from tests.ui.desk import keep
from tokendeck.core.pem import fingerprint
from tokendeck.core.provider import BodyKind, ClientAuth, ClientAuthMethod, Field
from tokendeck.core.secret import Secret
from tokendeck.ui.adding.from_file import FromFile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.desk import Desk

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
AUTH = ClientAuth(
    ClientAuthMethod.TLS,
    samples.template("{client_id}"),
    samples.template("{private_key}"),
    certificate=samples.template("{certificate}"),
)
BANK = replace(
    samples.PAYSERA,
    id="bank",
    name="Bank",
    fields=(
        samples.CLIENT_ID,
        Field("certificate", "Certificate", multiline=True),
        Field("private_key", "Private key", secret=True, multiline=True),
    ),
    grants=(samples.grant(samples.mint("{base_url}/token", {}, BodyKind.FORM, AUTH)),),
)


@pytest.fixture
def bank(desk: Desk) -> str:
    desk.catalog._providers[BANK.id] = BANK
    return BANK.id


@pytest.fixture(scope="module")
def key() -> str:
    return pem("ed25519").strip()


async def test_a_pasted_key_and_its_certificate_find_their_fields(
    desk: Desk, open_dialog: OpenDialog, bank: str, key: str
) -> None:
    dialog = open_dialog(provider=bank)
    field(dialog, "Client id").setText("shop")

    missing = request_text(dialog)
    paste(dialog, "Client id", f"{CERTIFICATE}\n{key}\n")
    filled = request_text(dialog)
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert "<Certificate>" in missing
    assert "<Private key>" in missing
    assert fingerprint(CERTIFICATE) in filled
    assert "TLS private key: ••••••••" in filled
    ((connection, secrets, _),) = desk.engine.saved
    assert connection.values == {"client_id": "shop", "certificate": CERTIFICATE}
    assert secrets == {"private_key": Secret(key)}


async def test_pem_files_fill_the_fields_that_want_them(
    desk: Desk, open_dialog: OpenDialog, bank: str, key: str, tmp_path: Path
) -> None:
    dialog = open_dialog(provider=bank)
    from_file = page_of(dialog).findChild(FromFile)
    assert isinstance(from_file, FromFile)

    for name, text in (("shop.crt", CERTIFICATE), ("shop.key", key)):
        (tmp_path / name).write_text(text)
        from_file.read(str(tmp_path / name))
        await desk.settle()

    assert field(dialog, "Certificate").text().strip() == CERTIFICATE
    assert field(dialog, "Private key").text().strip() == key
    assert field(dialog, "Private key").echoMode() is QLineEdit.EchoMode.Password
    assert from_file.complaint == ""


@pytest.mark.promise(1)
async def test_a_key_among_certificates_is_not_saved(desk: Desk, open_dialog: OpenDialog, bank: str, key: str) -> None:
    dialog = open_dialog(provider=bank)
    paste(dialog, "Client id", f"{CERTIFICATE}\n{key}\n")
    field(dialog, "Client id").setText("shop")

    field(dialog, "Certificate").setText(f"{CERTIFICATE}\n{key}")
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert "a private key goes into its own field" in note(dialog, "Certificate")
    assert desk.engine.saved == []


async def test_a_kept_key_need_not_be_given_again_and_a_wrong_new_one_is_told(
    desk: Desk, open_dialog: OpenDialog, bank: str
) -> None:
    connection = samples.connection(BANK, values={"client_id": "shop", "certificate": CERTIFICATE})
    assert connection.provider == bank
    keep(desk, samples.record(connection))
    dialog = open_dialog(editing=connection.id)

    field(dialog, "Private key").setText("no key")
    button(dialog, "Save without testing").click()
    complaint = note(dialog, "Private key")
    field(dialog, "Private key").clear()
    button(dialog, "Save without testing").click()
    await desk.settle()

    assert complaint.startswith("Enter a private key in PEM form")
    assert desk.engine.saved == [(connection, {}, None)]
