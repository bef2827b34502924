"""Somebody shows a token, copies it, and goes away."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import add
from tests.journeys.person import pasted
from tests.journeys.stage import in_the_windows_loop

if TYPE_CHECKING:
    from tests.journeys.person import Person
    from tests.journeys.stage import Stage
    from tests.logind import Bus

pytestmark = pytest.mark.promise(47)
AT_ONCE_S = 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="D-Bus is how Linux tells")
@pytest.mark.parametrize("how", ["the screen saver", "sleep"])
@in_the_windows_loop
async def test_leaving_masks_what_is_shown_and_clears_the_clipboard(stage: Stage, message_bus: Bus, how: str) -> None:
    async with stage.sandbox, stage.window() as person:
        token = await show_and_copy(person, stage)

        if how == "sleep":
            message_bus.say("/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep", "b", 1)
        else:
            message_bus.say("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", "b", 1)
        await person.until(lambda: person.shown("Access token") != token, patience_s=AT_ONCE_S)
        await person.until(lambda: not pasted(), patience_s=AT_ONCE_S)

        assert token not in person.reads()
        assert not person.reads().count("Clears in")


@in_the_windows_loop
async def test_a_laptop_that_slept_masks_what_is_shown_and_clears_the_clipboard(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        token = await show_and_copy(person, stage)

        stage.clock.move_on(seconds=6)
        await person.until(lambda: person.shown("Access token") != token)
        await person.until(lambda: not pasted())

        assert token not in person.reads()


async def show_and_copy(person: Person, stage: Stage) -> str:
    """Give the token that is shown and on the clipboard now."""
    await add(person, stage, "paysera", "Mine")
    await person.until(lambda: person.fact("fingerprint"))
    await person.key("Ctrl+C")
    await person.until_reading("Token copied.")
    person.press("Show the token")
    await person.until(lambda: person.shown("Access token") == pasted())
    return pasted()
