"""Signing in from a shell beside a running app, over a real socket."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.fake_engine import FakeSignIn
from tests.cli.samples import PERSONAL, token_set
from tokendeck.cli.errors import AppSilent
from tokendeck.core.errors import EndOfSignIn, NotOffered, NotThisSignIn, SignInEnded, SignInRefused
from tokendeck.core.prompts import BrowserPrompt
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tests.cli.running.open_app import OpenApp
    from tokendeck.cli.program import SignIn

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")

PROMPT = BrowserPrompt("https://auth.acme.test/authorize", "https://example.com/cb", is_pasted=True)


async def begin(app: OpenApp, *, right_address: str = "right") -> tuple[FakeSignIn, SignIn]:
    connection = app.engine.keep("shop", PERSONAL)
    app.engine.attempt = attempt = FakeSignIn(PROMPT, right_address=right_address)
    await app.shared.unlock()
    return attempt, await app.shared.sign_in(connection.id)


async def test_the_running_app_carries_it_out_and_gives_no_token_along(app: OpenApp) -> None:
    attempt, shared = await begin(app)
    attempt.result_once_ended = token_set(app.clock)
    outcome = asyncio.create_task(shared.outcome())

    with pytest.raises(NotThisSignIn):
        await asyncio.to_thread(shared.paste, "wrong")
    await asyncio.to_thread(shared.paste, "right")
    tokens = await outcome

    assert shared.prompt == PROMPT
    assert attempt.pasted == ["wrong", "right"]
    assert (tokens.access_token, tokens.facts) == (Secret(""), token_set(app.clock).facts)
    assert app.alone.asked == []


async def test_what_it_came_to_is_the_command_lines(app: OpenApp) -> None:
    attempt, shared = await begin(app)
    attempt.result = SignInRefused(code="access_denied")

    with pytest.raises(SignInRefused):
        await shared.outcome()


async def test_cancelling_ends_it_in_the_app_and_may_be_repeated(app: OpenApp) -> None:
    attempt, shared = await begin(app)

    await asyncio.to_thread(shared.cancel)
    with pytest.raises(SignInEnded):
        await shared.outcome()
    await asyncio.to_thread(shared.cancel)

    assert attempt.cancelled == 1


async def test_a_command_line_that_goes_away_takes_its_attempt_along(app: OpenApp) -> None:
    attempt, shared = await begin(app)
    waiting = asyncio.create_task(shared.outcome())
    await attempt.waited_for.wait()

    waiting.cancel()
    await attempt.ended.wait()

    assert attempt.cancelled == 1


async def test_an_attempt_that_another_one_replaced_is_over(app: OpenApp) -> None:
    _, first = await begin(app)
    await begin(app)

    with pytest.raises(SignInEnded) as caught:
        await first.outcome()

    assert caught.value.why is EndOfSignIn.REPLACED


async def test_an_app_that_has_gone_takes_no_address(app: OpenApp) -> None:
    _, shared = await begin(app)
    shared._app.path += ".gone"  # type: ignore[attr-defined]  # as if the app had ended

    with pytest.raises(AppSilent):
        await asyncio.to_thread(shared.paste, "right")
    await asyncio.to_thread(shared.cancel)


async def test_without_an_app_it_is_done_here(closed_app: OpenApp) -> None:
    connection = closed_app.alone.keep("shop", PERSONAL)
    closed_app.alone.attempt = attempt = FakeSignIn(PROMPT)
    await closed_app.shared.unlock()

    assert await closed_app.shared.sign_in(connection.id) is attempt
    await closed_app.shared.revoke(connection.id)
    assert closed_app.alone.asked == [("sign_in", connection.id), ("revoke", connection.id)]


async def test_revoking_is_the_running_apps(app: OpenApp) -> None:
    connection = app.engine.keep("shop", PERSONAL)
    await app.shared.unlock()

    await app.shared.revoke(connection.id)
    app.engine.revocation = NotOffered("revoke")
    with pytest.raises(NotOffered):
        await app.shared.revoke(connection.id)

    assert app.engine.asked == [("revoke", connection.id)] * 2
    assert app.alone.asked == []
