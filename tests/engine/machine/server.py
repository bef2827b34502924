"""The other side: the sandbox's issuer behind servers of many moods, which judge what reaches them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

from tests.engine.machine.account import RETRY_AFTER_S, RIGHT_SECRET, Arrival, By, Issued, Mood
from tests.engine.machine.promised import promised
from tests.manual_clock import START
from tokendeck.core.answers import Answer
from tokendeck.core.errors import NetworkStep, Unreachable
from tokendeck.core.secret import Text
from tokendeck.sandbox.families import Families
from tokendeck.sandbox.issuer import Issuer, OpaqueForm, Standing, Terms

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.engine.machine.account import Account
    from tests.engine.machine.auditor import Auditor
    from tests.engine.machine.clock import WorldClock
    from tests.engine.machine.stepped import SteppedLoop
    from tokendeck.core.moment import Moment
    from tokendeck.core.request import Request
    from tokendeck.sandbox.families import Family

ID_DIGITS = 32
"""A client id begins with its connection's id."""


@dataclass(eq=False)
class OnTheWire:
    """A request whose answer has not left yet."""

    arrival: Arrival
    asked_at: Moment
    client_id: str
    secret: str
    version: int
    """Of the credentials that it was made of."""

    refresh_token: str | None
    newest_refresh_token: str | None
    """What the store had when this was sent."""

    access_token: str
    released: asyncio.Future[None]


class Caller(Protocol):
    """Whoever sends a request."""

    name: str

    def is_dead(self) -> bool: ...

    def at_whose_wish(self, connection_id: str) -> By: ...


