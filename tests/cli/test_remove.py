from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME, MAIN, MINT, token_set
from tokendeck.core.errors import ProviderBusy, VaultLocked
from tokendeck.core.vault import VaultShut

if TYPE_CHECKING:
    from tests.cli.stage import Stage
    from tokendeck.core.provider import Provider

REVOKING = replace(ACME, id="revoking", grants=(replace(MAIN, revoke=MINT),))


def test_removing_asks_a_person_first(stage: Stage) -> None:
    stage.engine.keep("shop")

    refused = stage.run("remove", "SHOP", person=True, stdin="\n")
    after_no = len(stage.engine.records())
    accepted = stage.run("remove", "SHOP", person=True, stdin="yes\n")

    assert (refused.code, after_no) == (1, 1)
    assert "for good" in refused.err
    assert accepted.code == 0
    assert stage.engine.records() == ()


@pytest.mark.parametrize(("argv", "person"), [(["--yes"], True), ([], False)])
def test_removing_asks_nobody_where_there_is_nobody_or_yes_was_said(
    stage: Stage,
    argv: list[str],
    person: bool,  # noqa: FBT001 - a table's column
) -> None:
    stage.engine.keep("shop")

    shown = stage.run("remove", "shop", *argv, person=person)

    assert (shown.code, shown.out) == (0, "")
    assert stage.engine.records() == ()
    assert stage.engine.drained


def test_removing_needs_no_unlocking(stage: Stage) -> None:
    stage.engine.keep("shop")

    stage.run("remove", "shop")

    assert not stage.engine.unlocked


@pytest.fixture(autouse=True)
def shelf(stage: Stage) -> None:
    stage.shelf.shelved = (*stage.shelf.shelved, REVOKING)


def test_tokens_that_can_be_revoked_are_before_anything_is_erased(stage: Stage) -> None:
    connection = stage.engine.keep("shop", REVOKING, token=token_set(stage.clock).facts)

    shown = stage.run("remove", "shop", "--yes")

    assert shown.code == 0
    assert stage.engine.asked == [("revoke", connection.id)]
    assert "not revoked" not in shown.err


@pytest.mark.promise(49)
@pytest.mark.parametrize("locked", [False, True])
def test_tokens_that_were_not_revoked_are_told_and_the_connection_goes_all_the_same(
    stage: Stage,
    locked: bool,  # noqa: FBT001 - a table's column
) -> None:
    stage.engine.keep("shop", REVOKING, token=token_set(stage.clock).facts)
    stage.engine.revocation = ProviderBusy(status=503)
    stage.engine.vault = VaultShut(VaultLocked()) if locked else stage.engine.vault

    shown = stage.run("remove", "shop", "--yes")

    assert shown.code == 0
    assert "“shop” is deleted, but its tokens were not revoked" in shown.err
    assert stage.engine.records() == ()


@pytest.mark.parametrize("provider", [ACME, replace(ACME, id="gone")], ids=["cannot revoke", "descriptor is gone"])
def test_what_cannot_be_revoked_needs_no_vault(stage: Stage, provider: Provider) -> None:
    stage.engine.keep("shop", provider, token=token_set(stage.clock).facts)
    stage.engine.vault = VaultShut(VaultLocked())

    shown = stage.run("remove", "shop", "--yes")

    assert shown.code == 0
    assert "not revoked" not in shown.err
