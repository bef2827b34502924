"""What an error comes to in words, before it is joined: a status line leaves out what it says better itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Voice(Enum):
    """Whose words are quoted."""

    PROVIDER = "provider"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, what to do, and what was said."""

    happened: str
    """One or more whole sentences."""

    advice: str = ""
    """Whole sentences; empty where nothing can be advised."""

    quoted: str = ""
    """The other side's own words, plain; may be empty."""

    voice: Voice = Voice.PROVIDER
