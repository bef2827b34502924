"""The other side: token servers with a memory, which judge what reaches them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import count
from typing import TYPE_CHECKING

from tokendeck.core.answers import Answer
from tokendeck.core.errors import NetworkStep, Unreachable
from tokendeck.core.secret import Text

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tests.engine.machine.kinds import Kind
    from tests.engine.machine.stepped import SteppedLoop
    from tests.manual_clock import ManualClock
    from tokendeck.core.moment import Moment
    from tokendeck.core.request import Request

RIGHT_SECRET = "right"


class Mood(Enum):
    """How a server answers requests for tokens."""

    GOOD = "an hour"
    SHORT = "a minute"
    FLEETING = "a second"
    DEAD_ON_ARRIVAL = "no time at all"
    ENDLESS = "no stated lifetime"
    SAME = "the same token as before"
    KEEPS_REFRESH_TOKEN = "no new refresh token"
    INVALID_CLIENT = "401 invalid_client"
    INVALID_GRANT = "400 invalid_grant"
    BUSY = "429 with Retry-After"
    DOWN = "503"
    WEB_PAGE = "a captive portal"
    NO_CONNECTION = "connection refused"
    TIMEOUT = "timeout after the work was done"
    TRUNCATED = "half an answer"
    CRASH = "an exception that nobody thought of"


LIFETIMES = {Mood.SHORT: 60, Mood.FLEETING: 1, Mood.DEAD_ON_ARRIVAL: 0, Mood.ENDLESS: None}
LASTING = {"invalid_client", "invalid_grant"}
RETRY_AFTER_S = 120


@dataclass(frozen=True)
class Issued:
    """One issue of a token."""

    number: int
    token: str
    asked_at: Moment
    lifetime_s: float | None

    def is_dead(self, now: Moment) -> bool:
        """Tell whether either clock says so."""
        if self.lifetime_s is None:
            return False
        by_wall = (now.wall - self.asked_at.wall).total_seconds()
        by_elapsed = now.elapsed_s - self.asked_at.elapsed_s if now.boot == self.asked_at.boot else 0.0
        return max(by_wall, by_elapsed) >= self.lifetime_s


@dataclass
class Arrival:
    """One request as it reached the server."""

    process: str
    connection_id: str
    call: bool
    """Whether it is a test call, not a request for a token."""

    automatic: bool
    at: Moment
    settings: int
    """How often the connection had been edited when it was sent."""

    outcome: str = "under way"

    def __str__(self) -> str:
        what = "a test call" if self.call else "the program" if self.automatic else "a person"
        return f"{self.at.elapsed_s:10.1f} s  {self.process}  for {what}: {self.outcome}"


@dataclass
class Account:
    """What the server, and the test, know of one connection."""

    kind: Kind
    mood: Mood = Mood.GOOD
    call_status: int = 200
    working: set[str] = field(default_factory=set)
    """Refresh tokens that work: one for each sign-in or mint at most."""

    spent: set[str] = field(default_factory=set)
    end_unseen: bool = False
    """An answer that spent a refresh token was not received whole by a process that lived on."""

    last_token: str = ""
    delivered: dict[str, Issued] = field(default_factory=dict)
    """The newest issue that came through, by process."""

    edits: int = 0
    refused_by: str | None = None
    """The process that was told that the settings, as they still are, are refused."""

    good_since_refusal: bool = False
    hold_until_s: float = 0.0
    added: bool = False
    """Whether the store was seen to have it."""

    deleted: bool = False
    """Whether a person deleted it and did not undo that."""

    found_bad: bool = False
    """Whether a test call ever found its token to be bad."""

    arrivals: list[Arrival] = field(default_factory=list)


@dataclass(eq=False)
class OnTheWire:
    """A request whose answer is held back."""

    arrival: Arrival
    request: Request
    released: asyncio.Future[None]


class Servers:
    """Answers for every account by its mood; what it works out, `judge` and the machine's invariants look at."""

    def __init__(
        self,
        clock: ManualClock,
        loop: SteppedLoop,
        *,
        judge: Callable[[Arrival], None],
        secret_of: Callable[[str], str],
    ) -> None:
        self._clock = clock
        self._loop = loop
        self._judge = judge
        self._secret_of = secret_of
        self._numbers = count(1)
        self.accounts: dict[str, Account] = {}
        self.issues: dict[str, Issued] = {}
        self.owners: dict[str, str] = {}
        """Connection id by access token."""

        self.holding = False
        self.on_the_wire: list[OnTheWire] = []

    def sign_in(self, connection_id: str) -> tuple[Issued, str]:
        """Give what a person's sign-in brings: a new family of refresh tokens."""
        account = self.accounts[connection_id]
        issue = self._issue(connection_id, 3600.0, self._clock.now())
        account.working.add(f"r{issue.number}")
        return issue, f"r{issue.number}"

    async def receive(self, request: Request, process: str, *, automatic: bool, call: bool) -> Answer:
        connection_id = self._connection_of(request, call=call)
        account = self.accounts[connection_id]
        arrival = Arrival(process, connection_id, call, automatic, self._clock.now(), account.edits)
        account.arrivals.append(arrival)
        wire = OnTheWire(arrival, request, self._loop.create_future())
        self.on_the_wire.append(wire)
        with self._loop.complaining():
            self._judge(arrival)
        if not self.holding:
            self._loop.call_soon(self.release, wire)
        try:
            await wire.released
        finally:
            if wire in self.on_the_wire:
                self.on_the_wire.remove(wire)
        return self._call_answer(account, arrival) if call else self._token_answer(account, wire)

    def calls(self, process: str, connection_id: str) -> list[str]:
        """Give what each test call of a connection, made by one process, came to."""
        arrivals = self.accounts[connection_id].arrivals
        return [one.outcome for one in arrivals if one.call and one.process == process]

    def release(self, wire: OnTheWire) -> None:
        """Let an answer go."""
        if not wire.released.done():
            wire.released.set_result(None)

    def outlive(self, process: str, *, work_is_done: bool) -> None:
        """Carry out, or not, what a process had sent before it died; nobody hears of the answer."""
        for wire in [one for one in self.on_the_wire if one.arrival.process == process]:
            self.on_the_wire.remove(wire)
            account = self.accounts[wire.arrival.connection_id]
            wire.arrival.outcome = "nobody left to hear"
            if not work_is_done or wire.arrival.call or not account.kind.rotates:
                continue
            if self._refusal(account, wire.request) is None:
                self._rotate(account, wire.request, self._issue(wire.arrival.connection_id, 3600.0, wire.arrival.at))
                account.end_unseen = True

    def _connection_of(self, request: Request, *, call: bool) -> str:
        if not call:
            return _text(request.parameters["client_id"])
        token = request.headers["Authorization"].reveal().removeprefix("Bearer ")
        return self.owners[token]

    def _call_answer(self, account: Account, arrival: Arrival) -> Answer:
        arrival.outcome = str(account.call_status)
        account.found_bad = account.found_bad or account.call_status == 401
        return _answer(account.call_status, {"fine": account.call_status == 200}, arrival.at)

    def _token_answer(self, account: Account, wire: OnTheWire) -> Answer:
        arrival, mood = wire.arrival, account.mood
        if mood is Mood.CRASH:
            arrival.outcome = "crash"
            raise ZeroDivisionError
        if mood is Mood.NO_CONNECTION:
            arrival.outcome = "passing"
            raise Unreachable("example.test", NetworkStep.CONNECT)
        if mood in {Mood.BUSY, Mood.DOWN, Mood.WEB_PAGE}:
            return self._passing(account, arrival)
        refusal = self._refusal(account, wire.request)
        if refusal is not None:
            return self._refused(account, wire, refusal)
        lifetime_s = LIFETIMES.get(mood, 3600)
        same = account.last_token if mood is Mood.SAME else ""
        issue = self._issue(arrival.connection_id, lifetime_s, arrival.at, same)
        keeps = mood is Mood.KEEPS_REFRESH_TOKEN and _refresh_token(wire.request) is not None
        body: dict[str, object] = {"access_token": issue.token}
        if lifetime_s is not None:
            body["expires_in"] = lifetime_s
        if account.kind.rotates and not keeps:
            body["refresh_token"] = self._rotate(account, wire.request, issue)
        if mood in {Mood.TIMEOUT, Mood.TRUNCATED}:
            arrival.outcome = "passing"
            account.end_unseen = account.end_unseen or account.kind.rotates
            if mood is Mood.TIMEOUT:
                raise Unreachable("example.test", NetworkStep.ANSWER, timed_out=True)
            return _answer(200, body, arrival.at, cut_off=True)
        arrival.outcome = "good"
        account.delivered[arrival.process] = issue
        account.good_since_refusal = True
        account.hold_until_s = 0.0
        return _answer(200, body, arrival.at)

    def _passing(self, account: Account, arrival: Arrival) -> Answer:
        arrival.outcome = "passing"
        match account.mood:
            case Mood.BUSY:
                if arrival.settings == account.edits:
                    account.hold_until_s = self._clock.elapsed_s + RETRY_AFTER_S
                return _answer(429, {}, arrival.at, headers={"retry-after": str(RETRY_AFTER_S)})
            case Mood.DOWN:
                return _answer(503, {"error": "temporarily_unavailable"}, arrival.at)
            case _:
                return _answer(200, "<html>Welcome to the airport", arrival.at, headers={"content-type": "text/html"})

    def _refusal(self, account: Account, request: Request) -> str | None:
        secret, refresh_token = _text(request.parameters["client_secret"]), _refresh_token(request)
        if account.mood is Mood.INVALID_CLIENT or secret != RIGHT_SECRET:
            return "invalid_client"
        if account.mood is Mood.INVALID_GRANT:
            return "invalid_grant"
        if refresh_token is None:
            return None
        if refresh_token in account.spent:
            account.working.clear()  # as who detects reuse does
            with self._loop.complaining():
                assert account.end_unseen, "a refresh token was spent twice"
        return None if refresh_token in account.working else "invalid_grant"

    def _refused(self, account: Account, wire: OnTheWire, code: str) -> Answer:
        arrival = wire.arrival
        arrival.outcome = code
        mint_follows = (
            code == "invalid_grant" and not account.kind.signed_in and _refresh_token(wire.request) is not None
        )
        if not mint_follows and _text(wire.request.parameters["client_secret"]) == self._secret_of(
            arrival.connection_id
        ):
            account.refused_by, account.good_since_refusal = arrival.process, False
        return _answer(401 if code == "invalid_client" else 400, {"error": code}, arrival.at)

    def _rotate(self, account: Account, request: Request, issue: Issued) -> str:
        """Give a new refresh token in place of the one that was sent."""
        spent, new = _refresh_token(request), f"r{issue.number}"
        if spent is not None:
            account.spent.add(spent)
            account.working.discard(spent)
        account.working.add(new)
        return new

    def _issue(self, connection_id: str, lifetime_s: float | None, asked_at: Moment, same: str = "") -> Issued:
        number = next(self._numbers)
        issue = Issued(number, same or f"t{number}", asked_at, lifetime_s)
        self.issues[issue.token] = issue
        self.owners[issue.token] = connection_id
        self.accounts[connection_id].last_token = issue.token
        return issue


def _text(value: object) -> str:
    return value.reveal() if isinstance(value, Text) else str(value)


def _refresh_token(request: Request) -> str | None:
    value = request.parameters.get("refresh_token")
    return None if value is None else _text(value)


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
