from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.stage import KEPT_AS, Stage
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
from tokendeck.core.vault import VaultOpening, VaultShut

if TYPE_CHECKING:
    from tokendeck.core.errors import VaultUnavailable
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
    assert stage.engine.asked == [("start_new_vault",)]


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
    assert stage.engine.asked == [("start_new_vault",)]


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
    stage.engine.opens_meanwhile = True

    shown = stage.run("new-vault", "--yes")

    assert shown.code == 2
    assert "nothing to set aside" in shown.err


@pytest.mark.parametrize("why", [KeyLost(), KeyringChanged("Keychain", "KWallet"), KeyringMissing()])
def test_whoever_has_lost_the_key_is_told_how_to_begin_anew(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(why)

    assert "tokendeck new-vault" in stage.run("token", "shop").err
