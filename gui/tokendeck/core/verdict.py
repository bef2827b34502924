"""What a test proved."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class VerdictKind(Enum):
    """The outcome of a test."""

    WORKS = "works"
    """The call answered 2xx."""

    MINTED = "minted"
    """A token was minted; the provider documents no safe call, so that is all it proves."""

    REFUSED = "refused"
    """A person must act: credentials, permission or settings."""

    TROUBLE = "trouble"
    """Passing trouble: try again later."""


class Step(Enum):
    """The step at which a test ended."""

    NAME_LOOKUP = "name_lookup"
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    TOKEN = "token"  # noqa: S105 - a step's name, not a secret
    AUTHENTICATION = "authentication"
    PERMISSION = "permission"
    RATE = "rate"
    ANSWER = "answer"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a test proved, and at which step it ended."""

    kind: VerdictKind
    step: Step
    call: str = ""
    """Id of the test call; empty when only a token was minted."""

    method: str = ""
    url: str = ""
    status: int | None = None
    latency_ms: float | None = None
    retried: bool = False
    """Whether a 401 led to a new token and one more try."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """The answer's, by lower-case name, secrets masked."""

    body: str = ""
    """Pretty-printed where it is JSON, secrets masked."""

    code: str = ""
    words: str = ""
    """The provider's own words, plain; may be empty."""

    meaning: str = ""
    """What the descriptor says that this status means; may be empty."""

    timings_ms: Mapping[str, float] = field(default_factory=dict)
    error: Exception | None = None
    """The leaf of `core.errors` behind the verdict; None where the provider's API itself answered."""
