"""What the servers, and the machine, know of one connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.machine.kinds import Kind
    from tokendeck.core.moment import Moment

RIGHT_SECRET, WRONG_SECRET = "right", "wrong"
RETRY_AFTER_S = 120
HOUR_S, MINUTE_S = 3600.0, 60.0


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

    @property
    def lifetime_s(self) -> int | None:
        lifetimes = {Mood.SHORT: 60, Mood.FLEETING: 1, Mood.DEAD_ON_ARRIVAL: 0, Mood.ENDLESS: None}
        return lifetimes.get(self, 3600)

    @property
    def is_reached(self) -> bool:
        """Whether a request gets to whoever issues tokens."""
        return self not in {Mood.BUSY, Mood.DOWN, Mood.WEB_PAGE, Mood.NO_CONNECTION, Mood.CRASH}

    @property
    def is_well(self) -> bool:
        """Whether all that asks gets a token to live on."""
        return self in {Mood.GOOD, Mood.SHORT, Mood.KEEPS_REFRESH_TOKEN}


class By(Enum):
    """At whose wish a request goes out."""

    PERSON = "a person"
    SOMEBODY = "somebody's copy"
    BACKGROUND = "the background"


@dataclass(frozen=True)
class Issued:
    """One issue of a token."""

    number: int
    text: str
    client_id: str
    asked_at: Moment
    lifetime_s: int | None
    before: Issued | None = None
    """The issue of the same text before this one: whoever asked again may not have lived to save the answer."""

    def age_s(self, now: Moment) -> float:
        """Give its age by the clock that says more."""
        by_wall = (now.wall - self.asked_at.wall).total_seconds()
        same_boot = now.boot == self.asked_at.boot
        return max(by_wall, now.elapsed_s - self.asked_at.elapsed_s if same_boot else 0.0, 0.0)

    def left_s(self, now: Moment) -> float | None:
        """Give how long it is good for by the clock that says less; None where its end is not known."""
        return None if self.lifetime_s is None else self.lifetime_s - self.age_s(now)

    def is_dead(self, now: Moment) -> bool:
        """Tell whether either clock says so, of whichever of its issues was saved."""
        left_s = self.left_s(now)
        return left_s is not None and left_s <= 0 and (self.before is None or self.before.is_dead(now))


@dataclass(frozen=True)
class Typed:
    """What a person typed of a connection."""

    name: str
    client_id: str
    secret: str


@dataclass
class Arrival:
    """One request as it reached the server."""

    process: str
    connection_id: str
    call: bool
    """Whether it is a test call, not a request for a token."""

    by: By
    at_s: float
    """True time."""

    outcome: str = "under way"

    @property
    def is_by_itself(self) -> bool:
        """Whether the program asks, and no person does."""
        return self.by is not By.PERSON

    def __str__(self) -> str:
        what = "a test call" if self.call else "a token"
        return f"{self.at_s:10.1f} s  {self.process} wants {what} for {self.by.value}: {self.outcome}"


@dataclass
class Account:
    """One connection."""

    connection_id: str
    kind: Kind
    typed: Typed
    """As last acknowledged."""

    typing: Typed | None = None
    """What is being saved in its place; None while nothing is."""

    mood: Mood = Mood.GOOD
    call_status: int | None = None
    """What every test call is answered with; None: whatever its token deserves."""

    last_token: str = ""
    bad_tokens: set[str] = field(default_factory=set)
    """Those that a test call was told are worthless."""

    delivered: dict[str, Issued] = field(default_factory=dict)
    """The newest issue that each process was given and has to keep."""

    refused: bool = False
    """Whether somebody who lives to remember it was told that what the connection sends is refused."""

    may_be_stopped: bool = False
    """Whether there was such a refusal since the store was last seen to wait for nobody."""

    hold_until_s: float = 0.0
    """Until when whoever lives to remember it was asked to leave the server alone; true time."""

    hold_since_s: float = 0.0
    """When it was asked; what leaves at that very moment cannot know."""

    edits_s: list[float] = field(default_factory=list)
    """When a person changed it; each is a reason to ask at once."""

    added: bool = False
    """Whether the store was seen to have it."""

    paused_since_s: float | None = None
    """Since when it has been paused; None where it is not."""

    deleted: bool = False
    """Whether a person deleted it and did not undo that."""

    arrivals: list[Arrival] = field(default_factory=list)

    def story(self) -> str:
        """Tell the last of what reached the server."""
        return "\n".join(["What reached the server:", *map(str, self.arrivals[-12:])])
