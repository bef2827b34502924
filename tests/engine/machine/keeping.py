"""Whether the store keeps what it must, held against what the servers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.machine.promised import promised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.engine.machine.account import Account, Issued
    from tests.engine.machine.auditor import Auditor, Stored
    from tests.engine.machine.process import Process
    from tests.engine.machine.server import Servers


class Keeping:
    """Looks at moments when nothing moves but what is on the wire, and remembers what it has seen."""

    def __init__(self, auditor: Auditor, servers: Servers) -> None:
        """Look through `auditor`."""
        self._auditor = auditor
        self._servers = servers
        self._serials: dict[str, int] = {}
        self._seen: dict[str, Issued] = {}
        self._refresh_tokens: dict[str, str] = {}
        """The last one that was seen, by client id."""

        self._told: set[str] = set()
        """Those of which somebody was told that they may be lost."""

    def look(self, processes: Sequence[Process]) -> None:
        """Look at every connection that nobody deleted."""
        for connection_id, account in self._servers.accounts.items():
            if account.deleted:
                continue
            try:
                self._look_at(account, self._auditor.stored(connection_id), processes)
            except AssertionError as error:
                error.add_note(account.story())
                raise

    @promised(2, 6)
    def what_came_through_outlives_an_orderly_end(self, process: str) -> None:
        for account in self._servers.accounts.values():
            issue, kept = account.delivered.get(process), self._auditor.kept_issue(account.connection_id)
            if issue is None or issue.client_id != account.typed.client_id or issue.text in account.bad_tokens:
                continue
            if not account.kind.on_use and not account.deleted:
                assert kept is not None, "a process ended in order, and took a token with it"
                assert kept.number >= issue.number, "a process ended in order, and took a token with it"

    def _look_at(self, account: Account, stored: Stored | None, processes: Sequence[Process]) -> None:
        self.no_connection_is_gone_that_nobody_deleted(account, stored)
        if stored is None:
            return
        self.settings_are_as_they_were_typed(account, stored)
        self.serials_never_go_back(stored)
        if account.kind.on_use:
            return
        busy = any(one.flies(account.connection_id) or one.holds_unsaved(account.connection_id) for one in processes)
        self.a_token_that_came_through_is_kept(account, busy=busy)
        self.a_refresh_token_is_never_lost_in_silence(account, stored, busy=busy)
        self.nobody_waits_for_a_person_unless_something_was_refused(account, stored)
        if not stored.is_stopped and not any(one.remembers_a_refusal(account.connection_id) for one in processes):
            account.may_be_stopped = False

    @promised(36)
    def no_connection_is_gone_that_nobody_deleted(self, account: Account, stored: Stored | None) -> None:
        assert stored is not None or not account.added, "a connection is gone that nobody deleted"
        account.added = stored is not None

    @promised(36)
    def settings_are_as_they_were_typed(self, account: Account, stored: Stored) -> None:
        if account.typing is not None and stored.typed == account.typing:
            account.typed = account.typing
        account.typing = None
        assert stored.typed == account.typed, "the store has other settings than were typed"

    @promised(2)
    def serials_never_go_back(self, stored: Stored) -> None:
        connection_id, serial = stored.record.connection.id, stored.record.serial
        assert serial >= self._serials.get(connection_id, 0), "the serial went back"
        self._serials[connection_id] = serial

    @promised(2, 7, 23)
    def a_token_that_came_through_is_kept(self, account: Account, *, busy: bool) -> None:
        """It is, until a newer one takes its place, a server calls it worthless, or the account is another."""
        issue, before = self._auditor.kept_issue(account.connection_id), self._seen.get(account.connection_id)
        if before is not None and before.client_id != account.typed.client_id:
            before = None
        if issue is None:
            newest_bad = max((self._servers.issues[text].number for text in account.bad_tokens), default=0)
            assert before is None or newest_bad >= before.number, "a token that nothing spoke against is gone"
            return
        assert issue.client_id == account.typed.client_id, "a token of one account is kept as another's"
        assert before is None or issue.number >= before.number, "an older token took the place of a newer one"
        self._seen[account.connection_id] = issue
        newest = max((one.number for one in account.delivered.values()), default=0)
        assert issue.number >= newest or busy, f"token {newest} came through, and the store has {issue.number}"

    @promised(2, 6)
    def a_refresh_token_is_never_lost_in_silence(self, account: Account, stored: Stored, *, busy: bool) -> None:
        """One that is lost has been said to be; elsewhere than after a sign-in a mint takes its place."""
        refresh_token = self._auditor.kept_refresh_token(account.connection_id)
        before = self._refresh_tokens.get(account.typed.client_id)
        if refresh_token is None:
            assert before is None, "a refresh token is gone"
            return
        self._refresh_tokens[account.typed.client_id] = refresh_token
        if busy or not account.kind.signed_in or self._servers.works(refresh_token):
            return
        if stored.record.cut_off_at is not None or stored.is_stopped:
            self._told.add(refresh_token)
        assert refresh_token in self._told, "a refresh token was lost in silence"

    @promised(24, 25)
    def nobody_waits_for_a_person_unless_something_was_refused(self, account: Account, stored: Stored) -> None:
        assert account.may_be_stopped or not stored.is_stopped, "it waits for a person although nothing was refused"
