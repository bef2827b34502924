"""Between an error and what is remembered of it, so that another start or process neither forgets nor asks too soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.backoff import LAST_CEILING, LONGEST_RETRY_AFTER, backoff
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import (
    ConfigurationRefused,
    GrantDead,
    NetworkStep,
    PassingTrouble,
    ProviderBusy,
    TokendeckError,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
)

if TYPE_CHECKING:
    from datetime import datetime

UNUSABLE_CODES = frozenset({"token_type", "token_characters"})
UNREADABLE = frozenset({"web_page", "redirect", "cut_off", "too_long", "not_json", "no_token"})
STEPS = {step.value: step for step in NetworkStep}

LONGEST_WAIT = LONGEST_RETRY_AFTER + LAST_CEILING
"""A wait longer than any that is ever set means that the wall clock was stepped back; it binds nobody."""

Lasting = GrantDead | ConfigurationRefused | UnusableToken
Passing = Unreachable | ProviderBusy | UnreadableAnswer


def trouble_from(error: Lasting | Passing, previous: Trouble | None, now: datetime, chance: float) -> Trouble:
    """
    Give what to remember of `error`.

    Args:
        error: what a request for a token came to.
        previous: what was remembered before; tries in a row are counted on from it.
        now: aware UTC.
        chance: 0 to 1, for the back-off's jitter.

    """
    match error:
        case GrantDead():
            return Trouble(TroubleKind.SIGN_IN, now, code=error.code, words=error.words, status=error.status)
        case ConfigurationRefused() | UnusableToken():
            return Trouble(TroubleKind.NEEDS_ATTENTION, now, code=error.code, words=error.words, status=error.status)
        case Unreachable():
            code, words, status = error.step.value, error.detail, None
        case UnreadableAnswer():
            code, words, status = error.what, error.words, error.status
        case ProviderBusy():
            code, words, status = error.code, error.words, error.status
        case _:
            assert_never(error)
    in_a_row = previous.attempts if previous and previous.kind is TroubleKind.WAITING else 0
    attempts = in_a_row + 1
    return Trouble(
        TroubleKind.WAITING,
        now,
        code=code,
        words=words,
        status=status,
        attempts=attempts,
        retry_at=now + backoff(attempts, chance, asked=error.retry_after),
        hold_until=None if error.retry_after is None else now + error.retry_after,
        timed_out=isinstance(error, Unreachable) and error.timed_out,
    )


def error_from(trouble: Trouble, host: str, now: datetime) -> TokendeckError:
    """Give the error again that `trouble` remembers, for a caller who would meet it if the request were sent now."""
    match trouble.kind:
        case TroubleKind.SIGN_IN:
            return GrantDead(status=trouble.status, code=trouble.code, words=trouble.words)
        case TroubleKind.NEEDS_ATTENTION if trouble.code in UNUSABLE_CODES:
            return UnusableToken(status=trouble.status, code=trouble.code, words=trouble.words)
        case TroubleKind.NEEDS_ATTENTION:
            return ConfigurationRefused(status=trouble.status, code=trouble.code, words=trouble.words)
        case TroubleKind.WAITING:
            error: PassingTrouble
            if trouble.status is None and trouble.code in STEPS:
                error = Unreachable(host, STEPS[trouble.code], timed_out=trouble.timed_out, detail=trouble.words)
            elif trouble.code in UNREADABLE:
                error = UnreadableAnswer(trouble.code, status=trouble.status)
            else:
                error = ProviderBusy(status=trouble.status, code=trouble.code, words=trouble.words)
            error.retry_after = next_try_in(trouble, now)
            return error
        case _:
            assert_never(trouble.kind)


def binds(until: datetime | None, now: datetime) -> bool:
    """Tell whether a remembered wait still runs."""
    return until is not None and timedelta(0) < until - now <= LONGEST_WAIT


def next_try_in(trouble: Trouble, now: datetime) -> timedelta | None:
    """Give the time until the next automatic try; None where none will be made before a person acts."""
    if trouble.kind is not TroubleKind.WAITING:
        return None
    waits = [until - now for until in (trouble.retry_at, trouble.hold_until) if until is not None and binds(until, now)]
    return max(waits, default=timedelta(0))
