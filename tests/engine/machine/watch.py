"""Whether the background does what is due, when it is due, and nothing before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.machine.account import MINUTE_S, By
from tests.engine.machine.promised import promised

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.engine.machine.account import Account, Issued
    from tests.engine.machine.auditor import Auditor
    from tests.engine.machine.clock import WorldClock
    from tests.engine.machine.process import Process
    from tests.engine.machine.server import Servers

PATIENCE_S = 90.0
"""After a hindrance the background waits for a minute at most, and notices within 4 s that it is over."""

MANY_A_MINUTE = 5
"""With so many requests in a minute already, the next may have to wait."""

LEAD_S, LEAD_SHARE, JITTER_SHARE = 300.0, 0.2, 0.1


class Watch:
    """Knows since when nothing has hindered each connection, and which tokens have been due."""

    def __init__(
        self, clock: WorldClock, servers: Servers, auditor: Auditor, *, is_disk_full: Callable[[], bool]
    ) -> None:
        self._is_disk_full = is_disk_full
        self._clock = clock
        self._servers = servers
        self._auditor = auditor
        self._looked_s = 0.0
        self._calm_since_s: dict[str, float] = {}
        self._due: dict[str, int] = {}
        """The serial, by connection, of the newest token that there was reason to renew."""

    def disturb(self, one: Account | None = None) -> None:
        """Count one connection, or all, as hindered just now."""
        for connection_id, account in self._servers.accounts.items():
            if one is None or one is account:
                self._calm_since_s[connection_id] = self._clock.true_s

    def due_in_s(self, account: Account) -> float:
        """Give the time until an account's token is due; zero where it is, or none ever will be."""
        issue = self._auditor.kept_issue(account.connection_id)
        left_s = None if issue is None else issue.left_s(self._clock.now())
        return 0.0 if issue is None or left_s is None else max(left_s - _lead_s(issue), 0.0)

    def clock_moved(self) -> None:
        """Note what is due now, before anybody acts on it."""
        for connection_id, account in self._servers.accounts.items():
            self._note_due(connection_id, account)

    def may_be_due(self, connection_id: str) -> bool:
        """Tell whether the background may renew the token that the store has."""
        record = self._auditor.record(connection_id)
        self._note_due(connection_id, self._servers.accounts[connection_id])
        return record is None or self._due.get(connection_id) == record.serial

    def look(self, processes: Sequence[Process]) -> None:
        """Hold what was hindered by nothing to its time."""
        self._looked_s = self._clock.true_s
        for connection_id, account in self._servers.accounts.items():
            self._note_due(connection_id, account)
            hindered = self._servers.holding or self._is_disk_full()
            if hindered or self._is_hindered(connection_id, account, processes):
                self._calm_since_s[connection_id] = self._clock.true_s
        for connection_id in self.calm():
            self.what_nothing_hinders_is_renewed_in_time(connection_id)

    def calm(self) -> list[str]:
        """Give the connections that nothing has hindered for long enough; none where nobody has looked just now."""
        if self._looked_s != self._clock.true_s:
            return []
        since_s = self._clock.true_s - PATIENCE_S
        return [one for one in self._servers.accounts if self._calm_since_s.get(one, self._clock.true_s) <= since_s]

    @promised(23, 28, 33)
    def what_nothing_hinders_is_renewed_in_time(self, connection_id: str) -> None:
        issue = self._auditor.kept_issue(connection_id)
        assert issue is not None, "a token is gone while all was well"
        if issue.is_dead(self._clock.now()):
            note = self._servers.accounts[connection_id].story()
            raise AssertionError(f"nobody renewed the token of {connection_id} although all is well\n{note}")

    @promised(31)
    def what_is_due_is_asked_for_within_five_seconds_of_waking(self, connection_ids: list[str], woke_s: float) -> None:
        """Judge those that were calm before the machine slept."""
        for connection_id in connection_ids:
            issue = self._auditor.kept_issue(connection_id)
            assert issue is not None, "sleep made a token go"
            left_s = issue.left_s(self._clock.now())
            is_asked_for = any(one.at_s >= woke_s for one in self._servers.accounts[connection_id].arrivals)
            assert left_s is None or left_s > _lead_s(issue) or is_asked_for, "awake, and nobody renews what is due"

    def _note_due(self, connection_id: str, account: Account) -> None:
        record = self._auditor.record(connection_id)
        if record is None:
            return
        issue = self._auditor.kept_issue(connection_id)
        is_issued_again = issue is not None and record.token is not None and record.token.asked_at != issue.asked_at
        is_trouble_kept = record.trouble is not None or self._is_disk_full()  # there it may be in memory alone
        if issue is None or is_trouble_kept or is_issued_again or self._is_due(issue, account):
            self._due[connection_id] = record.serial

    def _is_due(self, issue: Issued, account: Account) -> bool:
        now = self._clock.now()
        if issue.asked_at.boot != now.boot:
            return True  # how old it is, only a wall clock says that may have been set meanwhile
        left_s = issue.left_s(now)
        if left_s is not None:
            return left_s <= _lead_s(issue) * (1 + JITTER_SHARE)
        every = account.kind.every
        return every is not None and issue.age_s(now) >= every.total_seconds() * (1 - JITTER_SHARE)

    def _is_hindered(self, connection_id: str, account: Account, processes: Sequence[Process]) -> bool:
        if account.deleted or not account.mood.is_well or not account.kind.ahead:
            return True
        record = self._auditor.record(connection_id)
        if record is None or record.connection.paused or record.trouble is not None or record.token is None:
            return True
        by_itself = [one for one in account.arrivals if not one.call and one.by is not By.PERSON]
        of_late = [one for one in by_itself if one.at_s > self._clock.true_s - MINUTE_S]
        cares = any(one.cares_for(connection_id) for one in processes)
        return not cares or account.kind.provider.rate is not None or len(of_late) >= MANY_A_MINUTE


def _lead_s(issue: Issued) -> float:
    assert issue.lifetime_s is not None
    return min(LEAD_S, LEAD_SHARE * issue.lifetime_s)
