"""Where a connection's secrets may go, confirmed from a shell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cli.samples import ACME
from tests.cli.stage import Stage
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import OriginNotConfirmed
from tokendeck.core.trouble import ORIGIN_NOT_CONFIRMED

HERE, ELSEWHERE = "https://api.acme.test:443", "https://elsewhere.acme.test:443"


@pytest.fixture
def stage() -> Stage:
    """One connection whose secrets may go to api.acme.test, and a descriptor that sends them elsewhere by now."""
    stage = Stage()
    stage.engine.keep("Shop")
    moved = replace(ACME.environments[0], base_urls={"base_url": "https://elsewhere.acme.test"})
    stage.shelf.shelved = (replace(ACME, environments=(moved,)),)
    return stage


def confirmed(stage: Stage) -> tuple[str, ...]:
    (record,) = stage.engine.records()
    return record.connection.confirmed_origins


@pytest.mark.promise(10)
@pytest.mark.parametrize(("typed", "code", "origin"), [("y\n", 0, ELSEWHERE), ("\n", 1, HERE), ("n\n", 1, HERE)])
def test_a_person_is_asked_by_the_name_of_the_host(stage: Stage, typed: str, code: int, origin: str) -> None:
    shown = stage.run("confirm", "shop", person=True, stdin=typed)

    assert (shown.code, shown.out) == (code, "")
    assert "Send the secrets of Shop to elsewhere.acme.test from now on? [y/N]" in shown.err
    assert confirmed(stage) == (origin,)


@pytest.mark.promise(10)
def test_where_there_is_nobody_to_ask_nothing_is_confirmed(stage: Stage) -> None:
    shown = stage.run("confirm", "shop")

    assert shown.code == 1
    assert "elsewhere.acme.test, which you have not confirmed" in shown.err
    assert "--yes" in shown.err
    assert confirmed(stage) == (HERE,)
    assert not stage.engine.unlocked


def test_a_yes_may_be_said_beforehand(stage: Stage) -> None:
    shown = stage.run("confirm", "shop", "--yes")

    assert (shown.code, shown.err) == (0, "Confirmed. Shop may send to: elsewhere.acme.test.\n")
    assert confirmed(stage) == (ELSEWHERE,)


def test_what_needs_no_confirming_is_left_alone(stage: Stage) -> None:
    stage.shelf.shelved = (ACME,)

    shown = stage.run("confirm", "shop", "--yes")

    assert (shown.code, shown.err) == (0, "There is nothing to confirm. Shop may send to: api.acme.test.\n")
    assert not stage.engine.unlocked


def test_a_connection_that_stopped_goes_on_once_its_descriptor_is_as_it_was(stage: Stage) -> None:
    stage.shelf.shelved = (ACME,)
    stopped = Trouble(TroubleKind.NEEDS_ATTENTION, stage.clock.wall, code=ORIGIN_NOT_CONFIRMED, subject=ELSEWHERE)
    stage.engine.keep("Shop", trouble=stopped)

    shown = stage.run("confirm", "shop")

    assert shown.code == 0
    assert stage.engine.find("Shop").trouble is None


def test_whoever_meets_an_origin_that_is_not_confirmed_is_told_of_the_command(stage: Stage) -> None:
    async def refuse(_: str) -> object:
        raise OriginNotConfirmed(ELSEWHERE)

    stage.engine.answer = refuse  # type: ignore[assignment]  # it gives nothing

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out) == (1, "")
    assert "Nothing was sent." in shown.err
    assert "tokendeck confirm NAME" in shown.err


def test_a_connection_that_is_not_there_cannot_be_confirmed(stage: Stage) -> None:
    assert stage.run("confirm", "ship").code == 5
