"""The state of a connection: one word each for people and for JSON, matched exhaustively."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, assert_never

from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.frozen import dataclass
from tokendeck.core.provider import Grant, RenewalPolicy
from tokendeck.core.renewal import due_in, needs_nobody, renewal_of

if TYPE_CHECKING:
    from tokendeck.core.moment import Moment


@dataclass(frozen=True, slots=True)
class NoToken:
    """No token was ever issued, or the last one was discarded."""

    word: ClassVar[str] = "no_token"


@dataclass(frozen=True, slots=True)
class Live:
    """The token is good."""

    word: ClassVar[str] = "live"


@dataclass(frozen=True, slots=True)
class Due:
    """The token is good and inside its renewal lead."""

    word: ClassVar[str] = "due"


@dataclass(frozen=True, slots=True)
class Renewing:
    """A request is on the wire; the old token works until it ends."""

    word: ClassVar[str] = "renewing"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Passing trouble; the next try is counted down, the old token is kept."""

    why: Trouble
    word: ClassVar[str] = "waiting"


@dataclass(frozen=True, slots=True)
class Expired:
    """The token has ended, and nothing renews it by itself."""

    word: ClassVar[str] = "expired"


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A new token for every use."""

    word: ClassVar[str] = "on_demand"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person must sign in."""

    why: Trouble | None
    """None where nobody has signed in yet."""

    word: ClassVar[str] = "sign_in"


@dataclass(frozen=True, slots=True)
class NeedsAttention:
    """The provider refuses the settings; nothing is asked again until they change."""

    why: Trouble
    word: ClassVar[str] = "needs_attention"


@dataclass(frozen=True, slots=True)
class Paused:
    """Paused by the user."""

    word: ClassVar[str] = "paused"


@dataclass(frozen=True, slots=True)
class Locked:
    """The vault is locked; names and times still show."""

    word: ClassVar[str] = "locked"


Status = NoToken | Live | Due | Renewing | Waiting | Expired | OnDemand | SignIn | NeedsAttention | Paused | Locked


def status_of(
    record: ConnectionRecord, grant: Grant, now: Moment, *, renewing: bool = False, locked: bool = False
) -> Status:
    """
    Judge a connection.

    Args:
        record: what the ledger knows.
        grant: the descriptor's, overrides applied.
        now: both clocks.
        renewing: whether this process has a request on the wire for it.
        locked: whether the vault is locked.

    What nothing can change by itself comes first: locked, paused, a request on the wire, trouble, then the token.
    """
    if locked:
        return Locked()
    if record.connection.paused:
        return Paused()
    if renewing:
        return Renewing()
    if record.trouble is not None:
        return _troubled(record.trouble)
    if grant.renewal.policy is RenewalPolicy.ON_USE:
        return OnDemand()
    if record.token is None:
        return NoToken() if needs_nobody(grant, record) else SignIn(None)
    left = record.token.remaining(now)
    if left is not None and left <= timedelta(0):
        return Expired()
    due = due_in(record.token, renewal_of(record, grant), now)
    return Due() if due is not None and due <= timedelta(0) else Live()


def _troubled(trouble: Trouble) -> Status:
    match trouble.kind:
        case TroubleKind.SIGN_IN:
            return SignIn(trouble)
        case TroubleKind.NEEDS_ATTENTION:
            return NeedsAttention(trouble)
        case TroubleKind.WAITING:
            return Waiting(trouble)
        case _:
            assert_never(trouble.kind)
