"""Coming by a token: lock, look again, ask, classify, save. The one place where tokens are asked for."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import CLOCK_TOLERANCE, clock_offset, read_token_answer
from tokendeck.core.errors import (
    BadUrl,
    ConfigurationRefused,
    FieldError,
    GrantDead,
    NoSuchConnection,
    OriginNotConfirmed,
    ProviderBusy,
    SignInNeeded,
    Unreachable,
    UnreadableAnswer,
    UnusableToken,
    VaultDamaged,
    VaultUnavailable,
)
from tokendeck.core.frozen import replace
from tokendeck.core.request import Request, mint_request
from tokendeck.engine.events import ClockWarning, RecordChanged
from tokendeck.engine.issue import Issue
from tokendeck.engine.recollection import Recollection
from tokendeck.engine.unsaved import Unsaved, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tokendeck.core.answers import Answer
    from tokendeck.core.connection import Connection, ConnectionRecord
    from tokendeck.core.credentials import Credentials
    from tokendeck.core.holding import Holding
    from tokendeck.core.secret import Secret
    from tokendeck.core.token import TokenSet
    from tokendeck.core.trouble import Lasting, Passing
    from tokendeck.engine.issue import Need
    from tokendeck.engine.politeness import Politeness
    from tokendeck.engine.ports import Claim, Clock, ConnectionLocks, Ledger, TokenEndpoint, TokenPen, Vault
    from tokendeck.engine.roster import Roster

log = logging.getLogger(__name__)

LOCK_PATIENCE = timedelta(seconds=15)


class _Overtaken(Exception):
    """An edit came between: what was read and what was asked for do not belong together any more."""


class Issuer:
    """Asks token endpoints for tokens, and saves them before anybody sees them."""

    def __init__(
        self,
        *,
        clock: Clock,
        roster: Roster,
        ledger: Ledger,
        vault: Vault,
        endpoint: TokenEndpoint,
        locks: ConnectionLocks,
        politeness: Politeness,
        chance: Callable[[], float],
    ) -> None:
        """Take what it asks, and `chance`: 0 to 1, drawn for the back-off's jitter."""
        self._clock = clock
        self._roster = roster
        self._ledger = ledger
        self._vault = vault
        self._endpoint = endpoint
        self._locks = locks
        self._politeness = politeness
        self._memory = Recollection(clock=clock, roster=roster, ledger=ledger, politeness=politeness, chance=chance)
        self._waiting = Waiting()
        self._for_use: Counter[str] = Counter()
        self._issuing: set[str] = set()

    def is_asking_for_use(self, connection_id: str) -> bool:
        """Tell whether a token for one use is being asked for."""
        return self._for_use[connection_id] > 0

    def holds_unsaved(self, record: ConnectionRecord) -> bool:
        """Tell whether a token waits in memory for a disk that takes it, and no edit has overtaken it."""
        return self._waiting.is_wanted(record)

    async def save_unsaved(self) -> None:
        """Try once more to save what no disk took: the last time before the process ends."""
        for connection_id, unsaved in self._waiting.all():
            if connection_id in self._issuing:
                continue  # whoever is late there saves it first, and needs its lock
            with suppress(VaultUnavailable, NoSuchConnection):
                await self._save_leftover(connection_id, unsaved.lock)
                unsaved.let_go()

    def forget(self, connection_id: str) -> None:
        """Let go of what is held of a connection that is gone for good."""
        self._for_use.pop(connection_id, None)
        self._waiting.forget(connection_id)

    def check_pause(self, record: ConnectionRecord) -> None:
        """Raise `ProviderBusy` while a pause runs that the provider asked for."""
        self._memory.check_pause(record)

    async def issue(self, connection_id: str, need: Need) -> Issue:
        """
        Give a token that meets `need`, asking for one unless another process has fetched it meanwhile.

        The lock is held from the second look at the store until the new token is durable, however long that takes:
        whoever had it meanwhile would spend the same refresh token again.

        Raises:
            HeldByAnother: the lock was not to be had.
            ActionNeeded, PassingTrouble: what the request came to, remembered in the ledger; or what was remembered.
            VaultUnavailable: secrets cannot be read; or the token could not be saved: it is kept in memory and saved
                later.

        """
        origins = self._roster.record(connection_id).connection.confirmed_origins
        line = self._politeness.in_line(origins[0] if origins else "")
        while True:
            async with line:
                lock = self._waiting.claim(connection_id) or self._locks.claim(connection_id)
                if lock is not None:
                    return await self._issue_alone(connection_id, need, lock)
            async with self._locks.hold(connection_id, LOCK_PATIENCE):
                pass  # whoever has it is waited for out of the line: others stand in it

    async def _issue_alone(self, connection_id: str, need: Need, lock: Claim) -> Issue:
        self._issuing.add(connection_id)
        try:
            while True:
                with suppress(_Overtaken):
                    return await self._issue(connection_id, need, lock)
        finally:
            self._issuing.discard(connection_id)
            if connection_id not in self._waiting:
                lock.release()

    async def issue_for_use(self, connection_id: str, *, by_person: bool) -> Issue:
        """Give a token for one use: asked for anew, shared with nobody, kept nowhere. Raises as `issue` does."""
        while True:
            with suppress(_Overtaken):
                return await self._issue_for_use(connection_id, by_person=by_person)

    async def _issue(self, connection_id: str, need: Need, lock: Claim) -> Issue:
        await self._save_leftover(connection_id, lock)
        pen = self._vault.pen()
        held = await self._look(connection_id)
        record, kept = held.record, held.tokens
        if isinstance(kept, VaultDamaged):
            await self._memory.withhold(record, kept, version=None)
            raise kept
        if kept is not None:
            if need.is_met_by(kept, self._clock.now()):
                return Issue(kept)
            record = replace(record, serial=kept.facts.serial)  # what is refreshed is what was read
        self._memory.check_allowed(
            record, by_person=need.by_person, has_grant=kept is not None and kept.refresh_token is not None
        )
        asked = await self._refresh_or_mint(record, held.credentials, kept, by_person=need.by_person)
        saved = await self.save(connection_id, asked.tokens, record.serial, pen=pen, lock=lock)
        if saved is None:
            await self._memory.end(connection_id)
            raise _Overtaken
        return replace(asked, tokens=saved)

    async def _issue_for_use(self, connection_id: str, *, by_person: bool) -> Issue:
        held = await self._look(connection_id)
        record = held.record
        self._memory.check_allowed(record, by_person=by_person, has_grant=False)
        self._for_use[connection_id] += 1
        try:
            issue = await self._ask(record, held.credentials, None)
        finally:
            self._for_use[connection_id] -= 1
        await self._ledger.end_refresh(connection_id)
        if record.trouble is not None:
            await self._ledger.note_trouble(connection_id, None)
        self._politeness.forgive(connection_id)
        self._roster.amend(connection_id, lambda known: replace(known, trouble=None, cut_off_at=None))
        return issue

    async def try_out(self, connection: Connection, secrets: Mapping[str, Secret]) -> Issue:
        """Ask for a token with settings that are not saved; save and remember nothing. Raises as `issue` does."""
        provider = self._roster.provider(connection)
        grant = provider.grant(connection.grant)
        if grant.needs_person:
            raise SignInNeeded
        request = mint_request(provider, connection, secrets)
        check_origin(connection, request)
        async with self._politeness.pass_gate(request.origin, provider.rate):
            answer = await self._endpoint.send(request)
        self._politeness.heed(request.origin, answer, provider.rate)
        tokens = read_token_answer(answer, grant, provider.id, rate=provider.rate, secrets=secrets.values())
        return Issue(tokens, request.url, answer.status, answer.latency / timedelta(milliseconds=1))

    async def _look(self, connection_id: str) -> Holding:
        """Read all that is kept of a connection, with what no disk took of it. Raises `NoSuchConnection`."""
        try:
            held = await self._vault.holding(connection_id)
        except NoSuchConnection:
            self._roster.drop(connection_id)
            raise
        return replace(held, record=self._roster.keep(held.record))

    async def _refresh_or_mint(
        self,
        record: ConnectionRecord,
        credentials: Credentials | VaultDamaged,
        kept: TokenSet | None,
        *,
        by_person: bool,
    ) -> Issue:
        grant = self._roster.grant(record.connection)
        refresh_token = kept.refresh_token if kept is not None and grant.refresh is not None else None
        try:
            return await self._ask(record, credentials, refresh_token, counts=not by_person)
        except ConfigurationRefused as error:
            if not _is_dead_refresh(error, refresh_token):
                raise
        now = await self._look(record.connection.id)
        if now.record.connection != record.connection:
            raise _Overtaken  # what was issued to one account must not be sent to another's provider
        return await self._ask(record, now.credentials, None, counts=not by_person)

    async def _ask(
        self,
        record: ConnectionRecord,
        credentials: Credentials | VaultDamaged,
        refresh_token: Secret | None,
        *,
        counts: bool = False,
    ) -> Issue:
        """Send the request, if it may go out; `counts` against what the program may ask for by itself."""
        if isinstance(credentials, VaultDamaged):
            await self._memory.withhold(record, credentials, version=None)
            raise credentials
        connection, secrets = credentials.connection, credentials.secrets
        try:
            provider, grant = self._roster.provider(connection), self._roster.grant(connection)
            request = mint_request(provider, connection, secrets, refresh_token=refresh_token)
            check_origin(connection, request)
        except (OriginNotConfirmed, FieldError, BadUrl) as error:
            await self._memory.withhold(record, error, version=credentials.version)
            raise
        if counts:
            self._politeness.count_mint(connection.id)
        async with self._politeness.pass_gate(request.origin, provider.rate):
            self._memory.check_pause(self._roster.record(connection.id))  # others may have met it while this one waited
            if refresh_token is not None:  # a mint that nobody sees the end of has spent nothing
                await self._ledger.begin_refresh(connection.id, self._clock.now().wall)
            try:
                answer = await self._endpoint.send(request)
                if provider.rate is not None:  # else the trouble that is remembered holds this connection alone
                    self._politeness.heed(request.origin, answer, provider.rate)
                self.compare_clocks(connection.id, answer)
                tokens = read_token_answer(
                    answer,
                    grant,
                    provider.id,
                    kept_refresh_token=refresh_token,
                    rate=provider.rate,
                    secrets=[*secrets.values(), *([refresh_token] if refresh_token else [])],
                )
            except (
                GrantDead,
                ConfigurationRefused,
                UnusableToken,
                Unreachable,
                ProviderBusy,
                UnreadableAnswer,
            ) as error:
                if _is_dead_refresh(error, refresh_token):
                    await self._memory.end(connection.id)  # a mint follows; only its end is worth remembering
                else:
                    spent = refresh_token is not None
                    await self._memory.remember(record, error, version=credentials.version, spent=spent)
                raise
            except (FieldError, BadUrl) as error:
                if record.cut_off_at is None or refresh_token is None:  # else an earlier one is still to be settled
                    await self._memory.end(connection.id)
                await self._memory.withhold(record, error, version=credentials.version)
                raise
        return Issue(tokens, request.url, answer.status, answer.latency / timedelta(milliseconds=1))

    async def save(
        self,
        connection_id: str,
        tokens: TokenSet,
        serial: int,
        *,
        pen: TokenPen | None = None,
        lock: Claim | None = None,
    ) -> TokenSet | None:
        """
        Save what a request brought, and clear what forbade to ask.

        Args:
            connection_id: whose.
            tokens: what it brought.
            serial: of the issue in whose place they are to come.
            pen: taken before the request was sent; None where the vault must be open.
            lock: what is to be held for as long as they are in memory only.

        Gives None, and saves nothing, where an edit has forgotten that issue or brought another meanwhile. Raises
        `VaultUnavailable` where nothing can be saved: the tokens are kept in memory then, and saved later.
        """
        try:
            saved = await (pen or self._vault).renew_tokens(connection_id, tokens, serial)
        except VaultUnavailable:
            self._waiting.keep(connection_id, Unsaved(tokens, serial, lock))
            self._roster.announce(RecordChanged(connection_id))  # it is due: the disk may take it by now
            raise
        self._waiting.drop(connection_id)
        if saved is None:
            return None
        self._politeness.forgive(connection_id)
        # One after another as it should be: these would soon have driven all that matters out of a log of bounded size.
        level = logging.INFO if self._is_in_trouble(connection_id) else logging.DEBUG
        log.log(level, "%s has a new token", connection_id)
        facts = saved.facts
        self._roster.amend(
            connection_id,
            lambda known: replace(
                known,
                token=facts,
                trouble=None,
                cut_off_at=None,
                serial=facts.serial,
                has_refresh_token_only=False,
            ),
        )
        return saved

    def _is_in_trouble(self, connection_id: str) -> bool:
        return self._roster.knows(connection_id) and self._roster.record(connection_id).trouble is not None

    async def _save_leftover(self, connection_id: str, lock: Claim | None) -> None:
        unsaved = self._waiting.of(connection_id)
        if unsaved is not None:
            await self.save(connection_id, unsaved.tokens, unsaved.serial, lock=lock)

    def compare_clocks(self, connection_id: str, answer: Answer) -> None:
        offset = clock_offset(answer)
        if offset is not None and abs(offset) > CLOCK_TOLERANCE:
            self._roster.announce(ClockWarning(connection_id, offset.total_seconds()))


def _is_dead_refresh(error: Lasting | Passing, refresh_token: Secret | None) -> bool:
    """Tell whether only the refresh token was refused, and no person is needed to do without it."""
    return refresh_token is not None and isinstance(error, ConfigurationRefused) and error.code == "invalid_grant"


def check_origin(connection: Connection, request: Request) -> None:
    if request.origin not in connection.confirmed_origins:
        raise OriginNotConfirmed(request.origin)
