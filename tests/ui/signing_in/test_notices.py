"""Word of a grant that died in the background: once, with the one button that helps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QPushButton

from tests.ui.mockup import START
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import GrantDead
from tokendeck.engine.events import RecordChanged
from tokendeck.ui.signing_in.attempt import SigningIn
from tokendeck.ui.signing_in.notices import SignInNotices

if TYPE_CHECKING:
    from datetime import datetime

    from tests.ui.conftest import Stage
    from tokendeck.ui.window import MainWindow


def die(stage: Stage, connection_id: str, at: datetime) -> None:
    """Have the engine find a connection's grant dead."""
    trouble = Trouble(TroubleKind.SIGN_IN, at, code="invalid_grant", status=400)
    stage.engine.kept[connection_id] = replace(stage.engine.kept[connection_id], trouble=trouble)
    stage.engine.announce(RecordChanged(connection_id))


def toasts(window: MainWindow) -> list[str]:
    return [one.accessibleName() for one in window.toasts.shown()]


def test_a_grant_that_died_is_told_once_and_leads_to_signing_in(stage: Stage) -> None:
    window = stage.open()

    die(stage, "web", START)
    stage.engine.announce(RecordChanged("web"))
    told = toasts(window)
    (button,) = window.toasts.shown()[0].findChildren(QPushButton)
    button.click()

    assert told == [
        "Web shop checkout: Paysera Checkout no longer accepts this sign-in (invalid_grant). Sign in again."
    ]
    assert button.text() == "Sign in"
    assert stage.engine.calls == [("sign_in", "web")]


def test_what_was_dead_when_the_window_opened_is_for_the_list_to_show(stage: Stage) -> None:
    window = stage.open()

    stage.engine.announce(RecordChanged("test-debtor"))

    assert toasts(window) == []


def test_another_death_is_another_notice(stage: Stage) -> None:
    window = stage.open()

    die(stage, "test-debtor", START.replace(hour=23))

    assert [one.partition(":")[0] for one in toasts(window)] == ["Debtor sync, test company"]


def test_whoever_asked_hears_of_it_once_with_the_same_button(stage: Stage) -> None:
    window = stage.open()

    def find_it_dead() -> None:
        die(stage, "web", START)
        raise GrantDead(status=400, code="invalid_grant")

    stage.engine.on_token = find_it_dead
    notices = window.findChild(SignInNotices)
    assert notices is not None
    noticed = QSignalSpy(notices.told_about)

    window.commands.copy("web")

    assert noticed.count() == 0
    (toast,) = window.toasts.shown()
    assert "no longer accepts this sign-in" in toast.accessibleName()
    assert [one.text() for one in toast.findChildren(QPushButton)] == ["Sign in"]


@pytest.mark.qt_log_ignore("does not support raise")  # off screen there is nothing before or behind
def test_whoever_comes_back_from_the_browser_sees_the_window_again(stage: Stage) -> None:
    window = stage.open()
    window.setWindowState(Qt.WindowState.WindowMinimized)
    signing_in = window.findChild(SigningIn)
    assert signing_in is not None

    signing_in.came_back.emit("web")

    assert not window.isMinimized()
    assert window.isVisible()
