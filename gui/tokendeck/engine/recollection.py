"""What is remembered of requests that brought no token, so that nobody is asked again too soon, or in vain."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from tokendeck.core.connection import TroubleKind
from tokendeck.core.errors import (
    GrantDead,
    NetworkStep,
    NoSuchConnection,
    Paused,
    ProviderBusy,
    SignInNeeded,
    Unreachable,
    UnreadableAnswer,
    VaultUnavailable,
)
from tokendeck.core.frozen import replace
from tokendeck.core.origin import host_of
from tokendeck.core.trouble import Lasting, Passing, Withheld, binds, error_from, is_withheld, trouble_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tokendeck.core.connection import ConnectionRecord, Trouble
    from tokendeck.core.errors import TokendeckError
    from tokendeck.engine.politeness import Politeness
    from tokendeck.engine.ports import Clock, Ledger
    from tokendeck.engine.roster import Roster

log = logging.getLogger(__name__)


class Recollection:
    """Notes how requests for tokens ended, and says what that forbids."""

    def __init__(
        self, *, clock: Clock, roster: Roster, ledger: Ledger, politeness: Politeness, chance: Callable[[], float]
    ) -> None:
        """Take what it asks, and `chance`: 0 to 1, drawn for the back-off's jitter."""
        self._clock = clock
        self._roster = roster
        self._ledger = ledger
        self._politeness = politeness
        self._chance = chance

    def check_allowed(self, record: ConnectionRecord, *, by_person: bool, has_grant: bool) -> None:
        """Raise what forbids a request now: a pause, a missing sign-in, what was remembered."""
        connection, trouble = record.connection, record.trouble
        if connection.paused:
            raise Paused
        if self._roster.grant(connection).needs_person and not has_grant:
            raise SignInNeeded
        if trouble is None:
            return
        if by_person:
            self.check_pause(record)
            return
        now = self._clock.now().wall
        if _is_a_refusal(trouble) or binds(trouble.retry_at, now) or binds(trouble.hold_until, now):
            raise _error_of(record, trouble, now)

    def check_pause(self, record: ConnectionRecord) -> None:
        """Raise `ProviderBusy` while a pause runs that the provider asked for; nothing else forbids a person to ask."""
        trouble, now = record.trouble, self._clock.now().wall
        if trouble is None or trouble.hold_until is None or not binds(trouble.hold_until, now):
            return
        if trouble.kind is not TroubleKind.WAITING:
            raise ProviderBusy(retry_after=trouble.hold_until - now)  # why it is stopped keeps no person from asking
        raise _error_of(record, trouble, now)

    async def remember(self, record: ConnectionRecord, error: Lasting | Passing, *, version: int, spent: bool) -> None:
        """
        Keep why there is no token; a disk that takes nothing must not hide what the provider said.

        Args:
            record: as the request was made of it.
            error: what it came to.
            version: of the credentials that it was made of.
            spent: whether it spent a refresh token.

        """
        connection_id = record.connection.id
        log.info("%s has no new token: %s", connection_id, type(error).__name__)
        trouble = trouble_from(error, record.trouble, self._clock.now().wall, self._chance())
        is_passing, to_note = trouble.kind is TroubleKind.WAITING, trouble
        if is_passing:
            to_note = trouble = self._within_cap(connection_id, trouble)
            if record.trouble is not None and _is_a_refusal(record.trouble):
                to_note = replace(record.trouble, hold_until=trouble.hold_until)
        # Once a refresh was cut off, an error that says nothing of its refresh token takes nothing back.
        cut_off_before = record.cut_off_at is not None and not isinstance(error, GrantDead)
        end_unseen = spent and (cut_off_before or _may_have_been_spent(error))
        judged = None if isinstance(error, GrantDead) else version  # no edit that keeps a grant revives it
        try:
            holds = to_note.kind is not TroubleKind.WAITING and await self._ledger.note_refusal(
                connection_id, to_note, version=judged, serial=record.serial
            )
            if is_passing and not holds:
                await self._ledger.note_trouble(connection_id, trouble)
            if not end_unseen:
                await self._ledger.end_refresh(connection_id)
            await self._roster.reread(connection_id)
        except NoSuchConnection:
            pass
        except VaultUnavailable:
            cut_off_at = to_note.at if end_unseen else None
            self._roster.amend_unnoted(
                connection_id, lambda known: replace(known, trouble=to_note, cut_off_at=cut_off_at)
            )

    async def withhold(self, record: ConnectionRecord, error: Withheld, *, version: int | None) -> None:
        """Keep why nothing was sent; `version` is of the credentials that it was made of, None where none open."""
        connection_id = record.connection.id
        trouble = trouble_from(error, record.trouble, self._clock.now().wall, self._chance())
        with suppress(VaultUnavailable):
            await self._ledger.note_refusal(connection_id, trouble, version=version, serial=record.serial)
            await self._roster.reread(connection_id)

    async def end(self, connection_id: str) -> None:
        """Keep that a request ended, and that its end leaves nothing to remember."""
        await self._ledger.end_refresh(connection_id)
        self._roster.amend(connection_id, lambda known: replace(known, cut_off_at=None))

    def _within_cap(self, connection_id: str, trouble: Trouble) -> Trouble:
        self._politeness.count_failure(connection_id)
        pause = self._politeness.outage_pause(connection_id)
        earliest = trouble.at + pause
        return replace(trouble, retry_at=max(trouble.retry_at or earliest, earliest))


def _error_of(record: ConnectionRecord, trouble: Trouble, now: datetime) -> TokendeckError:
    origins = record.connection.confirmed_origins
    return error_from(trouble, host_of(origins[0]) if origins else "", now)


def _is_a_refusal(trouble: Trouble) -> bool:
    """Tell whether the provider said no for good."""
    return trouble.kind is not TroubleKind.WAITING and not is_withheld(trouble)


def _may_have_been_spent(error: Lasting | Passing) -> bool:
    """Tell whether the provider may have taken the refresh token although no new one came through."""
    match error:
        case Unreachable():
            return error.step in {NetworkStep.SEND, NetworkStep.ANSWER}
        case UnreadableAnswer():
            return error.what in {"cut_off", "too_long"}
        case _:
            return False
