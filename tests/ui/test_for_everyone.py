from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QScrollBar, QWidget

from tokendeck.core.errors import (
    KeyringMute,
)
from tokendeck.core.vault import VaultShut
from tokendeck.ui.connections.geometry import RowAction

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


def test_buttons_of_the_selected_row_are_no_part_of_the_table(stage: Stage) -> None:
    """To a screen reader a table has cells only, and whatever else is in it is not there."""
    window = stage.open()
    window.list.view.select("web")

    named = {one.accessibleName(): one for one in window.list.rows.findChildren(QAbstractButton) if one.isVisible()}
    for name in ("Copy a token of Web shop checkout", "Test Web shop checkout", "Refresh Web shop checkout"):
        named[name].click()

    assert [call[0] for call in stage.engine.calls] == ["token", "test", "refresh"]
    assert not any(window.list.view.isAncestorOf(one) for one in named.values())


def test_tab_goes_from_search_to_list_detail_and_toolbar_and_round(stage: Stage) -> None:
    window = stage.open()
    window.activateWindow()
    window.list.view.select("web")
    window.list.focus_search()

    walked = []
    for _ in range(12):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        walked.append(window.focusWidget().accessibleName())
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Backtab)

    assert walked == [
        "Connections",
        "Copy a token of Web shop checkout",
        "Test Web shop checkout",
        "Refresh Web shop checkout",
        "Test Web shop checkout",
        "Copy a token of Web shop checkout",
        "More ways to copy a token of Web shop checkout",
        "Parts of the connection",
        "Access token",
        "Show the token",
        "Add a connection",
        "Search connections",
    ]
    assert window.focusWidget() is window.list.add


def test_tab_reaches_what_lies_over_the_window_and_reads_from_right_to_left(stage: Stage) -> None:
    window = stage.open()
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window.toasts.say("words", "neutral", ("Undo", lambda: None))
    QApplication.processEvents()

    stops = [getattr(one, "text", str)() or one.accessibleName() for one in window.workspace.tab_stops()]

    assert stops[-3:] == ["Undo", "Dismiss", "Add"]
    assert stops.index("Test") < stops.index("Copy token")


def test_escape_leads_from_the_detail_back_to_the_list(stage: Stage) -> None:
    window = stage.open()
    window.resize(600, 600)
    window.workspace.open_detail()

    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)

    assert window.list.isVisible()
    assert window.focusWidget() is window.list.view


def test_keys_on_a_rows_button_press_it_or_are_the_lists(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("debtor")
    buttons = window.list.view._buttons
    assert buttons is not None
    copy = buttons._buttons[RowAction.COPY]

    QTest.keyClick(copy, Qt.Key.Key_Space)
    QTest.keyClick(copy, Qt.Key.Key_Return)
    QTest.keyClick(copy, Qt.Key.Key_Down)
    QTest.keyClicks(copy, "x")

    assert stage.engine.calls == [("token", "debtor"), ("token", "debtor")]
    assert window.list.view.current_id != "debtor"
    assert window.list.search.text() == "x"


def test_buttons_of_a_row_scroll_with_it_and_never_cover_what_is_beside_the_list(stage: Stage) -> None:
    window = stage.open()
    window.resize(1000, 420)
    view = window.list.view
    view.select("debtor")
    buttons = view._buttons
    assert buttons is not None
    turn = QWheelEvent(
        QPointF(4, 4),
        QPointF(4, 4),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,  # noqa: FBT003 - not inverted; Qt takes no name here
    )

    QApplication.sendEvent(buttons, turn)
    assert view.verticalScrollBar().value() > 0
    view.verticalScrollBar().setValue(40)
    cut = (buttons.y(), buttons.height())
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())

    assert cut[0] >= 0
    assert cut[1] < 28
    assert buttons.isHidden()


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
