"""What a row says, worked out from a record and the time; how that is painted is the delegate's business."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, assert_never

from tokendeck.core import status as states
from tokendeck.core.errors import TokendeckError, UnknownProvider
from tokendeck.core.expiry import At, Never, NotStated
from tokendeck.core.verdict import VerdictKind
from tokendeck.ui.text import translate

if TYPE_CHECKING:
    from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.engine.ports import Catalog
    from tokendeck.ui.connections.model import ConnectionsModel
    from tokendeck.ui.context import UiContext
    from tokendeck.ui.theme import Tone

LAST_MINUTE = timedelta(minutes=1)


class RingKind(Enum):
    """The shape beside the expiry."""

    ARC = "arc"
    DOTTED = "dotted"
    """Nobody knows an end, or there is none to know."""

    INFINITY = "infinity"
    EMPTY = "empty"


class Ring(NamedTuple):
    """What the ring shows."""

    kind: RingKind
    share: float = 0.0
    """Of the lifetime that is left, 0 to 1; for an arc."""

    tone: Tone = "good"


class Sign(NamedTuple):
    """How a state shows: a tone and a shape of its own, so that colour tells nothing alone."""

    tone: Tone
    icon: str


class Look(NamedTuple):
    """Everything that a row shows and that time can change."""

    ring: Ring
    main: str
    quiet: str
    state: str
    sign: Sign
    verdict: str
    verdict_tone: Tone
    counts: bool
    """Whether it reads differently a second later."""


def sign_of(status: states.Status) -> Sign:
    """Give a state's tone and shape."""
    match status:
        case states.Live():
            return Sign("good", "check")
        case states.Due():
            return Sign("caution", "hourglass")
        case states.Renewing():
            return Sign("accent", "refresh-cw")
        case states.Waiting():
            return Sign("caution", "clock")
        case states.OnDemand():
            return Sign("neutral", "zap")
        case states.SignIn():
            return Sign("caution", "key")
        case states.NeedsAttention():
            return Sign("bad", "alert")
        case states.Expired():
            return Sign("bad", "x")
        case states.Paused():
            return Sign("neutral", "pause")
        case states.Locked():
            return Sign("neutral", "lock")
        case states.NoToken():
            return Sign("neutral", "circle")
        case _:
            assert_never(status)


def ring_of(record: ConnectionRecord, status: states.Status, now: Moment) -> Ring:
    """Give the ring for what is left of the token."""
    if isinstance(status, states.OnDemand):
        return Ring(RingKind.DOTTED)
    if record.token is None:
        return Ring(RingKind.EMPTY)
    match record.token.expiry:
        case NotStated():
            return Ring(RingKind.DOTTED)
        case Never():
            return Ring(RingKind.INFINITY)
        case At():
            whole, left = record.token.lifetime(), record.token.remaining(now)
        case _:
            assert_never(record.token.expiry)
    if whole is None or left is None or left <= timedelta(0):
        return Ring(RingKind.EMPTY)
    return Ring(RingKind.ARC, min(left / whole, 1.0) if whole else 0.0, _ring_tone(status, left))


def _ring_tone(status: states.Status, left: timedelta) -> Tone:
    if isinstance(status, states.Due | states.Renewing):
        return "caution"
    hopeless = isinstance(status, states.SignIn | states.NeedsAttention | states.Paused | states.Waiting)
    return "bad" if hopeless and left < LAST_MINUTE else "good"


def look_at(context: UiContext, model: ConnectionsModel, record: ConnectionRecord) -> Look:
    """Work out what a row says now."""
    now = context.now()
    grant, status = model.grant(record), model.status(record, now)
    verdict, verdict_tone = _verdict(context, record.last_call)
    if grant is None or status is None:
        return Look(
            ring=Ring(RingKind.EMPTY),
            main=complaint(context.catalog, record.connection),
            quiet=record.connection.provider,
            state=translate("ConnectionsList", "Needs attention"),
            sign=Sign("bad", "alert"),
            verdict=verdict,
            verdict_tone=verdict_tone,
            counts=False,
        )
    main, quiet = context.wording.expiry(record, status, grant, now)
    return Look(
        ring=ring_of(record, status, now),
        main=main,
        quiet=quiet,
        state=context.wording.status_word(status, now),
        sign=sign_of(status),
        verdict=verdict,
        verdict_tone=verdict_tone,
        counts=record.token is not None or isinstance(status, states.Waiting),
    )


def complaint(catalog: Catalog, connection: Connection) -> str:
    """Say in a few words why a connection's descriptor does not serve."""
    try:
        catalog.provider(connection.provider)
    except UnknownProvider:
        return translate("ConnectionsList", "no provider file")
    except TokendeckError:
        return translate("ConnectionsList", "wrong provider file")
    try:
        catalog.provider_for(connection)
    except TokendeckError:
        return translate("ConnectionsList", "wrong override")
    return translate("ConnectionsList", "grant is gone")


def _verdict(context: UiContext, call: CallFacts | None) -> tuple[str, Tone]:
    """Give the last test in one short line; empty where there was none."""
    if call is None:
        return "", "neutral"
    tone: Tone = "neutral" if call.outcome in {VerdictKind.WORKS.value, VerdictKind.MINTED.value} else "bad"
    if call.outcome == VerdictKind.MINTED.value and call.latency_ms is not None:
        line = translate("ConnectionsList", "token only, {latency}")
        return line.format(latency=context.wording.latency(call.latency_ms)), tone
    if call.status is None or call.latency_ms is None:
        words = {
            VerdictKind.WORKS.value: translate("ConnectionsList", "test worked"),
            VerdictKind.MINTED.value: translate("ConnectionsList", "token only"),
            VerdictKind.REFUSED.value: translate("ConnectionsList", "test refused"),
        }
        return words.get(call.outcome, translate("ConnectionsList", "no answer")), tone
    line = translate("ConnectionsList", "{status} in {latency}")
    return line.format(status=call.status, latency=context.wording.latency(call.latency_ms)), tone
