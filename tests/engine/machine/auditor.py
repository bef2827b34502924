"""Reads the store as a process of its own would, and holds it against what the servers know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.engine.machine.account import Typed
from tests.engine.machine.keyring import Keyring, KeyringEntry
from tests.engine.machine.stepped import ImmediateWorker, at_once
from tokendeck.core.connection import ConnectionRecord, TroubleKind
from tokendeck.core.renewal import default_min_valid
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.engine.machine.account import Account, Issued
    from tests.engine.machine.clock import WorldClock
    from tests.engine.machine.process import Process
    from tests.engine.machine.server import OnTheWire, Servers
    from tests.engine.machine.stepped import SteppedLoop
    from tokendeck.core.token import TokenSet


@dataclass(frozen=True)
class Stored:
    """What the store has of one connection."""

    record: ConnectionRecord
    tokens: TokenSet | None
    typed: Typed


class Auditor:
    """Looks at everything, changes nothing; each assertion is a promise."""

    def __init__(self, home: Path, entries: dict[str, bytes], loop: SteppedLoop, clock: WorldClock) -> None:
        """Open the store in `home`, which a process has set up; `entries` are the keyring's."""
        self._loop = loop
        self._clock = clock
        always_open = Keyring()
        always_open.entries = entries
        self._storage = open_storage(home, guard=KeyringEntry(always_open))
        self._storage._store._worker = ImmediateWorker()  # type: ignore[assignment]  # the same shape
        loop.finish(self._open())
        self.servers: Servers
        self._version = 0
        self._stored: dict[str, Stored | None] = {}
        """What was read since the store was last changed."""

        self._serials: dict[str, int] = {}
        self._seen: dict[str, Issued] = {}
        self._refresh_tokens: dict[str, str] = {}
        """The last one that was seen, by client id."""

    async def _open(self) -> None:
        await self._storage.vault.open()

    def close(self) -> None:
        self._loop.finish(self._storage.close())

    # Reading

    def stored(self, connection_id: str) -> Stored | None:
        """Give what the store has of a connection; None where it is not in the list."""
        file = self._storage._store._connection
        assert file is not None
        (version,) = file.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._stored.clear()
        if connection_id not in self._stored:
            self._stored[connection_id] = self._read(connection_id)
        return self._stored[connection_id]

    def record(self, connection_id: str) -> ConnectionRecord | None:
        stored = self.stored(connection_id)
        return None if stored is None else stored.record

    def kept(self, connection_id: str) -> TokenSet | None:
        stored = self.stored(connection_id)
        return None if stored is None else stored.tokens

    def kept_refresh_token(self, connection_id: str) -> str | None:
        kept = self.kept(connection_id)
        return kept.refresh_token.reveal() if kept is not None and kept.refresh_token is not None else None

    def kept_issue(self, connection_id: str) -> Issued | None:
        """Give the issue whose access token the store has."""
        kept = self.kept(connection_id)
        return self.servers.issues[kept.access_token.reveal()] if kept and kept.access_token else None

    def is_stopped(self, connection_id: str) -> bool:
        """Tell whether the store says that nothing happens before a person acts."""
        record = self.record(connection_id)
        return record is not None and _is_stopped(record)

    def is_still_sent(self, wire: OnTheWire) -> bool:
        """Tell whether the connection, as the store has it now, would send the same again."""
        stored = self.stored(wire.arrival.connection_id)
        if stored is None:
            return True  # deleted; should that be undone, it is as it was
        same_refresh = wire.refresh_token in {None, self.kept_refresh_token(wire.arrival.connection_id)}
        return (wire.client_id, wire.secret) == (stored.typed.client_id, stored.typed.secret) and same_refresh

    # Judging

    def check(self, processes: Sequence[Process]) -> None:
        """Hold the store against the servers, at a moment when nothing moves but what is on the wire."""
        for connection_id, account in self.servers.accounts.items():
            if account.deleted:
                continue
            stored = self.stored(connection_id)
            if stored is None:
                assert not account.added, "a connection is gone that nobody deleted"
                continue
            account.added = True
            try:
                self._check_connection(stored, account, processes)
            except AssertionError as error:
                error.add_note(account.story())
                raise

    def handed_out(self, process: str, connection_id: str, tokens: TokenSet, min_valid: timedelta | None) -> None:
        """Judge a token at the moment when a caller gets it."""
        account = self.servers.accounts[connection_id]
        now = self._clock.now()
        issue = self.servers.issues[tokens.access_token.reveal()]
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
        if self.servers.accounts[record.connection.id].deleted:
            return
        stored = self.record(record.connection.id)
        assert stored is not None, f"{process} announced a connection that is not in the store"
        assert stored.serial >= record.serial, f"{process} announced a token before it was durable"

    def check_shown(self, process: Process) -> None:
        """Judge what a person reads: no time is left on a dead token."""
        for record in process.engine.records():
            connection_id = record.connection.id
            issue = self.kept_issue(connection_id)
            stored = self.record(connection_id)
            if issue is None or stored is None or record.token is None or stored.serial != record.serial:
                continue
            left = record.token.remaining(self._clock.now())
            if issue.is_dead(self._clock.now()):
                assert left is not None, f"{process.name} shows a dead token as endless"
                assert left <= timedelta(0), f"{process.name} shows {left} left on a dead token"
                word = process.engine.status(connection_id).word
                assert word not in {"live", "due"}, f"{process.name} shows a dead token as {word}"

    # Inside

    def _read(self, connection_id: str) -> Stored | None:
        record = at_once(self._storage.ledger.record(connection_id))
        if record is None:
            return None
        credentials = at_once(self._storage.vault.credentials(connection_id))
        connection, secret = credentials.connection, credentials.secrets["client_secret"].reveal()
        assert connection == record.connection
        typed = Typed(connection.name, connection.values["client_id"], secret)
        return Stored(record, at_once(self._storage.vault.tokens(connection_id)), typed)

    def _check_connection(self, stored: Stored, account: Account, processes: Sequence[Process]) -> None:
        record, connection_id = stored.record, stored.record.connection.id
        if account.typing is not None and stored.typed == account.typing:
            account.typed = account.typing
        account.typing = None
        assert stored.typed == account.typed, "the store has other settings than were typed"
        assert record.serial >= self._serials.get(connection_id, 0), "the serial went back"
        self._serials[connection_id] = record.serial
        if account.kind.on_use:
            return
        busy = any(one.flies(connection_id) or one.holds_unsaved(connection_id) for one in processes)
        self._check_token(connection_id, account, busy=busy)
        self._check_refresh_token(record, account, busy=busy)
        assert account.refused or not _is_stopped(record), "it waits for a person although nothing was refused"

    def _check_token(self, connection_id: str, account: Account, *, busy: bool) -> None:
        issue, before = self.kept_issue(connection_id), self._seen.get(connection_id)
        if before is not None and before.client_id != account.typed.client_id:
            before = None
        if issue is None:
            newest_bad = max((self.servers.issues[text].number for text in account.bad_tokens), default=0)
            assert before is None or newest_bad >= before.number, "a token that nothing spoke against is gone"
            return
        assert issue.client_id == account.typed.client_id, "a token of one account is kept as another's"
        assert before is None or issue.number >= before.number, "an older token took the place of a newer one"
        self._seen[connection_id] = issue
        newest = max((one.number for one in account.delivered.values()), default=0)
        assert issue.number >= newest or busy, f"token {newest} came through, and the store has {issue.number}"

    def _check_refresh_token(self, record: ConnectionRecord, account: Account, *, busy: bool) -> None:
        """One that is lost has been said to be; elsewhere than after a sign-in a mint takes its place."""
        refresh_token = self.kept_refresh_token(record.connection.id)
        before = self._refresh_tokens.get(account.typed.client_id)
        if refresh_token is None:
            assert before is None, "a refresh token is gone"
            return
        self._refresh_tokens[account.typed.client_id] = refresh_token
        if busy or not account.kind.signed_in or self.servers.works(refresh_token):
            return
        assert record.cut_off_at is not None or _is_stopped(record), "a refresh token was lost in silence"


def _is_stopped(record: ConnectionRecord) -> bool:
    return record.trouble is not None and record.trouble.kind is not TroubleKind.WAITING
