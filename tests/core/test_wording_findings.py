from __future__ import annotations

from tokendeck.core.errors import KeyringLocked
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut
from tokendeck.core.wording import Wording

FINDINGS = Wording().findings


def test_a_window_is_missed_only_where_qt_is() -> None:
    there, missing = FINDINGS.window(has_qt=True), FINDINGS.window(has_qt=False)

    assert (there.ok, there.advice) == (True, "")
    assert not missing.ok
    assert "PySide6-Essentials" in missing.advice


def test_a_vault_is_told_with_its_guard_or_with_what_keeps_it_shut() -> None:
    by_keyring = FINDINGS.vault(VaultOpen(Guard.KEYRING, "Secret Service"))
    by_passphrase = FINDINGS.vault(VaultOpen(Guard.PASSPHRASE, ""))
    shut = FINDINGS.vault(VaultShut(KeyringLocked("Secret Service")))
    opening = FINDINGS.vault(VaultOpening())

    assert by_keyring.detail == "It opens. Guard: Secret Service."
    assert by_passphrase.detail == "It opens. Guard: passphrase."
    assert shut.detail.startswith("Your keyring is locked.")
    assert [one.exit_code for one in (shut, opening) if not one.ok] == [4, 4]
