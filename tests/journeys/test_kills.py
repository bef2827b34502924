"""SIGKILL at any moment of refreshing, against a provider that rotates refresh tokens and detects reuse."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.journeys.connections import CATALOG, CLOCK, payt, signed_in
from tests.journeys.deck import lose_connections
from tests.zygote import running_zygote
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places
from tokendeck.core.errors import GrantDead
from tokendeck.core.status import Live, SignIn
from tokendeck.core.vault import VaultOpen
from tokendeck.sandbox import Hold, Sandbox
from tokendeck.sandbox.issuer import Standing
from tokendeck.storage.guards import MemoryGuard

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from tests.zygote import Child
    from tokendeck.app.parts import Parts
    from tokendeck.engine.engine import RefreshEngine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes fork on POSIX")

KILLS = 200
KEY = bytes(range(32))
NAMES = ("One", "Two")
LONGEST_START_S = 0.04
"""From the fork to beyond the first refresh."""

LONGEST_STEP_S = 0.012
"""Somewhat longer than two refreshes at once take."""


@dataclass(frozen=True)
class Blow:
    """When a process is killed: some time after so many requests arrived, or tokens were announced, or it was held."""

    after: str
    count: int
    delay_s: float

    @classmethod
    def draw(cls, chance: random.Random) -> Blow:
        after = chance.choice(("start", "requests", "requests", "tokens", "tokens", "held", "answered"))
        longest_s = {"start": LONGEST_START_S, "held": 0.0, "answered": 0.0}.get(after, LONGEST_STEP_S)
        return cls(after, chance.randrange(1, 7), chance.uniform(0, longest_s))


class Deck:
    """A home with connections to the sandbox's Payt for which a person has signed in."""

    def __init__(self, home: Path, sandbox: Sandbox) -> None:
        self.places = find_places(home)
        self.sandbox = sandbox

    def program(self) -> AbstractAsyncContextManager[Parts]:
        return running_parts(self.places, catalog=CATALOG, clock=CLOCK, guard=MemoryGuard(KEY))

    async def furnish(self) -> dict[str, Announced]:
        """Add the connections, and give what is announced of each."""
        announced = {}
        async with self.program() as parts:
            await parts.engine.unlock()
            for name in NAMES:
                (connection, secrets), first = payt(self.sandbox, name), signed_in(self.sandbox)
                await parts.engine.add(connection, secrets, first)
                announced[connection.id] = Announced(1, first.access_token.reveal())
        return announced

    def standing_of(self, token: str) -> Standing:
        return self.sandbox._dialects["payt"].issuer.standing(token)

    @property
    def requests(self) -> int:
        return self.sandbox.count("payt", "token")

    async def strike(self, child: Child, blow: Blow) -> None:
        """Kill `child`; afterwards no request of its can still arrive."""
        before = self.requests
        match blow.after:
            case "requests":
                await self.sandbox.wait_for_requests(before + blow.count, "payt", "token")
            case "tokens":
                while len(child.said) < blow.count:
                    await child.read()
            case "held" | "answered":
                hold = Hold(processed=blow.after == "answered")
                self.sandbox.inject("payt", "token", hold, times=1)
                await self.sandbox.wait_for_requests(before + 1, "payt", "token")
            case _:
                assert blow.after == "start"
        await asyncio.sleep(blow.delay_s)  # a moment that no event marks is what the test is about
        await child.kill()
        await lose_connections(self.sandbox)


@dataclass(frozen=True)
class Announced:
    """The newest token of a connection that the parent has seen announced."""

    serial: int
    token: str


def heard(said: list[str]) -> dict[str, Announced]:
    words = (line.split() for line in said)
    return {connection_id: Announced(int(serial), token) for connection_id, serial, token in words}


async def examine(deck: Deck, engine: RefreshEngine, connection_id: str, announced: Announced) -> tuple[str, Announced]:
    """Check a connection after its process was killed, and make one more try; give what had become of its family."""
    record, kept, before = engine.record(connection_id), await engine.kept_token(connection_id), deck.requests
    assert kept is not None
    token, serial = kept.access_token.reveal(), kept.facts.serial
    assert serial >= announced.serial
    assert token == announced.token or serial > announced.serial
    assert isinstance(engine.status(connection_id), Live)
    assert deck.standing_of(token) is Standing.LIVE
    assert (await engine.token(connection_id)).access_token == kept.access_token
    assert deck.requests == before

    try:
        fresh, outcome = await engine.refresh(connection_id), "alive"
    except GrantDead:
        assert record.cut_off_at is not None, "a family died, and nobody had said that a refresh was cut off"
        assert isinstance(engine.status(connection_id), SignIn)
        await engine.edit(record.connection, {}, signed_in(deck.sandbox))  # as signing in again does
        fresh, outcome = await engine.token(connection_id), "dead"
    assert deck.requests == before + 1
    assert fresh.facts.serial == serial + 1
    assert engine.record(connection_id).cut_off_at is None
    said = "whole" if record.cut_off_at is None else "cut off"
    return f"{said}, {outcome}", Announced(fresh.facts.serial, fresh.access_token.reveal())


@pytest.fixture
def no_certificates(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's certificates take 30 ms to load, and none is needed here."""
    file = home / "no-certificates.pem"
    file.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@pytest.mark.promise(2)
@pytest.mark.promise(36)
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("no_certificates")
async def test_200_kills_lose_no_announced_token_and_no_family_dies_in_silence(home: Path) -> None:
    chance = random.Random(36)  # noqa: S311 - no secret depends on it
    outcomes: Counter[str] = Counter()

    async with Sandbox() as sandbox, running_zygote("tests.journeys.refresher") as zygote:
        deck = Deck(home / "deck", sandbox)
        announced = await deck.furnish()
        for _ in range(KILLS):
            child = await zygote.fork({"home": str(home / "deck"), "key": KEY.hex()})
            blow = Blow.draw(chance)
            await deck.strike(child, blow)
            assert child.code == -signal.SIGKILL
            announced |= heard(child.said)
            async with deck.program() as parts:
                assert isinstance(await parts.engine.unlock(), VaultOpen)
                assert announced.keys() == {one.connection.id for one in parts.engine.records()}
                for connection_id, newest in announced.items():
                    assert not parts.storage.locks.is_held(connection_id)
                    outcome, announced[connection_id] = await examine(deck, parts.engine, connection_id, newest)
                    outcomes[outcome] += 1

    # All three are met, or the blows have missed what they are aimed at.
    assert outcomes.keys() == {"whole, alive", "cut off, alive", "cut off, dead"}
