"""Signing in on another device, RFC 8628."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real_servers.clients import DEVICE
from tests.real_servers.desk import desk_at, ended
from tokendeck.core.errors import EndOfSignIn, SignInEnded, SignInRefused
from tokendeck.engine.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real_servers.browser import Browser
    from tests.real_servers.desk import Desk
    from tests.real_servers.server import Server


class Hurried(SystemClock):
    """Naps for an instant, whatever is asked for, and remembers what was."""

    def __init__(self) -> None:
        super().__init__()
        self.naps: list[float] = []

    async def nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        await super().nap(0)


@pytest.mark.parametrize("filled_in", [False, True], ids=["typed", "filled in"])
async def test_a_code_that_a_person_types_in_elsewhere_brings_tokens(
    server: Server, desk: Desk, browser: Browser, *, filled_in: bool
) -> None:
    television = await desk.add(server, "device_code", DEVICE, scope="read")

    sign_in = await desk.begin_elsewhere(television)
    page = sign_in.prompt.page_with_code if filled_in else sign_in.prompt.page
    await browser.type_code(page, sign_in.prompt.user_code, "Accept")
    first = await sign_in.outcome()
    second = await desk.engine.refresh(television)

    assert first.facts.scope == ("read",)
    assert first.refresh_token != second.refresh_token
    assert server.accepts(second.access_token.reveal())


async def test_a_person_who_says_no_elsewhere_is_believed(server: Server, desk: Desk, browser: Browser) -> None:
    television = await desk.add(server, "device_code", DEVICE)
    sign_in = await desk.begin_elsewhere(television)

    await browser.type_code(sign_in.prompt.page, sign_in.prompt.user_code, "Deny")
    error = await ended(sign_in)

    assert isinstance(error, SignInRefused)
    assert error.code == "access_denied"
    assert await desk.engine.kept_token(television) is None


async def test_a_code_that_nobody_typed_in_is_over(authlib: Server, home: Path) -> None:
    async with desk_at(home / "deck", authlib.descriptor(), clock=Hurried()) as desk:
        sign_in = await desk.begin_elsewhere(await desk.add(authlib, "device_code", DEVICE))

        authlib.let("let_device_codes_expire")
        error = await ended(sign_in)

    assert isinstance(error, SignInEnded)
    assert error.why is EndOfSignIn.TIMED_OUT


async def test_whoever_is_told_to_slow_down_does(authlib: Server, home: Path, browser: Browser) -> None:
    clock = Hurried()
    async with desk_at(home / "deck", authlib.descriptor(), clock=clock) as desk:
        authlib.let("tell_devices_to_slow_down")
        sign_in = await desk.begin_elsewhere(await desk.add(authlib, "device_code", DEVICE))
        while 6.0 not in clock.naps:
            await SystemClock.nap(clock, 0)
        await browser.type_code(sign_in.prompt.page, sign_in.prompt.user_code, "Accept")
        tokens = await sign_in.outcome()

    pauses = [nap for nap in clock.naps if nap in {1.0, 6.0}]
    assert pauses == [1.0, *[6.0] * (len(pauses) - 1)]
    assert authlib.accepts(tokens.access_token.reveal())
