"""Reads the store as a process of its own would, and holds it against what the servers know."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.engine.machine.process import KEY
from tests.engine.machine.stepped import ImmediateWorker, at_once
from tokendeck.core.connection import ConnectionRecord, TroubleKind
from tokendeck.core.renewal import default_min_valid
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.machine.process import Process
    from tests.engine.machine.server import Account, Servers
    from tests.engine.machine.stepped import SteppedLoop
    from tests.manual_clock import ManualClock
    from tokendeck.core.token import TokenSet


class Auditor:
    """Looks at everything, changes nothing; each assertion is a promise."""

    def __init__(self, home: Path, loop: SteppedLoop, clock: ManualClock, servers: Servers) -> None:
        self._loop = loop
        self._clock = clock
        self._servers = servers
        self._storage = open_storage(home, guard=MemoryGuard(KEY))
        self._storage._store._worker = ImmediateWorker()  # type: ignore[assignment]  # the same shape
        loop.finish(self._storage.vault.open())
        self._serials: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def close(self) -> None:
        self._loop.finish(self._storage.close())

    def record(self, connection_id: str) -> ConnectionRecord | None:
        return at_once(self._storage.ledger.record(connection_id))

    def kept(self, connection_id: str) -> TokenSet | None:
        return at_once(self._storage.vault.tokens(connection_id))

    def secret(self, connection_id: str) -> str:
        """Give the client secret as the store has it."""
        secret = at_once(self._storage.vault.secrets(connection_id)).get("client_secret")
        return "" if secret is None else secret.reveal()

    def kept_number(self, connection_id: str) -> int:
        """Give the number of the issue that the store has; 0 where it has no access token."""
        kept = self.kept(connection_id)
        return self._servers.issues[kept.access_token.reveal()].number if kept and kept.access_token else 0

    def check(self, processes: list[Process]) -> None:
        """Hold the store against the servers while nothing moves but what is on the wire."""
        for connection_id, account in self._servers.accounts.items():
            record = self.record(connection_id)
            if account.deleted:
                continue
            assert record is not None or not account.added, "a connection is gone that nobody deleted"
            if record is None:
                continue
            account.added = True
            try:
                self._check_connection(record, account, processes)
            except AssertionError as error:
                error.add_note("\n".join(["What reached the server:", *map(str, account.arrivals[-12:])]))
                raise

    def _check_connection(self, record: ConnectionRecord, account: Account, processes: list[Process]) -> None:
        connection_id = record.connection.id
        assert record.serial >= self._serials.get(connection_id, 0), "the serial went back"
        self._serials[connection_id] = record.serial
        if account.kind.on_use:
            return
        unsaved = any(one.holds_unsaved(connection_id) for one in processes)
        self._check_nothing_lost(connection_id, account, unsaved=unsaved)
        if not unsaved and not any(one.flies(connection_id) for one in processes):
            self._check_said(record, account)

    def check_healed(self, process: Process) -> None:
        """With good servers and time, whatever renews itself has done so, without a person."""
        for record in process.engine.records():
            account = self._servers.accounts[record.connection.id]
            idle = record.connection.paused or record.token is None or account.deleted or not account.kind.ahead
            if idle or (is_stopped(record) and account.refused_by is not None):
                continue
            assert record.trouble is None, f"{record.trouble} although everything is well"
            assert record.token is not None
            left = record.token.remaining(self._clock.now())
            assert left is None or left > timedelta(0), "nobody renewed a token although everything is well"

    def handed_out(self, process: str, connection_id: str, tokens: TokenSet, min_valid: timedelta | None) -> None:
        """Judge a token at the moment when a caller gets it."""
        account = self._servers.accounts[connection_id]
        now = self._clock.now()
        issue = self._servers.issues[tokens.access_token.reveal()]
        assert not issue.is_dead(now), f"{process} handed out a dead token"
        left = tokens.facts.remaining(now)
        wanted = default_min_valid(tokens.facts) if min_valid is None else min_valid
        assert left is None or left >= wanted, f"{process} handed out a token that is good for {left}, not {wanted}"
        if account.kind.on_use or account.deleted:
            return
        kept = self.kept(connection_id)
        assert kept is not None, f"{process} handed out a token that is not in the store"
        assert kept.facts.serial >= tokens.facts.serial, f"{process} handed out a token before it was durable"
        if kept.facts.serial == tokens.facts.serial and kept.access_token:
            assert kept.access_token == tokens.access_token, f"{process} handed out another token than the store has"

    def announced(self, process: str, record: ConnectionRecord) -> None:
        """Judge what listeners are told, at the moment they are."""
        if self._servers.accounts[record.connection.id].deleted:
            return
        stored = self.record(record.connection.id)
        assert stored is not None, f"{process} announced a connection that is not in the store"
        assert stored.serial >= record.serial, f"{process} announced a token before it was durable"

    def _check_nothing_lost(self, connection_id: str, account: Account, *, unsaved: bool) -> None:
        kept, number = self.kept(connection_id), self.kept_number(connection_id)
        if kept is not None and _text(kept.refresh_token) in account.working:
            account.end_unseen = False
        elif unsaved:
            account.end_unseen = account.kind.rotates
        account.good_since_refusal = account.good_since_refusal or unsaved  # when that is saved, it takes its place
        if not number:
            assert account.found_bad or not self._numbers.get(connection_id), (
                "a token that nothing spoke against is gone"
            )
            return
        before = self._numbers.get(connection_id, 0)
        assert number >= before, f"token {number} took the place of the newer {before}"
        self._numbers[connection_id] = number
        delivered = max((issue.number for issue in account.delivered.values()), default=0)
        assert number >= delivered or unsaved, f"token {delivered} came through, and the store has {number}"

    def _check_said(self, record: ConnectionRecord, account: Account) -> None:
        """A refresh that was cut off is said; a refusal is said, and only one that there was."""
        kept, stopped = self.kept(record.connection.id), is_stopped(record)
        if account.kind.rotates and kept is not None and kept.refresh_token is not None:
            lost = _text(kept.refresh_token) not in account.working
            costs = account.kind.signed_in and lost  # elsewhere a mint takes its place
            assert not costs or record.cut_off_at is not None or stopped, "a refresh token was lost in silence"
        if not stopped:
            assert account.refused_by is None or account.good_since_refusal, "a refusal was forgotten"
            account.refused_by = None
        assert not stopped or account.refused_by is not None, "it waits for a person although nothing was refused"


def is_stopped(record: ConnectionRecord) -> bool:
    """Tell whether nothing happens before a person acts."""
    return record.trouble is not None and record.trouble.kind is not TroubleKind.WAITING


def _text(secret: object) -> str | None:
    reveal = getattr(secret, "reveal", None)
    return None if reveal is None else str(reveal())
