"""Between an error and what is remembered of it, so that another start or process neither forgets nor asks too soon."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.backoff import LAST_CEILING, LONGEST_RETRY_AFTER, backoff
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import (
    BadUrl,
    ConfigurationRefused,
    FieldError,
    GrantDead,
    NetworkStep,
    OriginNotConfirmed,
    PassingTrouble,
    ProviderBusy,
    TlsFault,
    TokendeckError,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
    VaultDamaged,
)
from tokendeck.core.frozen import replace

if TYPE_CHECKING:
    from datetime import datetime

UNUSABLE_CODES = frozenset({"token_type", "token_characters"})
UNREADABLE = frozenset({"web_page", "redirect", "cut_off", "too_long", "not_json", "no_token"})
STEPS = {step.value: step for step in NetworkStep}
TLS_FAULTS = {fault.value: fault for fault in TlsFault}

ORIGIN_NOT_CONFIRMED, UNSENDABLE_FIELD, UNSENDABLE_URL = "origin_not_confirmed", "unsendable_field", "unsendable_url"
DAMAGED = "damaged"
WITHHELD = frozenset({ORIGIN_NOT_CONFIRMED, UNSENDABLE_FIELD, UNSENDABLE_URL, DAMAGED})
"""Codes of our own for what was not sent at all; a provider's code always comes with a status."""

LONGEST_WAIT = LONGEST_RETRY_AFTER + LAST_CEILING
"""A wait longer than any that is ever set means that the wall clock was stepped back; it binds nobody."""

Lasting = GrantDead | ConfigurationRefused | UnusableToken
Passing = Unreachable | ProviderBusy | UnreadableAnswer
Withheld = OriginNotConfirmed | FieldError | BadUrl | VaultDamaged


def trouble_from(
    error: Lasting | Passing | Withheld, previous: Trouble | None, now: datetime, chance: float
) -> Trouble:
    """
    Give what to remember of `error`.

    Args:
        error: what a request for a token came to, or why it was not sent.
        previous: what was remembered before; tries in a row are counted on from it.
        now: aware UTC.
        chance: 0 to 1, for the back-off's jitter.

    """
    match error:
        case GrantDead():
            return Trouble(TroubleKind.SIGN_IN, now, code=error.code, words=error.words, status=error.status)
        case ConfigurationRefused() | UnusableToken():
            return Trouble(TroubleKind.NEEDS_ATTENTION, now, code=error.code, words=error.words, status=error.status)
        case OriginNotConfirmed() | FieldError() | BadUrl() | VaultDamaged():
            return _withheld(error, previous, now)
        case Unreachable():
            code, words, status = (error.fault or error.step).value, error.detail, None
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
        case TroubleKind.NEEDS_ATTENTION if is_withheld(trouble):
            return _withheld_error(trouble)
        case TroubleKind.NEEDS_ATTENTION if trouble.code in UNUSABLE_CODES:
            return UnusableToken(status=trouble.status, code=trouble.code, words=trouble.words)
        case TroubleKind.NEEDS_ATTENTION:
            return ConfigurationRefused(status=trouble.status, code=trouble.code, words=trouble.words)
        case TroubleKind.WAITING:
            error = _passing_error(trouble, host)
            error.retry_after = next_try_in(trouble, now)
            return error
        case _:
            assert_never(trouble.kind)


def is_withheld(trouble: Trouble) -> bool:
    """
    Tell whether `trouble` is that nothing was sent at all.

    Whether that still holds is found out without asking anybody, so it stops what runs by itself, and no person.
    """
    return trouble.kind is TroubleKind.NEEDS_ATTENTION and trouble.status is None and trouble.code in WITHHELD


def binds(until: datetime | None, now: datetime) -> bool:
    """Tell whether a remembered wait still runs."""
    return until is not None and timedelta(0) < until - now <= LONGEST_WAIT


def pause_left(trouble: Trouble, now: datetime) -> Trouble | None:
    """Give what an edit leaves of `trouble`: the pause that the provider asked for, where it still runs; else None."""
    if not binds(trouble.hold_until, now):
        return None
    if trouble.kind is not TroubleKind.WAITING:
        trouble = Trouble(TroubleKind.WAITING, trouble.at, hold_until=trouble.hold_until)
    return replace(trouble, attempts=0, retry_at=trouble.hold_until)


def next_try_in(trouble: Trouble, now: datetime) -> timedelta | None:
    """Give the time until the next automatic try; None where none will be made before a person acts."""
    if trouble.kind is not TroubleKind.WAITING:
        return None
    waits = [until - now for until in (trouble.retry_at, trouble.hold_until) if until is not None and binds(until, now)]
    return max(waits, default=timedelta(0))


def _withheld(error: Withheld, previous: Trouble | None, now: datetime) -> Trouble:
    match error:
        case OriginNotConfirmed():
            code, subject, words = ORIGIN_NOT_CONFIRMED, error.origin, ""
        case FieldError():
            code, subject, words = UNSENDABLE_FIELD, error.key, error.expected
        case BadUrl():
            code, subject, words = UNSENDABLE_URL, error.url, error.expected
        case VaultDamaged():
            code, subject, words = DAMAGED, error.field, error.connection_id
        case _:
            assert_never(error)
    hold_until = previous.hold_until if previous else None
    return Trouble(TroubleKind.NEEDS_ATTENTION, now, code=code, subject=subject, words=words, hold_until=hold_until)


def _withheld_error(trouble: Trouble) -> Withheld:
    match trouble.code:
        case code if code == ORIGIN_NOT_CONFIRMED:
            return OriginNotConfirmed(trouble.subject)
        case code if code == UNSENDABLE_URL:
            return BadUrl(trouble.subject, trouble.words)
        case code if code == DAMAGED:
            return VaultDamaged(trouble.words, trouble.subject)
        case _:
            return FieldError(trouble.subject, trouble.words)


def _passing_error(trouble: Trouble, host: str) -> PassingTrouble:
    if trouble.status is None and trouble.code in TLS_FAULTS:
        return Unreachable(host, NetworkStep.TLS, fault=TLS_FAULTS[trouble.code], detail=trouble.words)
    if trouble.status is None and trouble.code in STEPS:
        return Unreachable(host, STEPS[trouble.code], timed_out=trouble.timed_out, detail=trouble.words)
    if trouble.code in UNREADABLE:
        return UnreadableAnswer(trouble.code, status=trouble.status)
    return ProviderBusy(status=trouble.status, code=trouble.code, words=trouble.words)
