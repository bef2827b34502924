from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QScrollBar, QWidget

from tokendeck.core.errors import (
    KeyringMute,
)
from tokendeck.core.vault import VaultShut

if TYPE_CHECKING:
    from tests.ui.conftest import Stage


def test_every_action_has_a_name_and_a_place_in_a_menu(stage: Stage) -> None:
    window = stage.open()

    in_menus = {action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()}
    named = [one for one in window.findChildren(QAction) if one.parent() is window and not one.isSeparator()]

    assert named
    assert [one for one in named if not one.text()] == []
    assert [one.text() for one in named if one not in in_menus and one.menu() is None] == []


def test_no_two_actions_share_a_key(stage: Stage) -> None:
    window = stage.open()

    keys = [key.toString() for one in window.findChildren(QAction) for key in one.shortcuts()]

    assert sorted(keys) == sorted(set(keys))
    wanted = {"Ctrl+N", "Ctrl+F", "F3", "Ctrl+C", "Ctrl+Return", "Ctrl+R", "F5", "F2", "Del", "Ctrl+Z", "Ctrl+L", "F6"}
    assert {QKeySequence(key).toString() for key in wanted} <= set(keys)


@pytest.mark.parametrize("shut", [False, True])
def test_everything_that_takes_the_focus_has_a_name(stage: Stage, *, shut: bool) -> None:
    window = stage.open()
    window.commands.copy("web")
    window.toasts.say("words", "neutral", ("Undo", lambda: None))
    if shut:
        stage.engine.change_vault(VaultShut(KeyringMute("Secret Service")))

    nameless = [
        one
        for one in window.findChildren(QWidget)
        if one.isVisible()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(one, QScrollBar)
        and not (one.accessibleName() or (hasattr(one, "text") and one.text()))
    ]

    assert nameless == []


def test_new_theme_reaches_the_list(stage: Stage) -> None:
    window = stage.open()
    ruler = window.list.view._delegate.ruler

    stage.theme.changed.emit()

    assert window.list.view._delegate.ruler is not ruler


def test_window_paints_in_light_and_dark(stage: Stage) -> None:
    window = stage.open()

    light = window.grab().toImage()
    stage.theme._forced = "dark"
    stage.theme._follow()
    dark = window.grab().toImage()

    assert light.pixelColor(300, 40).lightness() > 200
    assert dark.pixelColor(300, 40).lightness() < 60
