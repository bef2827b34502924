"""When the background should renew a connection, and when it should not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import TokendeckError
from tokendeck.core.provider import RenewalPolicy
from tokendeck.core.renewal import due_in, needs_nobody, renewal_of
from tokendeck.core.trouble import next_try_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant
    from tokendeck.engine.issuer import Issuer
    from tokendeck.engine.politeness import Politeness
    from tokendeck.engine.ports import Clock
    from tokendeck.engine.roster import Roster

MINT_GAP = timedelta(seconds=10)
"""Between two renewals of one connection, however short its tokens."""


class Timetable:
    """Answers what the background asks: in how long a connection is due, and whether its origin takes requests then."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        politeness: Politeness,
        issuer: Issuer,
        chance: Callable[[], float],
    ) -> None:
        """Take what it asks; `chance` gives 0 to 1 and spreads renewals."""
        self._clock = clock
        self._roster = roster
        self._politeness = politeness
        self._issuer = issuer
        self._chance = chance
        self._not_before: dict[str, float] = {}
        self._spreads: dict[str, float] = {}

    def due_in(self, connection_id: str) -> timedelta | None:
        """Give the time until the next automatic try, negative when it is overdue; None where none will be made."""
        if not self._roster.knows(connection_id):
            return None
        record = self._roster.record(connection_id)
        if record.connection.paused:
            return None
        try:
            grant = self._roster.grant(record.connection)
        except TokendeckError:
            return None
        if grant.renewal.policy is not RenewalPolicy.AHEAD or not needs_nobody(grant, record):
            return None
        now = self._clock.now()
        due = self._due_in(record, grant, now)
        if due is None:
            return None
        return max(due, timedelta(seconds=self._not_before.get(connection_id, 0.0) - now.elapsed_s))

    def origin(self, connection_id: str) -> str:
        """Give where a connection's requests go; empty where it may send none. Raises `NoSuchConnection`."""
        origins = self._roster.record(connection_id).connection.confirmed_origins
        return origins[0] if origins else ""

    def shut_for(self, connection_id: str) -> float:
        """Give for how many seconds that origin takes no request: its budget is spent, or it said so."""
        try:
            connection = self._roster.record(connection_id).connection
            rate = self._roster.provider(connection).rate
        except TokendeckError:
            return 0.0
        return self._politeness.shut_for(self.origin(connection_id), rate)

    def put_off(self, connection_id: str, span: timedelta) -> None:
        """Let no automatic try of this connection start for `span`."""
        self._not_before[connection_id] = self._clock.now().elapsed_s + span.total_seconds()

    def forget(self, connection_id: str) -> None:
        """Let go of a connection that is gone."""
        self._not_before.pop(connection_id, None)
        self._spreads.pop(connection_id, None)

    def _due_in(self, record: ConnectionRecord, grant: Grant, now: Moment) -> timedelta | None:
        if record.trouble is not None:
            return next_try_in(record.trouble, now.wall)
        if self._issuer.holds_unsaved(record):
            return timedelta(0)
        if record.token is None:
            return None
        due = due_in(record.token, renewal_of(record, grant), now, spread=self._spread(record.connection.id))
        if due is None or record.token.asked_at.boot != now.boot:
            return due  # before the machine was started, and no clock that may have been set since tells when
        return max(due, MINT_GAP - now.since(record.token.asked_at))

    def _spread(self, connection_id: str) -> float:
        """Give the jitter of a connection: one draw for all its tokens, so that asking again moves nothing."""
        if connection_id not in self._spreads:
            self._spreads[connection_id] = self._chance()
        return self._spreads[connection_id]
