"""A vault that is shut, as a page: what it is, and the ways out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never

from PySide6.QtCore import QObject, Signal

from tokendeck.core.errors import KeyLost, KeyringMissing, KeyringTrouble, TokendeckError, VaultLocked, VaultNotSetUp
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut, VaultState
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tokendeck.core.secret import Secret
    from tokendeck.ui.adding.passphrase import PassphraseDialog, PassphraseMode
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.page import Page


class VaultGuide(QObject):
    """Leads from a shut vault to an open one: asks again, or for what opens it, or whether to begin with another."""

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
            case VaultShut(why=why):
                page.say("lock", "neutral" if isinstance(why, VaultLocked) else "caution", title, body, _ways(state))
            case _:
                assert_never(state)

    def press(self, key: str) -> None:
        """Do what a button of the page says."""
        match key:
            case "again":
                self.unlock()
            case "passphrase":
                self._ask("choose")
            case "recovery":
                self._ask("recover")
            case _:
                self.ask_about_new_vault()

    def unlock(self) -> None:
        """Ask whatever guards the vault; where that is a passphrase, ask for it."""
        if self._context.has_engine:
            self._context.spawn(self._unlock(), name="unlock")

    def ask_about_new_vault(self) -> None:
        """Ask whether to set the vault aside and begin with an empty one."""
        from tokendeck.ui.questions import ask_about_new_vault  # not needed for the first paint

        ask_about_new_vault(
            self._window,
            self._context.wording.new_vault_question(),
            lambda: self._context.spawn(self._start_new_vault(), name="start a new vault"),
        )

    def _ask(self, what: Literal["unlock", "choose", "recover"]) -> None:
        """Ask for what opens the vault, or have a passphrase chosen; once at a time."""
        from tokendeck.ui.adding.passphrase import PassphraseDialog, PassphraseMode  # not needed for the first paint

        if self._dialog is not None:
            return
        mode = PassphraseMode(what)
        dialog = self._dialog = PassphraseDialog(self._context, mode, self._window)
        dialog.passphrase_given.connect(
            lambda given: self._context.spawn(self._try(mode, given), name="use what opens")
        )
        dialog.forgotten.connect(self.ask_about_new_vault)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _forget_dialog(self) -> None:
        self._dialog = None

    async def _unlock(self) -> None:
        try:
            state = await self._context.engine.unlock()
        except TokendeckError as error:
            self.told.emit(self._context.wording.error(error), "bad", None)
            return
        if isinstance(state, VaultShut) and isinstance(state.why, VaultLocked):
            self._ask("unlock")

    async def _start_new_vault(self) -> None:
        try:
            kept_as = await self._context.engine.door.start_anew()
        except TokendeckError as error:
            self.told.emit(self._context.wording.error(error), "bad", None)
            return
        if kept_as is not None:
            self.told.emit(self._context.wording.vault_kept_as(kept_as), "neutral", None)

    async def _try(self, mode: PassphraseMode, given: Secret) -> None:
        """Open the vault with what was given, or have it guard an open one; say it in the dialog where that fails."""
        try:
            state = await self._use(mode, given)
        except TokendeckError as error:
            sentence = self._context.wording.error(error)
            if self._dialog is None:
                self.told.emit(sentence, "bad", None)
            else:
                self._dialog.show_error(sentence)
            return
        if self._dialog is not None:
            self._dialog.accept()
        if isinstance(state, VaultOpen) and state.guard is Guard.RECOVERY_KEY:
            self._ask("choose")

    async def _use(self, mode: PassphraseMode, given: Secret) -> VaultState:
        engine = self._context.engine
        if mode.value == "recover":
            return await engine.door.open_with_recovery_key(given)
        if mode.value == "choose" and isinstance(engine.vault_state, VaultOpen):
            return await engine.door.protect_with_passphrase(given)
        return await engine.unlock_with_passphrase(given)


def _ways(shut: VaultShut) -> tuple[tuple[str, str], ...]:
    """Give the ways out, the likely one first. A passphrase takes a keyring's place only while there is no vault."""
    again = ("again", translate("VaultGuide", "Try again"))
    passphrase = ("passphrase", translate("VaultGuide", "Use a passphrase"))
    recovery = (("recovery", translate("VaultGuide", "Recovery key…")),) if shut.has_recovery_key else ()
    new = ("new", translate("VaultGuide", "New vault…"))
    match shut.why:
        case VaultNotSetUp(why=KeyringMissing()):
            return (passphrase, again)
        case VaultNotSetUp():
            return (again, passphrase)
        case VaultLocked():
            return (("again", translate("VaultGuide", "Unlock")), *recovery)
        case KeyLost():
            return (*recovery, again, new)
        case KeyringTrouble() as why:
            return (again, *recovery, *([new] if why.may_be_for_good else []))
        case why:
            return (again, new) if why.may_be_for_good else (again,)
