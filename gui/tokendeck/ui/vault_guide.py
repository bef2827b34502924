"""A vault that is shut, as a page: what it is, and the ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, Signal

from tokendeck.core.errors import KeyringMissing, TokendeckError, VaultLocked, VaultNotSetUp, VaultUnavailable
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tokendeck.core.secret import Secret
    from tokendeck.ui.adding.passphrase import PassphraseDialog
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.page import Page


class VaultGuide(QObject):
    """Leads from a shut vault to an open one: asks again, or asks for a passphrase."""

    told = Signal(str, str, object)
    """As `Commands.told`."""

    def __init__(self, context: UiContext, window: QWidget) -> None:
        """Open dialogs over `window`."""
        super().__init__(window)
        self._context = context
        self._window = window
        self._dialog: PassphraseDialog | None = None

    def describe(self, state: VaultState, page: Page) -> None:
        """Fill `page` for this state."""
        title, body = self._context.wording.vault(state)
        match state:
            case VaultOpening():
                page.say("hourglass", "neutral", title, body)
            case VaultOpen():
                page.say("unlock", "good", title, body)
            case VaultShut(why=VaultLocked()):
                page.say("lock", "neutral", title, body, (("again", translate("VaultGuide", "Unlock")),))
            case VaultShut(why=why):
                page.say("lock", "caution", title, body, _ways(why))
            case _:
                assert_never(state)

    def press(self, key: str) -> None:
        """Do what a button of the page says."""
        match key:
            case "again":
                self.unlock()
            case "passphrase":
                self.ask_passphrase(choose=True)
            case _:
                self.ask_about_new_vault()

    def unlock(self) -> None:
        """Ask whatever guards the vault; where that is a passphrase, ask for it."""
        if self._context.has_engine:
            self._context.spawn(self._unlock(), name="unlock")

    def ask_passphrase(self, *, choose: bool) -> None:
        """Ask for the vault's passphrase, or have a new one chosen; once at a time."""
        from tokendeck.ui.adding.passphrase import PassphraseDialog, PassphraseMode  # not needed for the first paint

        if self._dialog is not None:
            return
        dialog = self._dialog = PassphraseDialog(
            self._context, PassphraseMode.CHOOSE if choose else PassphraseMode.UNLOCK, self._window
        )
        dialog.passphrase_given.connect(self._try_passphrase)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def ask_about_new_vault(self) -> None:
        """Ask whether to set the vault aside and begin with an empty one."""
        from tokendeck.ui.questions import ask_about_new_vault  # not needed for the first paint

        ask_about_new_vault(
            self._window,
            self._context.wording.new_vault_question(),
            lambda: self._context.spawn(self._start_new_vault(), name="start a new vault"),
        )

    def _try_passphrase(self, passphrase: Secret) -> None:
        self._context.spawn(self._unlock_with(passphrase), name="unlock with passphrase")

    def _forget_dialog(self) -> None:
        self._dialog = None

    async def _unlock(self) -> None:
        try:
            state = await self._context.engine.unlock()
        except TokendeckError as error:
            self.told.emit(self._context.wording.error(error), "bad", None)
            return
        if isinstance(state, VaultShut) and isinstance(state.why, VaultLocked):
            self.ask_passphrase(choose=False)

    async def _start_new_vault(self) -> None:
        try:
            kept_as = await self._context.engine.start_new_vault()
        except TokendeckError as error:
            self.told.emit(self._context.wording.error(error), "bad", None)
            return
        if kept_as is not None:
            self.told.emit(self._context.wording.vault_kept_as(kept_as), "neutral", None)

    async def _unlock_with(self, passphrase: Secret) -> None:
        try:
            await self._context.engine.unlock_with_passphrase(passphrase)
        except TokendeckError as error:
            sentence = self._context.wording.error(error)
            if self._dialog is None:
                self.told.emit(sentence, "bad", None)
            else:
                self._dialog.show_error(sentence)
            return
        if self._dialog is not None:
            self._dialog.accept()


def _ways(why: VaultUnavailable) -> tuple[tuple[str, str], ...]:
    """Give the ways out, the likely one first. A passphrase takes a keyring's place only while there is no vault."""
    again = ("again", translate("VaultGuide", "Try again"))
    passphrase = ("passphrase", translate("VaultGuide", "Use a passphrase"))
    match why:
        case VaultNotSetUp(why=KeyringMissing()):
            return (passphrase, again)
        case VaultNotSetUp():
            return (again, passphrase)
        case VaultUnavailable(may_be_for_good=True):
            return (again, ("new", translate("VaultGuide", "Start a new vault…")))
        case _:
            return (again,)
