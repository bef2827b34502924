"""What goes on by itself: renewing what is due, and noticing what other processes change."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.errors import BudgetSpent, PassingTrouble, TokendeckError, VaultUnavailable
from tokendeck.engine.events import Event, NotRevoked, RecordRemoved, VaultChanged
from tokendeck.engine.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.engine.ports import Clock, Ledger
    from tokendeck.engine.roster import Roster
    from tokendeck.engine.timetable import Timetable

log = logging.getLogger(__name__)

PAUSE_AFTER_CRASH = timedelta(minutes=1)
PAUSE_AFTER_HINDRANCE = timedelta(seconds=15)
"""After a lock that was not to be had, or a vault that did not serve."""


class Background:
    """Renews every connection when its timetable says so; what one renewal comes to stays with its connection."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        ledger: Ledger,
        timetable: Timetable,
        renew: Callable[[str], Awaitable[object]],
    ) -> None:
        """Take what it asks; `renew` may raise anything."""
        self._roster = roster
        self._ledger = ledger
        self._timetable = timetable
        self._renew_one = renew
        self._schedule = Schedule(clock, due_in=timetable.due_in, renew=self._renew, look=self._look)
        self._running: asyncio.Task[None] | None = None
        roster.subscribe(self._reschedule)

    def start(self) -> None:
        """Begin."""
        self._running = asyncio.create_task(self._run(), name="schedule")

    async def stop(self) -> None:
        """Start no renewal any more; what is on the wire goes on."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))
            self._running = None

    def next_due(self) -> tuple[str, float] | None:
        """Give the id of the connection that is renewed next and in how many seconds; None where none is scheduled."""
        return self._schedule.next_due()

    async def _run(self) -> None:
        try:
            with suppress(VaultUnavailable):
                await self._ledger.purge_hidden()
            self._reschedule_all()
            await self._schedule.run()
        except Exception:
            log.exception("nothing is renewed any more")

    async def _look(self) -> None:
        """Notice what another process changed."""
        try:
            await self._roster.load()
        except VaultUnavailable as error:
            log.info("the store does not answer: %s", type(error).__name__)

    async def _renew(self, connection_id: str) -> None:
        try:
            await self._renew_one(connection_id)
        except (PassingTrouble, VaultUnavailable) as error:
            wait = error.retry_after if isinstance(error, BudgetSpent) else None
            self._timetable.put_off(connection_id, wait or PAUSE_AFTER_HINDRANCE)
        except TokendeckError as error:
            log.info("renewal of %s stopped: %s", connection_id, type(error).__name__)
            self._timetable.put_off(connection_id, PAUSE_AFTER_CRASH)  # not all of them are remembered as trouble
        except Exception:
            log.exception("renewal of %s crashed", connection_id)
            self._timetable.put_off(connection_id, PAUSE_AFTER_CRASH)

    def _reschedule(self, event: Event) -> None:
        match event:
            case RecordRemoved(connection_id=connection_id):
                self._schedule.forget(connection_id)
                self._timetable.forget(connection_id)
            case VaultChanged():
                self._reschedule_all()
            case NotRevoked():
                pass
            case _:
                self._schedule.set(event.connection_id)

    def _reschedule_all(self) -> None:
        for record in self._roster.records():
            self._schedule.set(record.connection.id)
