"""Errors that only a command line can meet; their sentences are made where what was typed is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.errors import ActionNeeded, UsageError

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
        self.detail = detail
