"""Real messages on a real bus; logind and the screen savers are played by the test."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform != "linux":
    pytest.skip("D-Bus is how Linux tells", allow_module_level=True)

from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusPendingCallWatcher
from shiboken6 import delete

from tests.logind import LOGIND, SESSION_PATH
from tokendeck.ui.leaving.linux import SCREEN_SAVERS
from tokendeck.ui.leaving.session import watch_session

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.logind import Bus, Logind
    from tests.ui.leaving.conftest import Leavings

pytestmark = pytest.mark.promise(47)
OTHER_PATH = "/org/freedesktop/login1/session/_38"
ON, OFF = True, False
PROPERTIES = "org.freedesktop.DBus.Properties"


@pytest.mark.parametrize("interface", SCREEN_SAVERS)
def test_a_screen_saver_that_comes_up_is_leaving_and_one_that_ends_is_not(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot, interface: str
) -> None:
    watch_session(leavings.note, owner)

    message_bus.say("/ScreenSaver", interface, "ActiveChanged", "b", OFF)
    message_bus.say("/ScreenSaver", interface, "ActiveChanged", "b", ON)

    qtbot.waitUntil(lambda: leavings.count > 0)
    assert leavings.count == 1


def test_going_to_sleep_is_leaving_and_so_is_waking(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot
) -> None:
    watch_session(leavings.note, owner)

    for about_to_sleep in (True, False):
        message_bus.say("/org/freedesktop/login1", f"{LOGIND}.Manager", "PrepareForSleep", "b", about_to_sleep)

    qtbot.waitUntil(lambda: leavings.count == 2)


def test_our_session_being_locked_is_leaving_and_anothers_is_not(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot
) -> None:
    logind = message_bus.start_logind()
    watch_session(leavings.note, owner)
    known(logind, owner, qtbot)

    message_bus.say(OTHER_PATH, f"{LOGIND}.Session", "Lock")
    message_bus.say(SESSION_PATH, f"{LOGIND}.Session", "Lock")
    qtbot.waitUntil(lambda: leavings.count > 0)

    marker(message_bus, leavings, qtbot, 1)
    assert logind.asked == ["GetSession"]


@pytest.mark.parametrize(("name", "value"), [("LockedHint", True), ("Active", False)])
def test_a_session_that_says_that_it_is_locked_or_behind_another_is_left(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot, name: str, value: object
) -> None:
    logind = message_bus.start_logind()
    watch_session(leavings.note, owner)
    known(logind, owner, qtbot)

    logind.properties[name] = ("b", value)
    changed = {name: ("b", value)}
    message_bus.say(SESSION_PATH, PROPERTIES, "PropertiesChanged", "sa{sv}as", f"{LOGIND}.Session", changed, [])

    qtbot.waitUntil(lambda: leavings.count == 1)


def test_a_change_that_is_no_leaving_is_none(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot
) -> None:
    logind = message_bus.start_logind()
    watch_session(leavings.note, owner)
    known(logind, owner, qtbot)

    message_bus.say(
        SESSION_PATH, PROPERTIES, "PropertiesChanged", "sa{sv}as", f"{LOGIND}.Session", {"IdleHint": ("b", True)}, []
    )
    qtbot.waitUntil(lambda: logind.asked.count("Get") == 2)

    marker(message_bus, leavings, qtbot, 0)


def test_where_logind_knows_no_session_any_that_is_locked_counts(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot
) -> None:
    logind = message_bus.start_logind(knows_session=False)
    watch_session(leavings.note, owner)
    known(logind, owner, qtbot)

    message_bus.say(OTHER_PATH, f"{LOGIND}.Session", "Lock")

    qtbot.waitUntil(lambda: leavings.count == 1)


def test_it_ends_with_what_it_was_watched_for(
    message_bus: Bus, owner: QObject, leavings: Leavings, qtbot: QtBot
) -> None:

    watch_session(leavings.note, owner)
    mine = QObject(owner)
    watch_session(leavings.note, mine)

    delete(mine)
    message_bus.say("/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", "b", ON)

    qtbot.waitUntil(lambda: leavings.count > 0)
    assert leavings.count == 1


def test_without_a_bus_nothing_is_watched_and_none_is_started(owner: QObject, leavings: Leavings, home: Path) -> None:
    watch_session(leavings.note, owner)

    assert leavings.count == 0
    assert not (home / ".dbus").exists()


def known(logind: Logind, owner: QObject, qtbot: QtBot) -> None:
    """Return when logind's answer has come, so that the session is listened to."""
    qtbot.waitUntil(lambda: bool(logind.asked) and not owner.findChildren(QDBusPendingCallWatcher))


def marker(bus: Bus, leavings: Leavings, qtbot: QtBot, expected: int) -> None:
    """Hold that there were so many leavings: what is sent last arrives last."""
    bus.say("/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged", "b", ON)
    qtbot.waitUntil(lambda: leavings.count > expected)
    assert leavings.count == expected + 1