class Servers:
    """Answers for every account by its mood."""

    def __init__(
        self,
        clock: WorldClock,
        loop: SteppedLoop,
        *,
        judge: Callable[[Arrival], None],
        auditor: Callable[[], Auditor],
    ) -> None:
        """
        Set up without accounts.

        Args:
            clock: its true time is the servers' own.
            loop: answers leave by it.
            judge: told of each arrival, before it is answered.
            auditor: knows what the store has; there is one as soon as anything arrives.

        """
        self._clock = clock
        self._loop = loop
        self._judge = judge
        self._auditor = auditor
        self._issuer = Issuer(OpaqueForm(), self._now)
        self._families: Families[None] = Families(self._issuer, self._now)
        self._family_of: dict[str, tuple[str, Family]] = {}
        """Client id and family, by refresh token."""

        self._numbers = count(1)
        self.accounts: dict[str, Account] = {}
        self.issues: dict[str, Issued] = {}
        self.holding = False
        self.on_the_wire: list[OnTheWire] = []

    def sign_in(self, client_id: str) -> tuple[Issued, str]:
        """Give what a person's sign-in brings: a new family."""
        family = self._families.start()
        self._family_of[family.refresh_token] = client_id, family
        issue = self._issue(client_id, 3600, self._clock.now(), family)
        return issue, family.refresh_token

    def count_anew(self, access_token: str) -> None:
        """Count a token as the newest: a person has put it in the place of whatever came meanwhile."""
        self.issues[access_token] = replace(self.issues[access_token], number=next(self._numbers))

    def revoke_tokens(self) -> None:
        """Make every access token worthless; refresh tokens stay."""
        self._issuer.revoke_all()

    def works(self, refresh_token: str) -> bool:
        """Tell whether a refresh token is the one of its family that is not spent."""
        return self._family_of[refresh_token][1].refresh_token == refresh_token

    async def receive(self, request: Request, caller: Caller, *, call: bool, version: int) -> Answer:
        """
        Answer once it is let go. Raises `Unreachable`, and what nobody thought of.

        `version` is of the credentials that the request was made of.
        """
        wire = self._wire(request, caller, call=call, version=version)
        account = self.accounts[wire.arrival.connection_id]
        account.arrivals.append(wire.arrival)
        self.on_the_wire.append(wire)
        with self._loop.complaining():
            self._judge(wire.arrival)
        if not self.holding:
            self._loop.call_soon(self.release, wire)
        try:
            await wire.released
        except asyncio.CancelledError:
            if not caller.is_dead():
                with self._loop.complaining():
                    self.a_request_for_a_token_outlives_whoever_waits(wire, account)
                self._carry_out(wire)
            raise
        self.on_the_wire.remove(wire)
        return self._call_answer(wire) if call else self._token_answer(wire)

    def release(self, wire: OnTheWire) -> None:
        """Let an answer go."""
        if not wire.released.done():
            wire.released.set_result(None)

    def release_all(self) -> None:
        """Hold nothing back any more."""
        self.holding = False
        for wire in tuple(self.on_the_wire):
            self.release(wire)

    def outlive(self, process: str, *, work_is_done: bool) -> None:
        """Carry out, or not, what a process had sent before it died; nobody hears of the answer."""
        for wire in [one for one in self.on_the_wire if one.arrival.process == process]:
            if work_is_done:
                self._carry_out(wire)
            else:
                self.on_the_wire.remove(wire)

    def _carry_out(self, wire: OnTheWire) -> None:
        """Do what was asked although nobody is left to hear of it."""
        self.on_the_wire.remove(wire)
        wire.arrival.outcome = "nobody left to hear"
        mood = self.accounts[wire.arrival.connection_id].mood
        if not wire.arrival.call and mood.is_reached and self._refusal(wire) is None:
            self._grant(wire, 3600, rotate=True, same=False)

    def _now(self) -> datetime:
        return START + timedelta(seconds=self._clock.true_s)

    def _wire(self, request: Request, caller: Caller, *, call: bool, version: int) -> OnTheWire:
        access_token = client_id = ""
        if call:
            access_token = request.headers["Authorization"].reveal().removeprefix("Bearer ")
            client_id = self.issues[access_token].client_id
        else:
            client_id = _text(request.parameters["client_id"])
        connection_id, refresh_token = client_id[:ID_DIGITS], request.parameters.get("refresh_token")
        return OnTheWire(
            Arrival(
                caller.name,
                connection_id,
                call,
                By.PERSON if call else caller.at_whose_wish(connection_id),
                self._clock.true_s,
            ),
            self._clock.now(),
            client_id,
            _text(request.parameters.get("client_secret", "")),
            version,
            None if refresh_token is None else _text(refresh_token),
            self._auditor().kept_refresh_token(connection_id),
            access_token,
            self._loop.create_future(),
        )

    def _call_answer(self, wire: OnTheWire) -> Answer:
        account = self.accounts[wire.arrival.connection_id]
        alive = self._issuer.standing(wire.access_token) is Standing.LIVE
        status = account.call_status or (200 if alive else 401)
        wire.arrival.outcome = str(status)
        if status == 401:
            account.bad_tokens.add(wire.access_token)
        return _answer(status, {"fine": status == 200}, wire.asked_at)

    def _token_answer(self, wire: OnTheWire) -> Answer:
        arrival, account = wire.arrival, self.accounts[wire.arrival.connection_id]
        match account.mood:
            case Mood.CRASH:
                arrival.outcome = "crash"
                raise ZeroDivisionError
            case Mood.NO_CONNECTION:
                arrival.outcome = "passing"
                raise Unreachable("example.test", NetworkStep.CONNECT)
            case Mood.BUSY | Mood.DOWN | Mood.WEB_PAGE:
                arrival.outcome = "passing"
                return self._passing(account, wire)
            case _:
                return self._worked_out(account, wire)

    def _worked_out(self, account: Account, wire: OnTheWire) -> Answer:
        arrival, mood = wire.arrival, account.mood
        refusal = self._refusal(wire)
        if refusal is not None:
            return self._refused(wire, refusal)
        issue, body = self._grant(
            wire, mood.lifetime_s, rotate=mood is not Mood.KEEPS_REFRESH_TOKEN, same=mood is Mood.SAME
        )
        arrival.outcome = "passing"
        if mood is Mood.TIMEOUT:
            raise Unreachable("example.test", NetworkStep.ANSWER, timed_out=True)
        if mood is Mood.TRUNCATED:
            return _answer(200, body, wire.asked_at, cut_off=True)
        arrival.outcome = "good"
        if self._auditor().is_still_sent(wire):  # else an edit has overtaken it, and it is no use any more
            account.delivered[arrival.process] = issue
            account.refused, account.hold_until_s = False, 0.0
        return _answer(200, body, wire.asked_at)

    def _passing(self, account: Account, wire: OnTheWire) -> Answer:
        match account.mood:
            case Mood.BUSY:
                account.hold_since_s = self._clock.true_s
                account.hold_until_s = self._clock.true_s + RETRY_AFTER_S
                return _answer(429, {}, wire.asked_at, headers={"retry-after": str(RETRY_AFTER_S)})
            case Mood.DOWN:
                return _answer(503, {"error": "temporarily_unavailable"}, wire.asked_at)
            case _:
                page = {"content-type": "text/html"}
                return _answer(200, "<html>Welcome to the airport", wire.asked_at, headers=page)

    def _refusal(self, wire: OnTheWire) -> str | None:
        mood = self.accounts[wire.arrival.connection_id].mood
        if mood is Mood.INVALID_CLIENT or wire.secret != RIGHT_SECRET:
            return "invalid_client"
        if mood is Mood.INVALID_GRANT:
            return "invalid_grant"
        if wire.refresh_token is None:
            return None
        client_id, family = self._family_of[wire.refresh_token]
        with self._loop.complaining():
            self.a_refresh_token_is_its_own_accounts(wire, client_id)
        if family.refresh_token == wire.refresh_token:
            return None
        if family.refresh_token:
            with self._loop.complaining():
                self.no_refresh_token_is_spent_again_once_the_next_is_saved(wire, family)
            assert self._families.rotate(wire.refresh_token) is None  # which revokes the family
        return "invalid_grant"

    def _refused(self, wire: OnTheWire, code: str) -> Answer:
        arrival, account = wire.arrival, self.accounts[wire.arrival.connection_id]
        arrival.outcome = code
        mint_follows = code == "invalid_grant" and not account.kind.signed_in and wire.refresh_token is not None
        if not mint_follows and self._auditor().is_held_against(wire, code):
            account.refused = account.may_be_stopped = True
        return _answer(401 if code == "invalid_client" else 400, {"error": code}, wire.asked_at)

    def _grant(
        self, wire: OnTheWire, lifetime_s: int | None, *, rotate: bool, same: bool
    ) -> tuple[Issued, dict[str, object]]:
        account = self.accounts[wire.arrival.connection_id]
        body: dict[str, object] = {} if lifetime_s is None else {"expires_in": lifetime_s}
        family = None
        if account.kind.rotates:
            family = self._rotated(wire, rotate=rotate)
            if rotate or wire.refresh_token is None:
                body["refresh_token"] = family.refresh_token
        last = self.issues.get(account.last_token)
        text = last.text if last and same and last.client_id == wire.client_id else None
        issue = self._issue(wire.client_id, lifetime_s, wire.asked_at, family, text=text)
        return issue, body | {"access_token": issue.text}

    def _rotated(self, wire: OnTheWire, *, rotate: bool) -> Family:
        if wire.refresh_token is None:
            family: Family | None = self._families.start()
        elif rotate:
            family = self._families.rotate(wire.refresh_token)
        else:
            family = self._family_of[wire.refresh_token][1]
        assert family is not None, "it was looked at before"
        self._family_of[family.refresh_token] = wire.client_id, family
        return family

    def _issue(
        self,
        client_id: str,
        lifetime_s: int | None,
        asked_at: Moment,
        family: Family | None,
        *,
        text: str | None = None,
    ) -> Issued:
        text = self._issuer.mint(Terms(client_id, "", lifetime_s, family), text=text).text
        before = self.issues.get(text)
        issue = self.issues[text] = Issued(next(self._numbers), text, client_id, asked_at, lifetime_s, before)
        self.accounts[client_id[:ID_DIGITS]].last_token = text
        return issue

    @promised(7)
    def a_request_for_a_token_outlives_whoever_waits(self, wire: OnTheWire, account: Account) -> None:
        shared = not wire.arrival.call and not account.kind.on_use
        assert not shared, "a request for a token was given up with whoever waited for it"

    @promised(2, 7)
    def who_quits_waits_for_answers(self, process: str) -> None:
        for wire in self.on_the_wire:
            shared = not wire.arrival.call and not self.accounts[wire.arrival.connection_id].kind.on_use
            assert not shared or wire.arrival.process != process, "a process quit before its answer came"

    @promised(2)
    def a_refresh_token_is_its_own_accounts(self, wire: OnTheWire, client_id: str) -> None:
        assert client_id == wire.client_id, "a refresh token was sent as another account's"

    @promised(2, 6)
    def no_refresh_token_is_spent_again_once_the_next_is_saved(self, wire: OnTheWire, family: Family) -> None:
        newest = wire.newest_refresh_token
        is_of_family = newest is not None and self._family_of[newest][1] is family  # else of a sign-in since
        assert newest == wire.refresh_token or not is_of_family, (
            "a refresh token was spent twice although the next one had been saved"
        )


def _text(value: object) -> str:
    return value.reveal() if isinstance(value, Text) else str(value)


def _answer(
    status: int, body: object, asked_at: Moment, *, headers: dict[str, str] | None = None, cut_off: bool = False
) -> Answer:
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(
        status=status,
        headers={"content-type": "application/json"} | (headers or {}),
        body=text.encode(),
        asked_at=asked_at,
        latency=timedelta(milliseconds=120),
        cut_off=cut_off,
    )
