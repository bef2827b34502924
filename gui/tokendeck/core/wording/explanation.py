"""What an error comes to in words, before it is joined: a status line leaves out what it says better itself."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.answers import plain_words
from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


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


def system_says(translate: Callable[[str, str], str], words: str) -> str:
    """Give the system's own words as a sentence; empty where it said none."""
    plain = plain_words(words).rstrip(".")
    return translate("Wording", "The system says: “{words}”.").format(words=plain) if plain else ""
