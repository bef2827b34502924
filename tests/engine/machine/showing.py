"""What people and scripts are given and shown, judged at the moment when they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.engine.machine.promised import promised
from tokendeck.core.renewal import default_min_valid

if TYPE_CHECKING:
    from tests.engine.machine.auditor import Auditor
    from tests.engine.machine.clock import WorldClock
    from tests.engine.machine.process import Process
    from tests.engine.machine.server import Servers
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.token import TokenSet


class Showing:
    """Knows by what to judge it."""

    def __init__(self, auditor: Auditor, servers: Servers, clock: WorldClock) -> None:
        """Hold it against what `auditor` reads and what `servers` issued."""
        self._auditor = auditor
        self._servers = servers
        self._clock = clock

    def handed_out(self, process: Process, connection_id: str, tokens: TokenSet, min_valid: timedelta | None) -> None:
        """Judge a token that a caller gets."""
        self.no_dead_token_is_handed_out(tokens, min_valid)
        self.nothing_is_handed_out_of_a_locked_vault(process)
        account = self._servers.accounts[connection_id]
        if not account.kind.on_use and not account.deleted:
            self.a_token_is_durable_before_anybody_has_it(connection_id, tokens)

    def announced(self, record: ConnectionRecord) -> None:
        """Judge what listeners are told."""
        if not self._servers.accounts[record.connection.id].deleted:
            self.a_token_is_durable_before_anybody_hears_of_it(record)

    def shown(self, process: Process) -> None:
        """Judge what a person reads."""
        for record in process.engine.records():
            self.no_time_is_shown_left_on_a_dead_token(process, record)

    @promised(31, 32)
    def no_dead_token_is_handed_out(self, tokens: TokenSet, min_valid: timedelta | None) -> None:
        now = self._clock.now()
        assert not self._servers.issues[tokens.access_token.reveal()].is_dead(now), "a dead token was handed out"
        left = tokens.facts.remaining(now)
        wanted = default_min_valid(tokens.facts) if min_valid is None else min_valid
        assert left is None or left >= wanted, f"a token was handed out that is good for {left}, not {wanted}"

    @promised(4)
    def nothing_is_handed_out_of_a_locked_vault(self, process: Process) -> None:
        assert process.is_open(), "a token was handed out after the vault was locked"

    @promised(2)
    def a_token_is_durable_before_anybody_has_it(self, connection_id: str, tokens: TokenSet) -> None:
        record, kept = self._auditor.record(connection_id), self._auditor.kept(connection_id)
        assert record is not None, "a token was handed out of a connection that is not in the store"
        assert record.serial >= tokens.facts.serial, "a token was handed out before it was durable"
        if kept is not None and kept.facts.serial == tokens.facts.serial and kept.access_token:
            assert kept.access_token == tokens.access_token, "another token was handed out than the store has"

    @promised(2)
    def a_token_is_durable_before_anybody_hears_of_it(self, record: ConnectionRecord) -> None:
        stored = self._auditor.record(record.connection.id)
        assert stored is not None, "a connection was announced that is not in the store"
        assert stored.serial >= record.serial, "a token was announced before it was durable"

    @promised(31, 32)
    def no_time_is_shown_left_on_a_dead_token(self, process: Process, record: ConnectionRecord) -> None:
        connection_id = record.connection.id
        issue, stored = self._auditor.kept_issue(connection_id), self._auditor.record(connection_id)
        if issue is None or stored is None or record.token is None or stored.serial != record.serial:
            return
        if issue.is_dead(self._clock.now()):
            left, word = record.token.remaining(self._clock.now()), process.engine.status(connection_id).word
            assert left is not None, "a dead token is shown as endless"
            assert left <= timedelta(0), f"{left} is shown as left on a dead token"
            assert word not in {"live", "due"}, f"a dead token is shown as {word}"
