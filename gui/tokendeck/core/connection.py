"""One account at one provider in one environment, and what the ledger knows of it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from tokendeck.core.frozen import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tokendeck.core.token import TokenFacts

BASE_URL = "base_url"
"""Key of the override that moves every URL of a descriptor to another base."""


def composed(typed: str) -> str:
    """Give a name as it is kept: no blanks around it, and one spelling for what looks the same (Unicode's NFC)."""
    name = typed.strip()
    if name.isascii():
        return name
    import unicodedata  # loads a large table, and most names need none

    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """Give what all spellings have in common that count as the same name: without regard to case."""
    return composed(composed(name).casefold())


@dataclass(frozen=True, slots=True)
class Connection:
    """One account at one provider in one environment. Never holds a secret."""

    id: str
    """A UUID as 32 hexadecimal digits."""

    name: str
    """Unique without regard to case."""

    provider: str
    environment: str
    """Id of one of the descriptor's environments, or a name of the user's own."""

    grant: str
    created_at: datetime
    """Aware UTC."""

    values: Mapping[str, str] = field(default_factory=dict)
    """What the user filled in, by field key; secret fields are not here."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    """What the user changed of the descriptor, by dotted key; `base_url` moves every URL."""

    tags: tuple[str, ...] = ()
    confirmed_origins: tuple[str, ...] = ()
    """Where the user allowed the secrets to go, as `origin_of` spells it."""

    paused: bool = False


class TroubleKind(Enum):
    """What stands in the way of a connection's next token."""

    SIGN_IN = "sign_in"
    """The grant is dead or was never given; zero automatic tries."""

    NEEDS_ATTENTION = "needs_attention"
    """The settings are refused, by the provider or before anything is sent; zero automatic tries until an edit."""

    WAITING = "waiting"
    """Passing trouble; tried again at `retry_at`."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no new token, kept so that another start or another process does not ask again too soon."""

    kind: TroubleKind
    at: datetime
    """Aware UTC."""

    code: str = ""
    """
    The provider's error code; for passing trouble the step or cause, for example `connect`, `web_page`; or one of
    `trouble.WITHHELD`.
    """

    words: str = ""
    """The provider's own words, plain text of at most 300 characters; may be empty."""

    status: int | None = None
    """HTTP status; None where there was no answer."""

    attempts: int = 0
    """Failed tries in a row."""

    retry_at: datetime | None = None
    """When the next automatic try is due; None where none will be made."""

    hold_until: datetime | None = None
    """Until when the provider asked to be left alone (`Retry-After`); even a person's own command waits for it."""

    timed_out: bool = False
    """Whether the step of `code` was waited for too long."""

    subject: str = ""
    """What kept a request from being sent: the origin, the field's key or the URL; else empty."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is remembered of one test call or mint: never a body."""

    at: datetime
    """Aware UTC."""

    call: str
    """Id of the test call; empty when the test only minted a token."""

    outcome: str
    """A `VerdictKind` value."""

    status: int | None
    latency_ms: float | None
    retried: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """A connection with everything that may be known of it while the vault is locked."""

    connection: Connection
    token: TokenFacts | None = None
    trouble: Trouble | None = None
    last_call: CallFacts | None = None
    last_good_at: datetime | None = None
    """When a test call last proved the token good."""

    cut_off_at: datetime | None = None
    """When a refresh was started whose end nobody saw: it may have spent a rotating refresh token."""

    serial: int = 0
    """Counts the saves of this connection's tokens, and the times that they were forgotten."""

    has_refresh_token_only: bool = False
    """Whether the access token was discarded and a refresh token is left; `token` is None then."""

    @property
    def can_refresh(self) -> bool:
        """Whether there is a refresh token."""
        return self.has_refresh_token_only or (self.token is not None and self.token.has_refresh_token)
