from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME, EVERY_USE, token_set
from tokendeck.core.errors import ConfirmationNeeded, GrantDead, ProviderBusy, UnknownCall
from tokendeck.core.verdict import Step, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.stage import Stage
    from tokendeck.core.token import TokenSet


@pytest.mark.parametrize(
    ("kind", "step", "code"),
    [
        (VerdictKind.WORKS, Step.DONE, 0),
        (VerdictKind.MINTED, Step.DONE, 0),
        (VerdictKind.REFUSED, Step.AUTHENTICATION, 1),
        (VerdictKind.TROUBLE, Step.CONNECT, 3),
    ],
)
def test_a_verdict_is_the_exit_code(stage: Stage, kind: VerdictKind, step: Step, code: int) -> None:
    stage.engine.keep("shop")
    stage.engine.verdicts = [Verdict(kind, step)]

    shown = stage.run("test", "shop")

    assert shown.code == code
    assert shown.out.strip()


def test_a_verdict_as_json(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.verdicts = [
        Verdict(
            VerdictKind.REFUSED,
            Step.AUTHENTICATION,
            call="ping",
            status=401,
            latency_ms=41.26,
            retried=True,
            code="invalid_token",
            words="Token is expired",
        ),
        Verdict(VerdictKind.MINTED, Step.DONE),
    ]

    refused, minted = (json.loads(stage.run("test", "shop", "--json").out) for _ in range(2))

    assert "Token is expired" in refused.pop("message")
    assert refused == {
        "verdict": "refused",
        "status": 401,
        "latency_ms": 41.3,
        "retried": True,
        "step": "authentication",
        "call": "ping",
        "code": "invalid_token",
        "words": "Token is expired",
    }
    assert minted.pop("message")
    assert minted == {
        "verdict": "minted",
        "status": None,
        "latency_ms": None,
        "retried": False,
        "step": "done",
        "call": None,
        "code": None,
        "words": None,
    }


def test_the_call_that_was_named_is_made(stage: Stage) -> None:
    stage.engine.keep("shop")

    stage.run("test", "shop", "ping", "--yes")

    assert stage.engine.asked == [("test", "id-of-shop", "ping", True)]


def test_an_unknown_call_is_a_usage_error(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.verdicts = [UnknownCall("pong", ("ping",))]

    shown = stage.run("test", "shop", "pong", "--json")

    assert (shown.code, shown.out) == (2, "")
    assert "ping" in shown.err


def test_a_hazard_with_nobody_to_ask_is_refused_with_the_way_to_insist(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.verdicts = [ConfirmationNeeded("allow_list", "A call from elsewhere revokes the token.")]

    shown = stage.run("test", "shop")

    assert (shown.code, shown.out) == (1, "")
    assert "A call from elsewhere revokes the token." in shown.err
    assert "--yes" in shown.err
    assert len(stage.engine.asked) == 1


@pytest.mark.parametrize(("typed", "code", "requests"), [("y\n", 0, 2), ("no\n", 1, 1), ("", 1, 1)])
def test_a_hazard_is_put_to_a_person(stage: Stage, typed: str, code: int, requests: int) -> None:
    stage.engine.keep("shop")
    stage.engine.verdicts = [ConfirmationNeeded("allow_list", "A call from elsewhere revokes the token.")]

    shown = stage.run("test", "shop", person=True, stdin=typed)

    assert shown.code == code
    assert "A call from elsewhere revokes the token." in shown.err
    assert len(stage.engine.asked) == requests


def test_refreshing_tells_when_the_new_token_ends(stage: Stage) -> None:
    stage.engine.keep("shop")

    shown = stage.run("refresh", "Shop")

    assert (shown.code, shown.out) == (0, "")
    assert shown.err.startswith("shop: refreshed")
    assert stage.engine.asked == [("refresh", "id-of-shop")]


def test_refreshing_what_keeps_no_token_says_so(stage: Stage) -> None:
    stage.engine.keep("shop", EVERY_USE)

    shown = stage.run("refresh", "shop")

    assert shown.code == 0
    assert shown.err.startswith("shop: a token was minted, good for 1 h; it is not kept")


def test_all_are_refreshed_at_once_and_told_of_one_by_one(stage: Stage) -> None:
    names = {"b", "A", "c"}
    for name in names:
        stage.engine.keep(name)
    everybody = asyncio.Barrier(len(names))

    async def answer(_: str) -> TokenSet:
        await everybody.wait()
        return token_set(stage.clock)

    stage.engine.answer = answer

    shown = stage.run("refresh", "--all")

    assert (shown.code, shown.out) == (0, "")
    assert {line.split(":")[0] for line in shown.err.splitlines()} == names


def test_the_worst_outcome_is_the_exit_code_and_stops_no_other(
    stage: Stage, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.cli.session", "ended by an error")
    outcomes: dict[str, Exception] = {
        "id-of-busy": ProviderBusy(status=503),
        "id-of-refused": GrantDead(),
        "id-of-crashed": ZeroDivisionError("never shown"),
    }
    for name in ("busy", "crashed", "fine", "refused"):
        stage.engine.keep(name)

    async def answer(connection_id: str) -> TokenSet:
        if connection_id in outcomes:
            raise outcomes[connection_id]
        return token_set(stage.clock)

    stage.engine.answer = answer

    shown = stage.run("refresh", "--all")
    outcomes.pop("id-of-refused")
    outcomes.pop("id-of-crashed")
    milder = stage.run("refresh", "--all")

    assert (shown.code, milder.code) == (1, 3)
    assert "fine: refreshed" in shown.err
    assert "never shown" not in shown.err


def test_what_keeps_no_token_is_left_out_with_the_reason(stage: Stage) -> None:
    stage.engine.keep("resting", paused=True)
    stage.engine.keep("fleeting", EVERY_USE)

    shown = stage.run("refresh", "--all")

    assert shown.code == 0
    assert stage.engine.asked == []
    assert "resting: left out" in shown.err
    assert "fleeting: left out" in shown.err


def test_a_connection_whose_descriptor_is_gone_is_told_of(stage: Stage) -> None:
    stage.engine.keep("fine")
    stage.engine.keep("orphan", replace(ACME, id="gone"))

    shown = stage.run("refresh", "--all")

    assert shown.code == 2
    assert "orphan: " in shown.err
    assert "fine: refreshed" in shown.err
