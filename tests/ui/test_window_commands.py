from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QPushButton

from tests.ui.looking import dialog_of, words_in
from tests.ui.mockup import record
from tokendeck.core.errors import (
    ConfirmationNeeded,
)
from tokendeck.ui.adding.dialog import ConnectionDialog

if TYPE_CHECKING:
    from tests.ui.conftest import Stage


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
