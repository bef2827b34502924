from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QPushButton

from tests.ui.fake_issuers import FakeIssuers
from tests.ui.looking import dialog_of
from tests.ui.mockup import mockup_records, step_through
from tokendeck.engine.events import RecordAdded, RecordChanged
from tokendeck.ui.adding.dialog import ConnectionDialog
from tokendeck.ui.connections.model import Order

if TYPE_CHECKING:
    from tests.ui.conftest import Stage


def test_records_show_before_there_is_an_engine(stage: Stage) -> None:
    window = stage.open(attached=False)

    assert window.list.shows_list
    assert window.model.total == 8
    assert window.list.view.current_id == "debtor"


def test_add_that_was_pressed_before_the_engine_came_opens_with_it(stage: Stage) -> None:
    window = stage.open(attached=False)

    window.list.add.click()
    before = window.findChildren(ConnectionDialog)
    window.attach(stage.engine, step_through, FakeIssuers())  # type: ignore[arg-type]  # the mock-up has what the window uses

    assert before == []
    (dialog,) = window.findChildren(ConnectionDialog)
    assert dialog.isVisible()
    dialog.close()


@pytest.mark.promise(38)
def test_an_empty_list_names_the_damaged_stores_that_were_set_aside(stage: Stage) -> None:
    stage.context.damaged_stores = ("/home/ona/store.db.damaged-1",)
    window = stage.open([])

    empty = window.list.page.body
    stage.engine.fill(mockup_records())
    stage.engine.announce(RecordAdded("web"))

    assert empty.endswith(stage.context.wording.damaged_store("/home/ona/store.db.damaged-1"))
    assert window.list.shows_list


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


def test_sides_that_do_not_both_fit_are_shown_one_at_a_time(stage: Stage) -> None:
    window = stage.open()
    both = window.list.minimumWidth() + window.detail.minimumWidth()

    for width in range(both - 20, both + 20, 4):
        window.resize(width, 600)
        for side in (window.list, window.detail):
            assert not side.isVisible() or side.width() >= side.minimumWidth()


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
