"""The other side of the engine's ports, under the test's hand."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import Answer
from tokendeck.core.errors import HeldByAnother, UnknownProvider
from tokendeck.core.provider import (
    AnswerShape,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Field,
    Grant,
    GrantKind,
    Hazard,
    Meaning,
    Provider,
    RateBudget,
    Renewal,
    RenewalPolicy,
    Source,
    TestCall,
)
from tokendeck.core.template import Template

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.manual_clock import ManualClock
    from tokendeck.core.connection import Connection
    from tokendeck.core.redirect import LoopbackRedirect
    from tokendeck.core.request import Request

BASE = "https://api.example.test"
ORIGIN = "https://api.example.test:443"


def exchange(**parameters: str) -> Exchange:
    return Exchange(
        url=Template.parse("{base_url}/token"),
        method="POST",
        body=BodyKind.FORM,
        client_auth=ClientAuth(ClientAuthMethod.NONE),
        parameters={key: Template.parse(value) for key, value in parameters.items()},
    )


def provider(
    *,
    policy: RenewalPolicy = RenewalPolicy.AHEAD,
    lead_s: float = 300,
    every: timedelta | None = None,
    kind: GrantKind = GrantKind.CLIENT_CREDENTIALS,
    refreshes: bool = False,
    never_expires: bool = False,
    calls: bool = True,
    unsafe: bool = False,
    rate: RateBudget | None = None,
    hazards: tuple[Hazard, ...] = (),
    meanings: tuple[Meaning, ...] = (),
    provider_id: str = "acme",
) -> Provider:
    """Give a provider that speaks RFC 6749 and nothing else."""
    return Provider(
        id=provider_id,
        name=provider_id.title(),
        monogram="Ac",
        color="#123456",
        source=Source("A page", date(2026, 11, 20)),
        environments=(Environment("production", "Production", production=True, base_urls={"base_url": BASE}),),
        fields=(
            Field("client_id", "Client id"),
            Field("client_secret", "Client secret", secret=True),
            Field("scope", "Scope", required=False),
        ),
        grants=(
            Grant(
                id="main",
                name="Main",
                kind=kind,
                mint=exchange(
                    grant_type="client_credentials",
                    client_id="{client_id}",
                    client_secret="{client_secret}",
                    scope="{scope}",
                ),
                refresh=exchange(grant_type="refresh_token", refresh_token="{refresh_token}") if refreshes else None,
                answer=AnswerShape(),
                renewal=Renewal(policy, timedelta(seconds=lead_s), every),
                never_expires=never_expires,
            ),
        ),
        test_calls=(
            TestCall("ping", "Ping", "POST" if unsafe else "GET", Template.parse("{base_url}/ping")),
            TestCall("elsewhere", "Elsewhere", "GET", Template.parse("https://other.example.test/ping")),
        )
        if calls
        else (),
        rate=rate,
        hazards=hazards,
        meanings=meanings,
    )


class OneProvider:
    """A catalog of the providers that it is given."""

    def __init__(self, *providers: Provider) -> None:
        self.by_id = {one.id: one for one in providers}

    def provider(self, provider_id: str) -> Provider:
        try:
            return self.by_id[provider_id]
        except KeyError:
            raise UnknownProvider(provider_id, tuple(self.by_id)) from None

    def provider_for(self, connection: Connection) -> Provider:
        return self.provider(connection.provider)

    def providers(self) -> tuple[Provider, ...]:
        return tuple(self.by_id.values())


Reply = "dict[str, object] | tuple[int, dict[str, object]] | tuple[int, dict[str, object], dict[str, str]] | Exception"


@dataclass
class ScriptedEndpoint:
    """Answers what it is told, in order, then distinct good tokens; can hold its answers back."""

    clock: ManualClock
    expires_in: object = 3600
    script: list[object] = field(default_factory=list)
    weather: Callable[[], object] | None = None
    """Where given, it makes up the answers once the script is through."""

    sent: list[Request] = field(default_factory=list)
    sent_s: list[float] = field(default_factory=list)
    """When each of `sent` was, by the elapsed clock."""

    may_be_redirected: list[Request] = field(default_factory=list)
    """Those of `sent` that may follow a redirect inside their origin."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event | None = None
    """Where given, no answer leaves before it is set."""

    held: str = ""
    """What the URL begins with of the requests whose answers the gate holds back."""

    in_flight: int = 0
    most_in_flight: int = 0
    before_answer: Callable[[Request], None] = lambda _: None
    refresh_token: str | None = None

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        self.sent.append(request)
        self.sent_s.append(self.clock.elapsed_s)
        self.may_be_redirected += [request] if follow_same_origin else []
        asked_at = self.clock.now()
        reply = self._next(follow_same_origin=follow_same_origin)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self.arrived.set()
        try:
            if self.gate is not None and request.url.startswith(self.held):
                await self.gate.wait()
            self.before_answer(request)
        finally:
            self.in_flight -= 1
        if isinstance(reply, Exception):
            raise reply
        status, body, *rest = reply if isinstance(reply, tuple) else (200, reply)
        headers: dict[str, str] = rest[0] if rest else {}
        return Answer(
            status=status,
            headers={"content-type": "application/json", **headers},
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            asked_at=asked_at,
            latency=timedelta(milliseconds=120),
            timings_ms={"connect": 10.0},
        )

    @property
    def mints(self) -> int:
        return sum(request.url.endswith("/token") for request in self.sent)

    def most_within(self, seconds: float) -> int:
        """Give how many requests there were, at most, in any span of so many seconds."""
        return max(
            sum(begin <= sent_s < begin + seconds for sent_s in self.sent_s[number:])
            for number, begin in enumerate(self.sent_s)
        )

    def _next(self, *, follow_same_origin: bool) -> object:
        if self.script:
            return self.script.pop(0)
        if self.weather is not None:
            return self.weather()
        return self._good(follow_same_origin=follow_same_origin)

    def _good(self, *, follow_same_origin: bool) -> dict[str, object]:
        if follow_same_origin:
            return {"fine": True}
        body: dict[str, object] = {"access_token": f"token-{len(self.sent)}", "expires_in": self.expires_in}
        if self.refresh_token is not None:
            body["refresh_token"] = f"{self.refresh_token}-{len(self.sent)}"
        return body


