"""Errors that only a command line can meet; their sentences are made where what was typed is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import ActionNeeded, PassingTrouble, TokendeckError, UsageError, VaultLocked

if TYPE_CHECKING:
    from tokendeck.core.errors import FieldError


class Mistyped(UsageError):
    """What was typed cannot be carried out; no other part of the program would ever meet it."""

    def __init__(self, *sentences: str) -> None:
        """Hold what to tell, a line each. Never quotes a value, which may be a secret in the wrong place."""
        super().__init__(*sentences)
        self.sentences = sentences


class FieldErrors(UsageError):
    """Everything that is wrong with the fields of a connection."""

    def __init__(self, errors: tuple[FieldError, ...], hint: str) -> None:
        """Hold what is wrong, in the form's order, and how such fields are given."""
        super().__init__(errors)
        self.errors = errors
        self.hint = hint


class Declined(ActionNeeded):
    """A person was asked and did not say yes."""


class OutputRefused(ActionNeeded):
    """Standard output takes no more: a full disk, for example."""

    def __init__(self, detail: str) -> None:
        """Hold the system's own words."""
        super().__init__(detail)
        self.sentence = f"The output cannot be written: {detail}."


class RunningAppTrouble(TokendeckError):
    """Something about the app that runs beside the command line."""

    sentence = ""
    """For people."""


class AppSilent(RunningAppTrouble, PassingTrouble):
    """It did not answer; what it may have begun, it alone ends and saves."""

    sentence = (
        "Tokendeck is running, but does not answer. Try again in a moment; if that does not help, end it and start it "
        "again."
    )


class LockedInWindow(RunningAppTrouble, VaultLocked):
    """It is locked, and whoever locked it meant all of Tokendeck."""

    sentence = "Tokendeck is locked. Unlock it in its window, then repeat the command."


class OtherVersion(RunningAppTrouble, ActionNeeded):
    """It speaks another protocol."""

    sentence = "The Tokendeck that is running is of another version. Quit it and start it again."


class AppFailed(RunningAppTrouble, ActionNeeded):
    """It met an error that nobody foresaw."""

    sentence = (
        "The running Tokendeck met an unexpected error. Nothing was lost. Try again; if it comes back, please report "
        "it with what `tokendeck doctor` says."
    )
