from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton

from tests.ui.looking import dialog_of, words_in
from tokendeck.core.errors import (
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    StoreUnwritable,
    VaultDamaged,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
    WrongPassphrase,
    WrongRecoveryKey,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultShut
from tokendeck.engine.events import ClockWarning
from tokendeck.ui.adding.passphrase import PassphraseDialog

if TYPE_CHECKING:
    from tests.ui.conftest import Stage
    from tokendeck.ui.window import MainWindow


@pytest.mark.parametrize(
    ("why", "buttons"),
    [
        (KeyLost("Secret Service"), ["Recovery key…", "Try again", "New vault…"]),
        (KeyringMissing("Secret Service"), ["Try again", "Recovery key…", "New vault…"]),
        (KeyringMute("Secret Service"), ["Try again", "Recovery key…"]),
        (VaultLocked(), ["Unlock", "Recovery key…"]),
        (StoreUnwritable("/home/ona", "disk full"), ["Try again"]),
    ],
)
def test_the_recovery_key_is_offered_where_there_is_one_that_helps(
    stage: Stage, why: VaultUnavailable, buttons: list[str]
) -> None:
    window = stage.open()

    stage.engine.change_vault(VaultShut(why, has_recovery_key=True))

    shown = [one.text() for one in window.detail.page.findChildren(QPushButton) if one.objectName()]
    assert shown == buttons


def passphrase_dialog(window: MainWindow) -> PassphraseDialog:
    dialog = dialog_of(window, PassphraseDialog)
    assert isinstance(dialog, PassphraseDialog)
    return dialog


def test_the_recovery_key_opens_the_vault_and_says_when_it_is_another(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyLost("Secret Service"), has_recovery_key=True))

    window.detail.page.button("recovery").click()
    dialog = passphrase_dialog(window)
    stage.engine.raises = WrongRecoveryKey("another")
    dialog.passphrase_given.emit(Secret("another vault's"))
    still_open = dialog.isVisible()
    dialog.passphrase_given.emit(Secret("this vault's"))

    assert dialog.windowTitle() == "Use the recovery key"
    assert still_open
    assert [call[0] for call in stage.engine.calls] == ["open_with_recovery_key", "open_with_recovery_key"]
    assert not dialog.isVisible()
    assert not window.detail.page.isVisible()
    assert not [one for one in window.findChildren(PassphraseDialog) if one.isVisible()]


def test_where_no_keyring_takes_the_key_again_a_passphrase_is_chosen(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyringMissing("Secret Service"), has_recovery_key=True))
    stage.engine.unlocks_to = VaultOpen(Guard.RECOVERY_KEY, "")

    window.detail.page.button("recovery").click()
    passphrase_dialog(window).passphrase_given.emit(Secret("this vault's"))
    chosen = passphrase_dialog(window)
    title = chosen.windowTitle()
    chosen.passphrase_given.emit(Secret("lamp orbit velvet"))

    assert title == "Choose a passphrase"
    assert stage.engine.calls == [
        ("open_with_recovery_key", "this vault's"),
        ("protect_with_passphrase", "lamp orbit velvet"),
    ]
    assert not chosen.isVisible()
    assert "Vault: passphrase" in words_in(window.footer)


def test_whoever_has_forgotten_the_passphrase_may_begin_with_an_empty_vault(stage: Stage) -> None:
    window = stage.open()
    stage.engine.unlocks_to = VaultShut(VaultLocked())
    stage.engine.change_vault(stage.engine.unlocks_to)
    window.detail.page.button("again").click()
    dialog = passphrase_dialog(window)

    next(one for one in dialog.findChildren(QPushButton) if one.text() == "I have forgotten it").click()
    box = dialog_of(window, QMessageBox)

    assert not dialog.isVisible()
    assert isinstance(box, QMessageBox)
    assert "Nothing is deleted" in box.informativeText()
    box.reject()


@pytest.mark.parametrize(
    ("why", "buttons"),
    [
        (VaultNotSetUp(KeyringMissing("Secret Service")), ["Use a passphrase", "Try again"]),
        (VaultNotSetUp(KeyringLocked("Secret Service")), ["Try again", "Use a passphrase"]),
        (VaultNotSetUp(KeyringMute("Secret Service")), ["Try again", "Use a passphrase"]),
        (VaultLocked(), ["Unlock"]),
        (KeyringMissing("Secret Service"), ["Try again", "New vault…"]),
        (KeyringLocked("Secret Service"), ["Try again"]),
        (KeyringMute("Secret Service"), ["Try again"]),
        (KeyLost("Secret Service"), ["Try again", "New vault…"]),
        (KeyringChanged("Keychain", "Secret Service"), ["Try again", "New vault…"]),
        (VaultDamaged("", "vault"), ["Try again", "New vault…"]),
        (VaultDamaged("web", "settings"), ["Try again"]),
        (StoreUnwritable("/home/ona", "disk full"), ["Try again"]),
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


def test_a_new_vault_is_started_only_when_asked_for_and_the_old_one_is_named(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyLost("Secret Service")))

    window.detail.page.button("new").click()
    box = dialog_of(window, QMessageBox)
    assert isinstance(box, QMessageBox)
    before = list(stage.engine.calls)
    next(one for one in box.buttons() if one.text() == "Start a new vault").click()

    assert before == []
    assert "Nothing is deleted" in box.informativeText()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    assert stage.engine.calls == [("start_anew",)]
    assert window.list.view.current_id == ""
    (toast,) = window.toasts.shown()
    assert "store.db.kept-" in toast.accessibleName()
    assert "Keyring: Secret Service" in words_in(window.footer)


def test_a_new_vault_that_cannot_be_started_is_told(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyLost("Secret Service")))
    stage.engine.raises = StoreUnwritable("/home/ona", "disk full")

    window.guide.ask_about_new_vault()
    box = dialog_of(window, QMessageBox)
    assert isinstance(box, QMessageBox)
    next(one for one in box.buttons() if one.text() == "Start a new vault").click()

    (toast,) = window.toasts.shown()
    assert "disk full" in toast.text.text()
    assert window.detail.page.isVisible()


def test_a_vault_that_has_opened_meanwhile_is_left_as_it_is_without_a_word(stage: Stage) -> None:
    window = stage.open()
    stage.engine.change_vault(VaultShut(KeyLost("Secret Service")))
    window.guide.ask_about_new_vault()
    stage.engine.change_vault(stage.engine.unlocks_to)
    box = dialog_of(window, QMessageBox)
    assert isinstance(box, QMessageBox)

    next(one for one in box.buttons() if one.text() == "Start a new vault").click()

    assert window.toasts.shown() == []
    assert window.model.total


def test_shut_vault_without_connections_takes_the_whole_window(stage: Stage) -> None:
    window = stage.open([])

    stage.engine.change_vault(VaultShut(VaultNotSetUp(KeyringMissing())))

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
