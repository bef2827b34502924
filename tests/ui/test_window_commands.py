from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton

from tests.ui.looking import dialog_of, words_in
from tests.ui.mockup import record
from tokendeck.core.errors import ConfirmationNeeded, VaultDamaged, VaultLocked
from tokendeck.core.verdict import Step, Verdict, VerdictKind
from tokendeck.ui.adding.confirm_box import ConfirmBox
from tokendeck.ui.adding.dialog import ConnectionDialog

if TYPE_CHECKING:
    from tests.ui.conftest import Stage


def test_copying_is_said_below_with_the_countdown(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    window.actions_.copy.trigger()
    assert "Token copied. Good for 48 min.\nClears in 30 s" in words_in(window.footer)

    stage.clock.forward(1)
    stage.clipboard.tick()
    assert "Clears in 29 s" in words_in(window.footer)

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


def test_what_is_told_of_a_connection_replaces_what_was_told_of_it(stage: Stage) -> None:
    window = stage.open()

    window.commands.refresh("web")
    window.commands.refresh("merchant")
    window.commands.test("web")

    said = [one.text.text() for one in window.toasts.shown()]
    assert said == ["Merchant 20417 has a new token.", "Web shop checkout: It works. 200 in 182 ms."]


def test_a_token_is_shown_by_its_key_and_never_while_the_vault_is_shut(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")
    assert window.detail.pane is not None
    card = window.detail.pane._token.token

    window.actions_.reveal.trigger()
    shown = card.shown_text
    window.actions_.reveal.trigger()
    masked = card.shown_text
    window.lock()
    window.actions_.reveal.trigger()

    assert shown == "token-of-web"
    assert masked != shown
    assert card.shown_text != shown
    assert not stage.curtain.is_watching


def test_a_name_without_blanks_breaks_in_a_toast(stage: Stage) -> None:
    name = "a" * 90
    window = stage.open((record("web", name, "paysera", expiry=timedelta(minutes=5)),))

    window.commands.refresh("web")

    (toast,) = window.toasts.shown()
    assert toast.accessibleName() == f"{name} has a new token."
    assert max(map(len, toast.text.text().split("\u200b"))) <= 20 + len(" has a new token.")


def test_an_undone_delete_is_told_no_longer(stage: Stage) -> None:
    window = stage.open()
    window.commands.delete("web")

    window.commands.undo_last_delete()

    assert window.toasts.shown() == []


def test_where_the_window_is_narrow_fewer_toasts_lie_over_it_and_undo_stays_longest(stage: Stage) -> None:
    window = stage.open()
    window.resize(500, 640)
    window.commands.delete("web")

    for name in ("merchant", "pilot", "debtor"):
        window.commands.refresh(name)

    said = [one.text.text() for one in window.toasts.shown()]
    assert said == ["Web shop checkout was deleted.", "Debtor sync has a new token."]


def test_what_was_told_is_taken_away_when_the_vault_shuts(stage: Stage) -> None:
    window = stage.open()
    window.commands.refresh("web")

    window.lock()

    assert window.toasts.shown() == []


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
    window.dialogs.add("payt")
    dialog = dialog_of(window, ConnectionDialog)
    assert isinstance(dialog, ConnectionDialog)
    stage.engine.kept["new"] = record("new", "Donations", "payt")

    dialog.saved.emit("new")
    dialog.close()

    assert window.list.view.current_id == "new"


def test_editing_what_is_gone_opens_nothing(stage: Stage) -> None:
    window = stage.open()

    window.dialogs.edit("nobody")
    del stage.engine.kept["web"]  # since the list was painted
    window.dialogs.edit("web")

    assert not window.findChildren(ConnectionDialog)


def test_pressing_edit_twice_opens_one_form(stage: Stage) -> None:
    window = stage.open()
    window.list.view.select("web")

    window.actions_.edit.trigger()
    window.actions_.edit.trigger()

    (dialog,) = window.findChildren(ConnectionDialog)
    dialog.close()


@pytest.mark.promise(12)
@pytest.mark.parametrize("doubt", [VaultDamaged("web", "settings"), VaultLocked()])
def test_editing_what_nobody_can_vouch_for_says_so_and_confirms_every_origin_anew(
    stage: Stage, doubt: Exception
) -> None:
    window = stage.open()
    stage.engine.raises = doubt

    window.dialogs.edit("web")

    dialog = dialog_of(window, ConnectionDialog)
    assert stage.context.wording.error(doubt) in words_in(dialog)
    (confirm,) = (one for one in dialog.findChildren(ConfirmBox) if one.isVisible())
    save = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Save without testing")
    before = save.isEnabled()
    confirm.setChecked(True)
    assert (before, save.isEnabled()) == (False, True)
    dialog.close()


def test_editing_what_is_as_it_was_saved_asks_for_no_confirmation(stage: Stage) -> None:
    window = stage.open()

    window.dialogs.edit("web")

    dialog = dialog_of(window, ConnectionDialog)
    assert not [one for one in dialog.findChildren(ConfirmBox) if one.isVisible()]
    dialog.close()


def test_connection_whose_provider_file_is_gone_is_still_shown_and_says_why(stage: Stage) -> None:
    window = stage.open((record("lost", "Lost shop", "acme", expiry=timedelta(minutes=5)),))
    assert window.detail.pane is not None

    window.list.view.select("lost")
    for command in (window.actions_.copy, window.actions_.test, window.actions_.refresh, window.actions_.edit):
        command.trigger()
    window.ticker.ticked.emit()

    assert not window.grab().isNull()
    assert not window.findChildren(ConnectionDialog)
    assert window.model.spoken("lost") == "Lost shop, acme, needs attention, no provider file"
    assert window.detail.pane._header.copy.more.accessibleName() == "More ways to copy a token of Lost shop"
    assert window.detail.pane._state.sentence.startswith("There is no provider “acme”.")
    assert any(one.text.text().startswith("There is no provider “acme”.") for one in window.toasts.shown())


def test_toast_of_a_test_that_did_not_work_says_why_and_leads_to_the_verdict(stage: Stage) -> None:
    window = stage.open()
    pane = window.detail.pane
    assert pane is not None
    window.list.search.setText("web")
    stage.engine.verdict = Verdict(
        VerdictKind.REFUSED, Step.PERMISSION, call="list", status=403, words="Not for this project"
    )

    window.commands.test("old")
    (toast,) = window.toasts.shown()
    next(one for one in toast.findChildren(QPushButton) if one.text() == "Show").click()

    assert toast.text.text().startswith("Old shop: It ended at permission. 403.")
    assert "“Not for this project”" in toast.text.text()
    assert window.list.view.current_id == "old"
    assert pane._tabs.currentWidget() is pane._calls
    assert pane._calls.verdict.isVisible()


@pytest.mark.parametrize("leave", ["hide", "showMinimized"])
def test_token_shown_is_masked_when_the_window_goes_out_of_sight(stage: Stage, leave: str) -> None:
    window = stage.open()
    window.list.view.select("web")
    pane = window.detail.pane
    assert pane is not None
    pane._token.token.toggle()
    shown = pane._token.token.shown_text

    getattr(window, leave)()

    assert shown == "token-of-web"
    assert pane._token.token.shown_text != shown


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
