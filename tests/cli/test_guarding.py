from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.fake_door import KEPT_AS, RECOVERY_KEY
from tokendeck.cli.errors import LockedInWindow
from tokendeck.core.errors import (
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    StoreDamaged,
    StoreTooNew,
    StoreUnwritable,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpening, VaultShut

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.stage import Stage
    from tokendeck.core.errors import VaultUnavailable
    from tokendeck.core.token import TokenSet
    from tokendeck.core.vault import VaultState

LOST = [
    KeyLost("Secret Service"),
    KeyringChanged("Keychain", "Secret Service"),
    KeyringMissing("Secret Service"),
    VaultLocked(),
    VaultDamaged("", "vault"),
]


@pytest.mark.parametrize("why", LOST, ids=lambda why: type(why).__name__)
def test_a_vault_that_may_be_lost_is_set_aside_once_a_person_says_so(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(why)

    shown = stage.run("new-vault", person=True, stdin="y\n")

    assert (shown.code, shown.out) == (0, "")
    assert stage.wording_of(why) in shown.err
    assert "Nothing is deleted" in shown.err
    assert KEPT_AS in shown.err
    assert stage.engine.asked == [("start_anew",)]


def test_nothing_is_set_aside_without_a_yes(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(KeyLost("Secret Service"))

    declined = stage.run("new-vault", person=True, stdin="n\n")
    nobody = stage.run("new-vault")
    confirmed = stage.run("new-vault", "--yes")

    assert (declined.code, nobody.code, confirmed.code) == (1, 4, 0)
    assert "Nothing was done." in declined.err
    assert nobody.err.startswith("The key to this vault is not in your keyring.")
    assert "tokendeck new-vault" in nobody.err
    assert stage.engine.asked == [("start_anew",)]


@pytest.mark.parametrize(
    "why",
    [
        KeyringLocked("Secret Service"),
        KeyringMute("Secret Service"),
        LockedInWindow(),
        StoreDamaged("store.db.damaged", "not a database"),
        StoreTooNew(3, 1),
        StoreUnwritable("/home/ona", "disk full"),
    ],
    ids=lambda why: type(why).__name__,
)
def test_what_may_pass_sets_no_vault_aside(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.vault = VaultShut(why)

    shown = stage.run("new-vault", "--yes")

    assert shown.code == 4
    assert "new-vault" not in shown.err
    assert stage.engine.asked == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "The vault opens"),
        (VaultOpening(), "The vault opens"),
        (VaultShut(VaultNotSetUp(KeyringMissing())), "There is no vault yet"),
    ],
)
def test_where_there_is_nothing_to_set_aside_that_is_said(stage: Stage, state: VaultState | None, said: str) -> None:
    if state is not None:
        stage.engine.vault = state

    shown = stage.run("new-vault", "--yes")

    assert (shown.code, shown.out) == (2, "")
    assert shown.err.startswith(said)
    assert stage.engine.asked == []


def test_a_vault_that_opens_meanwhile_is_left_as_it_is(stage: Stage) -> None:
    stage.engine.vault = VaultShut(KeyLost())
    stage.engine.door.opens_meanwhile = True

    shown = stage.run("new-vault", "--yes")

    assert shown.code == 2
    assert "nothing to set aside" in shown.err


@pytest.mark.parametrize("why", [KeyLost(), KeyringChanged("Keychain", "KWallet"), KeyringMissing()])
def test_whoever_has_lost_the_key_is_told_how_to_begin_anew(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(why)

    assert "tokendeck new-vault" in stage.run("token", "shop").err


def test_a_recovery_key_is_the_one_thing_that_is_printed(stage: Stage) -> None:
    shown = stage.run("recovery-key")

    assert (shown.code, shown.out) == (0, f"{RECOVERY_KEY}\n")
    assert "--recovery-key-file FILE" in shown.err


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_a_recovery_key_goes_into_a_new_file_that_only_its_owner_reads(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "key.txt"

    shown = stage.run("recovery-key", "--output", str(file))

    assert (shown.code, shown.out) == (0, "")
    assert file.read_text(encoding="utf-8") == f"{RECOVERY_KEY}\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_recovery_key_is_made_where_its_file_cannot_be(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("something else", encoding="utf-8")

    there = stage.run("recovery-key", "--output", str(tmp_path / "there"))
    nowhere = stage.run("recovery-key", "--output", str(tmp_path / "no folder" / "key.txt"))

    assert (there.code, nowhere.code) == (2, 2)
    assert "there cannot be written" in there.err
    assert (tmp_path / "there").read_text(encoding="utf-8") == "something else"
    assert stage.engine.door.recovery_key is None


def test_a_recovery_key_that_is_not_to_be_had_leaves_no_file(stage: Stage, tmp_path: Path) -> None:
    async def fail(_: str) -> TokenSet:
        raise StoreUnwritable("/home/ona", "disk full")

    stage.engine.answer = fail

    shown = stage.run("recovery-key", "--output", str(tmp_path / "key.txt"))

    assert shown.code == 4
    assert list(tmp_path.iterdir()) == []


def test_a_recovery_key_is_replaced_only_when_somebody_says_so(stage: Stage) -> None:
    stage.engine.door.recovery_key = Secret("an earlier one")

    nobody = stage.run("recovery-key")
    declined = stage.run("recovery-key", person=True, stdin="n\n")
    kept = stage.engine.door.recovery_key
    agreed = stage.run("recovery-key", person=True, stdin="y\n")
    again = stage.run("recovery-key", "--replace")

    assert (nobody.code, declined.code, agreed.code, again.code) == (2, 1, 0, 0)
    assert "--replace" in nobody.err
    assert nobody.out == declined.out == ""
    assert kept == Secret("an earlier one")
    assert agreed.out == again.out == f"{RECOVERY_KEY}\n"


@pytest.mark.parametrize("argv", [["recovery-key"], ["passphrase", "--new-passphrase-file", "FILE"]])
def test_what_opens_a_vault_is_changed_only_while_it_is_open(stage: Stage, tmp_path: Path, argv: list[str]) -> None:
    file = tmp_path / "new"
    file.write_text("correct horse\n", encoding="utf-8")
    stage.engine.vault = VaultShut(KeyLost())

    shown = stage.run(*(str(file) if word == "FILE" else word for word in argv))

    assert (shown.code, shown.out) == (4, "")
    assert stage.engine.door.passphrase is None


def test_a_recovery_key_opens_what_the_keyring_does_not(stage: Stage, tmp_path: Path) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(KeyLost(), has_recovery_key=True)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text(f"{RECOVERY_KEY}\n", encoding="utf-8")
    wrong.write_text("another\n", encoding="utf-8")
    right.chmod(0o600)
    wrong.chmod(0o644)

    without = stage.run("token", "shop")
    refused = stage.run("token", "shop", "--recovery-key-file", str(wrong))
    missing = stage.run("token", "shop", "--recovery-key-file", str(tmp_path / "missing"))
    opened = stage.run("token", "shop", "--recovery-key-file", str(right))

    assert [one.code for one in (without, refused, missing, opened)] == [4, 4, 2, 0]
    assert "--recovery-key-file FILE opens it" in without.err
    assert "This recovery key does not open the vault." in refused.err
    assert f"Others can reach {wrong}, which opens the vault (mode 644)" in refused.err
    assert "recovery key file" in missing.err
    assert opened.err == ""
    assert opened.out == "token-of-the-hour\n"


@pytest.mark.parametrize(
    "state",
    [VaultShut(KeyLost()), VaultShut(StoreUnwritable("/home/ona", "disk full"), has_recovery_key=True)],
    ids=["none was made", "it would not help"],
)
def test_a_recovery_key_is_spoken_of_only_where_it_helps(stage: Stage, state: VaultShut) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = state

    assert "recovery" not in stage.run("token", "shop").err


def test_a_new_passphrase_comes_from_a_file_or_from_a_person_twice(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "new"
    file.write_text("from a file\n", encoding="utf-8")

    by_file = stage.run("passphrase", "--new-passphrase-file", str(file))
    from_file = stage.engine.door.passphrase
    by_person = stage.run("passphrase", person=True, hidden=("typed", "typed"))

    assert (by_file.code, by_person.code) == (0, 0)
    assert (from_file, stage.engine.door.passphrase) == (Secret("from a file"), Secret("typed"))
    assert stage.asked_for == ["New passphrase: ", "Once more: "]
    assert "--passphrase-file FILE" in by_person.err
    assert by_file.out == by_person.out == ""


@pytest.mark.parametrize(
    ("hidden", "said"), [(("one", "another"), "not the same"), (("",), "cannot be empty")], ids=["differ", "empty"]
)
def test_a_new_passphrase_that_was_mistyped_changes_nothing(stage: Stage, hidden: tuple[str, ...], said: str) -> None:
    shown = stage.run("passphrase", person=True, hidden=hidden)

    assert shown.code == 2
    assert said in shown.err
    assert stage.engine.door.passphrase is None


def test_without_anybody_to_ask_a_new_passphrase_needs_a_file(stage: Stage) -> None:
    shown = stage.run("passphrase")

    assert shown.code == 2
    assert "--new-passphrase-file FILE" in shown.err
    assert not stage.engine.unlocked
