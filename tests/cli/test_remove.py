from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.stage import Stage


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