class InProcessClaim:
    """One lock that is held; it is free, so that taking it waits for nobody."""

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock: asyncio.Lock | None = lock
        with suppress(StopIteration):
            lock.acquire().send(None)

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()


class InProcessLocks:
    """Locks for one test; one can be kept as by another process."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.crash_for = ""
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def is_held(self, connection_id: str) -> bool:
        return connection_id in self.taken or self._locks[connection_id].locked()

    def claim(self, connection_id: str) -> InProcessClaim | None:
        if self.is_held(connection_id):
            return None
        if connection_id == self.crash_for:
            raise ZeroDivisionError
        return InProcessClaim(self._locks[connection_id])

    @asynccontextmanager
    async def hold(self, connection_id: str, patience: timedelta) -> AsyncIterator[None]:
        assert patience > timedelta(0)
        if connection_id in self.taken:
            raise HeldByAnother
        if connection_id == self.crash_for:
            raise ZeroDivisionError
        async with self._locks[connection_id]:
            yield


class ScriptedBrowser:
    """One browser that came back; keeps how it was told that things went."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.told: list[Exception | None] = []

    def answer(self, trouble: Exception | None, connection: Connection | None) -> None:
        del connection
        self.told.append(trouble)


class ScriptedListener:
    """Opens no port; the test brings browsers back by hand."""

    port = 49152

    def __init__(self) -> None:
        self.opened: list[LoopbackRedirect] = []
        self.is_open = False
        self._arrived: asyncio.Queue[ScriptedBrowser] = asyncio.Queue()

    async def open(self, redirect: LoopbackRedirect) -> ScriptedListener:
        assert not self.is_open, "one attempt at a time"
        self.opened.append(redirect)
        self.is_open = True
        return self

    async def next(self) -> ScriptedBrowser:
        return await self._arrived.get()

    async def close(self) -> None:
        self.is_open = False

    def come_back(self, query: str) -> ScriptedBrowser:
        """Let a browser come back from the provider."""
        browser = ScriptedBrowser(query)
        self._arrived.put_nowait(browser)
        return browser
