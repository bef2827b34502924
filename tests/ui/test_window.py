from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QDialog, QLabel, QMenu, QMessageBox, QPushButton, QScrollBar, QWidget

from tests.ui.mockup import mockup_records, record
from tokendeck.core.errors import (
    ConfirmationNeeded,
    KeyLost,
    KeyringMute,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
    WrongPassphrase,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultShut
from tokendeck.engine.events import ClockWarning, RecordAdded, RecordChanged
from tokendeck.ui.adding.dialog import ConnectionDialog
from tokendeck.ui.adding.passphrase import PassphraseDialog
from tokendeck.ui.connections.model import Order

if TYPE_CHECKING:
    from tests.ui.conftest import Stage
    from tokendeck.ui.window import MainWindow


def words_in(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def dialog_of(window: MainWindow, kind: type[QDialog]) -> QDialog:
    return next(one for one in window.findChildren(kind) if one.isVisible())


# Life


def test_records_show_before_there_is_an_engine(stage: Stage) -> None:
    window = stage.open(attached=False)

    assert window.list.shows_list
    assert window.model.total == 8
    assert window.list.view.current_id == "debtor"


def test_engine_brings_its_records_and_changes(stage: Stage) -> None:
    window = stage.open([])

    stage.engine.fill(mockup_records())
    stage.engine.announce(RecordAdded("web"))
    stage.engine.announce(RecordChanged("web"))
    stage.engine.announce(RecordChanged("nobody"))

    assert window.model.total == 1
    assert window.list.shows_list


def test_closing_asks_for_the_end_and_clears_the_clipboard(stage: Stage) -> None:
    window = stage.open()
    closed = QSignalSpy(window.closed)
    window.commands.copy("web")

    window.close()

    assert closed.count() == 1
    assert stage.board.held == ""
    assert not window.ticker.is_running


def test_clock_runs_only_while_the_window_can_be_seen(stage: Stage) -> None:
    window = stage.open()
    runs = [window.ticker.is_running]

    window.hide()
    runs.append(window.ticker.is_running)
    window.show()
    runs.append(window.ticker.is_running)
    window.setWindowState(Qt.WindowState.WindowMinimized)
    runs.append(window.ticker.is_running)

    assert runs == [True, False, True, False]


def test_window_remembers_selection_order_and_size(stage: Stage) -> None:
    window = stage.open()
    window.resize(1000, 640)
    window.list.view.select("internal")
    window.actions_.orders.actions()[1].trigger()
    window.close()

    again = stage.open()

    assert again.model.order is Order.EXPIRY
    assert again.list.view.current_id == "internal"


# List and search


def test_typing_in_the_list_searches_and_escape_clears(stage: Stage) -> None:
    window = stage.open()

    QTest.keyClicks(window.list.view, "d")
    QTest.keyClicks(window.list.search, "ebtor")
    assert window.list.search.text() == "debtor"
    assert window.model.rowCount() == 2

    QTest.keyClick(window.list.search, Qt.Key.Key_Escape)
    assert window.list.search.text() == ""
    assert window.model.rowCount() == 8


def test_nothing_found_says_what_was_searched_and_offers_to_clear(stage: Stage) -> None:
    window = stage.open()
    window.list.search.setText("payz env:prod")

    assert not window.list.shows_list
    assert window.list.page.title == "Nothing matches “payz env:prod”"
    assert "8 connections" in window.list.page.body
    window.list.page.button("clear").click()
    assert window.list.shows_list


def test_filtered_away_is_another_page_than_nothing_found(stage: Stage) -> None:
    window = stage.open()
    window.list.search.setText("state:paused")

    assert window.list.page.title == "The filter hides all 8 connections"
    window.list.page.button("clear").click()
    assert window.list.shows_list


def test_window_without_connections_offers_to_add_or_to_look_around(stage: Stage) -> None:
    window = stage.open([])
    wanted = QSignalSpy(window.sandbox_wanted)

    assert window.list.page.title == "No connections yet"
    assert not window.detail.isVisible()
    window.list.page.button("sandbox").click()
    window.list.page.button("add").click()

    assert wanted.count() == 1
    dialog_of(window, ConnectionDialog).close()


def test_panes_take_turns_by_f6(stage: Stage) -> None:
    window = stage.open()
    window.list.focus_search()

    window.actions_.next_pane.trigger()
    assert window.focusWidget() is window.list.view
    window.actions_.next_pane.trigger()
    assert window.detail.isAncestorOf(window.focusWidget())
    window.actions_.next_pane.trigger()
    assert window.focusWidget() is window.list.search


def test_narrow_window_shows_one_side_at_a_time(stage: Stage) -> None:
    window = stage.open()
    window.resize(560, 600)

    assert window.list.isVisible()
    assert not window.detail.isVisible()

    window.list.view.opened.emit()
    assert not window.list.isVisible()
    back = next(one for one in window.detail.findChildren(QPushButton) if one.text() == "Back")
    assert back.isVisible()
    back.click()
    assert window.list.isVisible()

    window.resize(1200, 700)
    assert window.detail.isVisible()
    assert not back.isVisible()


# Commands


def test_copying_is_said_below_with_the_countdown(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    window.actions_.copy.trigger()
    assert "Token copied. Good for 48 min.\nClears in 30 s" in words_in(window.footer)

    stage.clock.forward(12)
    stage.clipboard.tick()
    assert "Clears in 18 s" in words_in(window.footer)

    window.actions_.clear_clipboard.trigger()
    assert "Clears" not in words_in(window.footer)
    assert stage.board.held == ""


def test_clear_that_failed_is_said_below(stage: Stage) -> None:
    window = stage.open()
    window.commands.copy("web")
    stage.board.lets_go = False

    stage.clipboard.clear_now()

    assert "could not be cleared" in words_in(window.footer)


def test_deleting_can_be_undone_from_the_toast_and_by_key(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    window.actions_.delete.trigger()
    assert window.model.record("web") is None
    (toast,) = window.toasts.shown()
    next(one for one in toast.findChildren(QPushButton) if one.text() == "Undo").click()
    assert window.model.record("web") is not None
    assert window.toasts.shown() == []

    window.commands.delete("web")
    window.actions_.undo.trigger()
    assert window.model.record("web") is not None


def test_same_words_are_one_toast_and_three_are_the_most(stage: Stage) -> None:
    window = stage.open()

    for text in ("one", "one", "two", "three", "four"):
        window.toasts.say(text)

    assert [one.text.text() for one in window.toasts.shown()] == ["two", "three", "four"]


def test_row_icons_do_what_they_say(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    for button in window.list.view._buttons._buttons.values():  # type: ignore[union-attr]  # a selected row has them
        button.click()

    assert [call[0] for call in stage.engine.calls] == ["token", "test", "refresh"]


def test_pausing_turns_into_resuming(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    window.actions_.pause.trigger()
    assert window.actions_.pause.text() == "&Resume"
    window.actions_.pause.trigger()

    assert window.actions_.pause.text() == "&Pause"


def test_hazardous_test_asks_first_and_blocks_nothing(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("debtor")
    stage.engine.raises = ConfirmationNeeded("revokes", "A call from another address destroys the token.")

    window.actions_.test.trigger()
    box = dialog_of(window, QMessageBox)
    assert isinstance(box, QMessageBox)
    assert box.informativeText() == "A call from another address destroys the token."
    go = next(one for one in box.buttons() if one.text() == "Test all the same")
    assert box.defaultButton() is not go
    go.click()

    assert stage.engine.calls[-1] == ("test", "debtor", "confirmed")


def test_saved_connection_is_selected_even_where_the_search_hid_it(stage: Stage) -> None:
    window = stage.open()
    window.list.search.setText("debtor")
    window.add("payt")
    dialog = dialog_of(window, ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)
    stage.engine.kept["new"] = record("new", "Donations", "payt")

    dialog.saved.emit("new")
    dialog.close()

    assert window.list.view.current_id == "new"


def test_editing_what_is_gone_opens_nothing(stage: Stage) -> None:
    window = stage.open()

    window.edit("nobody")

    assert not window.findChildren(ConnectionDialog)


def test_next_renewal_counts_down_below(stage: Stage) -> None:
    window = stage.open()
    stage.engine.upcoming = ("pilot", 38.0)

    window.ticker.ticked.emit()

    assert window.footer.activity == "8 connections · next renewal 0:38 · PYNG Checkout"


def test_detail_asks_for_what_its_buttons_say(stage: Stage) -> None:
    window = stage.open()
    pane = window.detail.pane
    assert pane is not None

    pane.copy_requested.emit("web")
    pane.copy_as_requested.emit("web", "header")
    pane.test_requested.emit("web", "list")
    pane.refresh_requested.emit("web")
    pane.pause_requested.emit("web")
    pane.unlock_requested.emit()

    assert [call[0] for call in stage.engine.calls] == ["token", "token", "test", "refresh", "set_paused", "unlock"]


def test_about_says_what_it_is(stage: Stage) -> None:
    window = stage.open()

    window.actions_.about.trigger()

    box = dialog_of(window, QMessageBox)
    assert isinstance(box, QMessageBox)
    assert "licence" in box.informativeText()
    box.close()


# The vault


@pytest.mark.parametrize(
    ("why", "buttons"),
    [
        (KeyringMute("Secret Service"), ["Try again", "Use a passphrase"]),
        (VaultNotSetUp(), ["Use a passphrase", "Try again"]),
        (VaultLocked(), ["Unlock"]),
        (KeyLost("Secret Service"), ["Try again"]),
    ],
)
def test_vault_that_is_shut_has_a_page_with_the_ways_out(
    stage: Stage, why: VaultUnavailable, buttons: list[str]
) -> None:
    window = stage.open()

    stage.engine.change_vault(VaultShut(why))

    assert window.detail.page.isVisible()
    assert window.detail.page.title == stage.context.wording.vault(VaultShut(why))[0]
    shown = [one.text() for one in window.detail.page.findChildren(QPushButton) if one.objectName()]
    assert shown == buttons
    assert window.list.shows_list


def test_trying_again_opens_the_vault_and_the_page_goes(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyringMute("Secret Service")))

    window.detail.page.button("again").click()

    assert stage.engine.calls == [("unlock",)]
    assert not window.detail.page.isVisible()
    assert "Keyring: Secret Service" in words_in(window.footer)


def test_shut_vault_without_connections_takes_the_whole_window(stage: Stage) -> None:
    window = stage.open([])

    stage.engine.change_vault(VaultShut(VaultNotSetUp()))

    assert window.detail.page.isVisible()
    assert not window.list.isVisible()


def test_locking_clears_the_clipboard_and_masks_everything(stage: Stage) -> None:
    window = stage.open()
    window.commands.copy("web")

    window.actions_.lock.trigger()

    assert stage.board.held == ""
    assert stage.engine.calls[-1] == ("lock",)
    assert window.detail.page.isVisible()
    assert window.actions_.unlock.isVisible()
    assert not window.actions_.lock.isVisible()


def test_vault_behind_a_passphrase_asks_for_it_and_says_when_it_is_wrong(stage: Stage) -> None:
    window = stage.open()
    stage.engine.unlocks_to = VaultShut(VaultLocked())
    stage.engine.change_vault(stage.engine.unlocks_to)

    window.actions_.unlock.trigger()
    window.actions_.unlock.trigger()
    dialog = dialog_of(window, PassphraseDialog)
    assert isinstance(dialog, PassphraseDialog)
    stage.engine.raises = WrongPassphrase()
    dialog.passphrase_given.emit(Secret("wrong"))
    assert dialog.isVisible()

    dialog.passphrase_given.emit(Secret("right"))

    assert not dialog.isVisible()
    assert not window.detail.page.isVisible()


def test_clock_that_is_off_is_told(stage: Stage) -> None:
    window = stage.open()

    stage.engine.announce(ClockWarning("web", 125.0))

    (toast,) = window.toasts.shown()
    assert "2 minutes ahead" in toast.text.text()


# For everyone


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
