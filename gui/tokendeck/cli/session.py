"""What one run of the command line holds together: the program, the console, and how to tell what went wrong."""

from __future__ import annotations

import traceback
from functools import cached_property
from typing import TYPE_CHECKING, assert_never

from tokendeck.cli.errors import Declined, FieldErrors, Mistyped, OutputRefused, RunningAppTrouble
from tokendeck.cli.secret_files import read_passphrase, read_recovery_key, warning_of
from tokendeck.core.errors import (
    ConfirmationNeeded,
    GrantDead,
    KeyringMute,
    KeyringTrouble,
    OriginNotConfirmed,
    SignInNeeded,
    TokendeckError,
    UnknownProvider,
    VaultLocked,
    VaultNotSetUp,
    VaultUnavailable,
)
from tokendeck.core.vault import VaultOpen, VaultOpening, VaultShut

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokendeck.cli.console import Console
    from tokendeck.cli.options import Options
    from tokendeck.cli.program import Engine, Program
    from tokendeck.core.provider import Provider
    from tokendeck.core.secret import Secret
    from tokendeck.core.vault import VaultState
    from tokendeck.core.wording import Wording


class Session:
    """One run."""

    def __init__(
        self, program_for: Callable[[Options], Program], options: Options, console: Console, wording: Wording
    ) -> None:
        """Build nothing yet; the program is built when it is first asked for, and may refuse."""
        self._program_for = program_for
        self.options = options
        self.console = console
        self.wording = wording
        self._is_recoverable = False

    @cached_property
    def program(self) -> Program:
        """The program for the data folder that was asked for."""
        return self._program_for(self.options)

    async def unlock(self, engine: Engine) -> None:
        """Open the vault. Raises `VaultUnavailable` where it stays shut, `Mistyped` for a useless passphrase file."""
        match await self.open(engine):
            case VaultOpen():
                return
            case VaultShut(why):
                raise why
            case VaultOpening():
                raise KeyringMute
            case state:
                assert_never(state)

    async def open(self, engine: Engine) -> VaultState:
        """Open the vault with what was given for it. Raises `WrongKey`, and `Mistyped` for a useless file."""
        if (file := self.options.recovery_key_file) is not None:
            recovery_key = self._read(file, read_recovery_key)
            state = await engine.door.open_with_recovery_key(recovery_key)
        elif (file := self.options.passphrase_file) is not None:
            passphrase = self._read(file, read_passphrase)
            state = await engine.unlock_with_passphrase(passphrase)
        else:
            state = await engine.unlock()
        self._is_recoverable = isinstance(state, VaultShut) and state.has_recovery_key
        return state

    def _read(self, file: Path, read: Callable[[Path], Secret]) -> Secret:
        secret = read(file)
        if warning := warning_of(file):
            self.console.remark(warning)
        return secret

    def explain(self, error: Exception, *, provider: Provider | None = None, about: str = "") -> int:
        """
        Tell a person what went wrong, and give the exit code for it.

        Args:
            error: anything.
            provider: whose answer it was, where that is known.
            about: the connection's name where several are spoken of.

        """
        if not isinstance(error, TokendeckError):
            import logging  # loads much, and no command that goes well needs it

            logging.getLogger(__name__).error("a command ended by an error", exc_info=error)
        if self.options.debug:
            from tokendeck.core.redaction import redact  # no more than logging

            self.console.remark(redact("".join(traceback.format_exception(error))).rstrip())
        for sentence in self._sentences(error, provider):
            self.console.remark(f"{about}: {sentence}" if about else sentence)
        if isinstance(error, UnknownProvider):
            self.tell_descriptor_problems()
        return error.exit_code if isinstance(error, TokendeckError) else 1

    def tell_descriptor_problems(self) -> None:
        """Tell which of the user's own descriptor files cannot be used, and why."""
        for problem in self.program.descriptor_problems():
            self.console.remark(self.wording.error(problem))

    def _sentences(self, error: Exception, provider: Provider | None) -> tuple[str, ...]:
        match error:
            case Mistyped():
                return error.sentences
            case FieldErrors():
                # By key, as it is typed, not by the form's label: so without the provider.
                return (*(self.wording.error(one) for one in error.errors), error.hint)
            case Declined():
                return ("Nothing was done.",)
            case RunningAppTrouble() | OutputRefused():
                return (error.sentence,)
            case _:
                hints = [_hint(error)]
                if self._is_recoverable and isinstance(error, KeyringTrouble | VaultLocked):
                    hints.insert(0, "On the command line, --recovery-key-file FILE opens it by its recovery key.")
                return (self.wording.error(error, provider=provider), *filter(None, hints))


def _hint(error: Exception) -> str:
    """Give what only a command line can advise; empty where `wording` has said it all."""
    match error:
        case ConfirmationNeeded():
            return "To confirm, repeat the command with --yes."
        case OriginNotConfirmed():
            return "On the command line, `tokendeck confirm NAME` confirms it; --yes where nobody can be asked."
        case SignInNeeded() | GrantDead():
            return "On the command line: tokendeck login NAME"
        case VaultLocked():
            return "On the command line, --passphrase-file FILE gives the passphrase."
        case VaultNotSetUp():
            return (
                "On the command line, --passphrase-file FILE chooses it: write a passphrase into a file that only you "
                "can read, and give that file with every command."
            )
        case VaultUnavailable(may_be_for_good=True):
            return "To begin with an empty vault, and keep this one in a file beside it: tokendeck new-vault"
        case TokendeckError():
            return ""
        case _:
            return "To see where it happened, repeat the command with --debug."
