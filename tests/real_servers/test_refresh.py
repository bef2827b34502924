"""Refresh tokens that rotate, at servers that take one that comes back for stolen."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.journeys.shell import Shell
from tests.real_servers.clients import CONFIDENTIAL, PUBLIC
from tests.real_servers.desk import desk_at
from tokendeck.core.errors import GrantDead, ProviderBusy
from tokendeck.core.token import TokenSet
from tokendeck.core.verdict import Step

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.clients import Registered
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server

PASSPHRASE = "correct horse battery staple"
FOR_LONGER = timedelta(days=1)
"""No token of these servers lives so long, so that another one has to be asked for."""


async def ask_in_vain(desk: Desk, connection_id: str, *, times: int) -> None:
    """Ask for a token as a program does, with nobody there who could sign in."""
    for _ in range(times):
        with pytest.raises(GrantDead):
            await desk.engine.token(connection_id, min_valid=FOR_LONGER)


@pytest.mark.parametrize("client", [CONFIDENTIAL, PUBLIC], ids=["confidential", "public"])
async def test_every_refresh_brings_a_new_pair(
    server: Server, desk: Desk, browser: Browser, client: Registered
) -> None:
    shop = await desk.signed_in(server, browser, client)

    issued = [await desk.kept(shop), *[await desk.engine.refresh(shop) for _ in range(3)]]

    assert len({one.access_token for one in issued}) == 4
    assert len({one.refresh_token for one in issued}) == 4
    assert await desk.kept(shop) == issued[-1]
    assert server.token_requests() == 4
    assert server.accepts(issued[-1].access_token.reveal())


@pytest.mark.promise(6)
async def test_a_hundred_callers_spend_one_refresh_token(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.signed_in(server, browser)
    server.asked()

    tokens = await asyncio.gather(*(desk.engine.token(shop, fresh=True) for _ in range(100)))

    assert len({one.access_token for one in tokens}) == 1
    assert server.token_requests() == 1
    assert server.accepts((await desk.engine.refresh(shop)).access_token.reveal()), "the family is alive"


@pytest.mark.promise(7)
async def test_a_caller_that_goes_away_loses_no_rotated_token(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.signed_in(server, browser)
    server.hold_answers()
    caller = asyncio.create_task(desk.engine.token(shop, fresh=True))
    await asyncio.to_thread(server.wait_until_held)
    caller.cancel()
    await asyncio.wait([caller])
    server.release_answers()

    tokens = await desk.engine.refresh(shop)

    assert caller.cancelled()
    assert server.accepts(tokens.access_token.reveal())


async def started(home: Path, *words: str) -> Process:
    """Start the command line on a home whose vault a passphrase guards."""
    passphrase_file = home.with_suffix(".passphrase")
    passphrase_file.write_text(PASSPHRASE, encoding="utf-8")
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *Shell(home, passphrase_file).arguments(*words), stdout=pipe, stderr=pipe
    )


@pytest.mark.promise(6)
async def test_two_processes_spend_one_refresh_token(home: Path, toolkit: Server, browser: Browser) -> None:
    async with desk_at(home / "deck", toolkit.descriptor(), passphrase=PASSPHRASE) as desk:
        shop = await desk.signed_in(toolkit, browser)
        toolkit.asked()
        toolkit.hold_answers()
        other = await started(home / "deck", "token", desk.name(shop), "--fresh")
        await asyncio.to_thread(toolkit.wait_until_held)
        under_way = asyncio.Event()
        desk.engine.subscribe(lambda _: under_way.set() if desk.engine.is_renewing(shop) else None)
        ours = asyncio.create_task(desk.engine.token(shop, fresh=True))
        await under_way.wait()
        toolkit.release_answers()
        tokens, (out, err) = await asyncio.gather(ours, other.communicate())

        assert (other.returncode, out.decode()) == (0, f"{tokens.access_token.reveal()}\n"), err
        assert toolkit.token_requests() == 1
        assert toolkit.accepts((await desk.engine.refresh(shop)).access_token.reveal()), "the family is alive"


@pytest.mark.promise(2)
@pytest.mark.skipif(sys.platform == "win32", reason="the signal is POSIX's")
async def test_a_process_killed_between_rotation_and_answer_leaves_word_of_it(
    home: Path, toolkit: Server, browser: Browser
) -> None:
    async with desk_at(home / "deck", toolkit.descriptor(), passphrase=PASSPHRASE) as desk:
        shop = await desk.signed_in(toolkit, browser)
        name, before = desk.name(shop), await desk.kept(shop)
    toolkit.hold_answers()
    process = await started(home / "deck", "refresh", name)
    await asyncio.to_thread(toolkit.wait_until_held)
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    toolkit.release_answers()
    toolkit.asked()

    async with desk_at(home / "deck", toolkit.descriptor(), passphrase=PASSPHRASE) as desk:
        cut_off_at, kept = desk.engine.record(shop).cut_off_at, await desk.kept(shop)
        with pytest.raises(GrantDead):
            await desk.engine.refresh(shop)
        await ask_in_vain(desk, shop, times=3)
        asked, status = toolkit.token_requests(), desk.engine.status(shop)
        tokens = await desk.sign_in(shop, browser)

        assert cut_off_at is not None
        assert kept == before
        assert asked == 1
        assert status.word == "sign_in"
        assert toolkit.accepts(tokens.access_token.reveal())
        assert desk.engine.record(shop).cut_off_at is None


async def test_of_two_homes_with_one_refresh_token_neither_loses_what_it_has(
    home: Path, toolkit: Server, browser: Browser
) -> None:
    """Two refreshes meet in the database; django-oauth-toolkit answers one of them with a 500 and a page."""
    async with (
        desk_at(home / "one", toolkit.descriptor()) as one,
        desk_at(home / "two", toolkit.descriptor()) as two,
    ):
        ours = await one.signed_in(toolkit, browser)
        before = await one.kept(ours)
        theirs = await two.add(toolkit, "authorization_code", CONFIDENTIAL, before)
        toolkit.let("let_two_meet")
        outcomes = await asyncio.gather(one.engine.refresh(ours), two.engine.refresh(theirs), return_exceptions=True)
        toolkit.let("let_nobody_meet")

        (won,) = (outcome for outcome in outcomes if isinstance(outcome, TokenSet))
        (lost,) = (outcome for outcome in outcomes if not isinstance(outcome, TokenSet))
        desks = [(one, ours), (two, theirs)]
        (winner, loser) = desks if isinstance(outcomes[0], TokenSet) else reversed(desks)
        assert isinstance(lost, ProviderBusy)
        assert lost.status == 500
        assert await winner[0].kept(winner[1]) == won
        kept = await loser[0].kept(loser[1])
        assert (kept.access_token, kept.refresh_token) == (before.access_token, before.refresh_token)
        assert loser[0].engine.record(loser[1]).cut_off_at is None
        assert toolkit.accepts((await winner[0].engine.refresh(winner[1])).access_token.reveal())


@pytest.mark.promise(24)
async def test_a_family_that_a_thief_brought_down_is_told_and_mended_by_signing_in(
    server: Server, desk: Desk, browser: Browser
) -> None:
    shop = await desk.signed_in(server, browser, PUBLIC)
    stolen = (await desk.kept(shop)).refresh_token
    assert stolen is not None
    await desk.engine.refresh(shop)

    theft = server.ask(
        server.known.token, grant_type="refresh_token", client_id=PUBLIC.id, refresh_token=stolen.reveal()
    )
    server.asked()
    verdict = await desk.engine.test(shop)
    await ask_in_vain(desk, shop, times=3)
    asked = server.token_requests()
    status = desk.engine.status(shop)
    tokens = await desk.sign_in(shop, browser)

    assert theft.json()["error"] == "invalid_grant"
    assert (verdict.step, verdict.code) == (Step.TOKEN, "invalid_grant"), "401, one refresh, and no more"
    assert asked == 1
    assert status.word == "sign_in"
    assert server.accepts(tokens.access_token.reveal())
    assert desk.engine.status(shop).word == "live"


@pytest.mark.promise(26)
async def test_a_token_that_died_early_is_replaced_once(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.signed_in(server, browser)
    server.asked()

    server.let("let_access_tokens_die")
    verdict = await desk.engine.test(shop)

    assert (verdict.kind.value, verdict.retried) == ("works", True)
    assert server.token_requests() == 1


@pytest.mark.promise(24)
async def test_a_consent_that_was_taken_back_is_asked_about_once(server: Server, desk: Desk, browser: Browser) -> None:
    shop = await desk.signed_in(server, browser)
    before = await desk.kept(shop)

    server.let("take_consent_back")
    told = await desk.engine.introspect(shop)
    server.asked()
    await ask_in_vain(desk, shop, times=3)

    assert not told.active
    assert server.token_requests() == 1
    assert desk.engine.status(shop).word == "sign_in"
    assert await desk.kept(shop) == before
