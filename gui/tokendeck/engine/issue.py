"""What callers must have, and what an exchange for it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass
from tokendeck.core.renewal import is_good_for

if TYPE_CHECKING:
    from datetime import timedelta

    from tokendeck.core.moment import Moment
    from tokendeck.core.token import TokenSet


@dataclass(frozen=True, slots=True)
class Need:
    """What a caller must have."""

    newer_than: int
    """Only a token saved after this serial will do."""

    span: timedelta
    """How long it must be good for."""

    by_person: bool
    """Whether a person asked for a request; that overrides back-off, not what the provider asked for."""

    def is_met_by(self, kept: TokenSet, now: Moment) -> bool:
        """Tell whether a saved token will do."""
        is_newer = bool(kept.access_token) and kept.facts.serial > self.newer_than
        return is_newer and is_good_for(kept.facts, self.span, now)


@dataclass(frozen=True, slots=True)
class Issue:
    """What an exchange came to."""

    tokens: TokenSet
    url: str = ""
    status: int | None = None
    """HTTP status of the token endpoint; None where another process had fetched the token."""

    latency_ms: float | None = None
