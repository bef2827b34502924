"""What goes on by itself: renewing what is due, and noticing what other processes change."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from tokendeck.core.errors import BudgetSpent, PassingTrouble, TokendeckError, VaultUnavailable
from tokendeck.core.vault import VaultOpen
from tokendeck.engine.events import (
    ClockWarning,
    Event,
    NotRevoked,
    RecordAdded,
    RecordChanged,
    RecordRemoved,
    StatusChanged,
    VaultChanged,
)
from tokendeck.engine.lanes import Lanes
from tokendeck.engine.schedule import ASKED_AT_ONCE, Schedule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tokendeck.core.moment import Moment
    from tokendeck.engine.ports import Clock, Ledger, Vault
    from tokendeck.engine.roster import Roster
    from tokendeck.engine.timetable import Timetable

log = logging.getLogger(__name__)

LONGEST_NAP_S = 4.0
"""asyncio's clock stops while a laptop sleeps, so both clocks, and the store, are looked at again this often."""

STEP_S = 2.0
"""Clocks that drift apart by more between two looks were stepped."""

PAUSE_AFTER_CRASH = timedelta(minutes=1)
PAUSE_AFTER_HINDRANCE = timedelta(seconds=15)
"""After a lock that was not to be had, or a vault that did not serve."""

DUE = timedelta(seconds=1)
"""What is due later than this at its turn has been renewed or edited since it came to its lane."""


class Background:
    """
    Renews every connection when its timetable says so, while the vault is open.

    One nap at a time, and no task for a connection at rest. What a renewal comes to stays with its connection.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        ledger: Ledger,
        vault: Vault,
        timetable: Timetable,
        renew: Callable[[str], Awaitable[object]],
    ) -> None:
        """Take what it asks; `renew` may raise anything."""
        self._clock = clock
        self._roster = roster
        self._ledger = ledger
        self._vault = vault
        self._timetable = timetable
        self._renew_one = renew
        self._schedule = Schedule(clock, self._due_in)
        self._lanes = Lanes(lane_of=timetable.origin, shut_for=self._shut_for, now_s=lambda: clock.now().elapsed_s)
        self._seen_clocks = clock.now()
        self._woken = asyncio.Event()
        self._renewals: set[asyncio.Task[None]] = set()
        self._running: asyncio.Task[None] | None = None
        roster.subscribe(self._hear)

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
        """Give the id of the connection that is renewed next and in how many seconds; None where none will be."""
        if not isinstance(self._vault.state, VaultOpen):
            return None
        return self._lanes.next_departure() or self._schedule.next_due()

    async def _run(self) -> None:
        try:
            with suppress(VaultUnavailable):
                await self._ledger.purge_hidden()
            await self._keep_fresh()
        except Exception:
            log.exception("nothing is renewed any more")

    async def _keep_fresh(self) -> None:
        look_at_s = self._clock.now().elapsed_s + LONGEST_NAP_S
        while True:
            now = self._clock.now()
            if now.elapsed_s >= look_at_s:
                look_at_s = now.elapsed_s + LONGEST_NAP_S
                await self._look()
            self._notice_step()
            while self._schedule.catch_up():  # noqa: ASYNC110 - waits for nothing, but lets others have their turn
                await asyncio.sleep(0)
            if isinstance(self._vault.state, VaultOpen):
                await self._line_up()
                self._launch()
            await self._nap(look_at_s)

    async def _look(self) -> None:
        """Notice what another process changed."""
        try:
            await self._roster.load()
        except VaultUnavailable as error:
            log.info("the store does not answer: %s", type(error).__name__)

    async def _line_up(self) -> None:
        """Bring what is due to its lane; after a night asleep that may be everything."""
        lined_up = 0
        while (connection_id := self._schedule.take()) is not None:
            self._lanes.join(connection_id)
            lined_up += 1
            if lined_up % ASKED_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _launch(self) -> None:
        while (connection_id := self._lanes.depart()) is not None:
            renewal = asyncio.create_task(self._renew(connection_id), name=f"renew {connection_id}")
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewals.discard)

    def _due_in(self, connection_id: str) -> timedelta | None:
        try:
            return self._timetable.due_in(connection_id)
        except Exception:
            log.exception("when %s is due cannot be told", connection_id)
            return None

    def _shut_for(self, connection_id: str) -> float:
        try:
            return self._timetable.shut_for(connection_id)
        except Exception:  # noqa: BLE001 - its turn comes, and tells what is wrong
            return 0.0

    async def _renew(self, connection_id: str) -> None:
        try:
            # Asked here and not before: between this and what it begins with, nobody can bring a newer token.
            span = self._due_in(connection_id)
            if span is not None and span <= DUE:
                await self._renew_one(connection_id)
        except (PassingTrouble, VaultUnavailable) as error:
            wait = error.retry_after if isinstance(error, BudgetSpent) else None
            self._timetable.put_off(connection_id, wait or PAUSE_AFTER_HINDRANCE)
        except TokendeckError as error:
            log.info("renewal of %s stopped: %s", connection_id, type(error).__name__)
            self._timetable.put_off(connection_id, PAUSE_AFTER_CRASH)  # not all of them are remembered as trouble
        except asyncio.CancelledError:
            self._timetable.put_off(connection_id, PAUSE_AFTER_CRASH)
            raise
        except Exception:
            log.exception("renewal of %s crashed", connection_id)
            self._timetable.put_off(connection_id, PAUSE_AFTER_CRASH)
        finally:
            self._lanes.arrive(connection_id)
            self._schedule.set(connection_id)
            self._woken.set()

    async def _nap(self, look_at_s: float) -> None:
        """Wait until something is due or has to be looked at, or until that changes."""
        now_s = self._clock.now().elapsed_s
        waits_s = [look_at_s - now_s]
        if isinstance(self._vault.state, VaultOpen):
            upcoming = self._schedule.next_due()
            waits_s += [upcoming[1]] if upcoming is not None else []
            waits_s += [wait_s] if (wait_s := self._lanes.opens_in()) is not None else []
        nap = asyncio.ensure_future(self._clock.nap(max(min(waits_s), 0.0)))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((nap, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            nap.cancel()
            woken.cancel()
            self._woken.clear()
            # Not each by itself: who awaits a cancelled task cannot tell its end from a cancellation of his own.
            await asyncio.wait((nap, woken))

    def _notice_step(self) -> None:
        """Ask anew when everything is due once the clocks have drifted apart."""
        before, self._seen_clocks = self._seen_clocks, self._clock.now()
        if _stepped(before, self._seen_clocks):
            self._schedule.set_all_later()
            self._woken.set()

    def _hear(self, event: Event) -> None:
        match event:
            case RecordAdded():
                self._schedule.set_later((event.connection_id,))  # there may be 10,000 at a time
                self._woken.set()
            case RecordChanged():
                self._notice_step()  # what is set by a clock that is set back before anybody looks again is set wrong
                if self._schedule.set(event.connection_id):
                    self._woken.set()
            case RecordRemoved():
                self._schedule.forget(event.connection_id)
                self._timetable.forget(event.connection_id)
            case VaultChanged():
                self._woken.set()
            case StatusChanged() | ClockWarning() | NotRevoked():
                pass
            case _:
                assert_never(event)


def _stepped(before: Moment, now: Moment) -> bool:
    return abs((now.wall - before.wall).total_seconds() - (now.elapsed_s - before.elapsed_s)) > STEP_S
