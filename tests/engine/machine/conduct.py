"""What no request may do, judged when it reaches a server. The numbers are those of the promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.machine.account import HOUR_S, MINUTE_S, By

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.machine.account import Account, Arrival
    from tests.engine.machine.server import Servers

IN_FLIGHT, IN_FLIGHT_PER_ORIGIN = 8, 2
MINTS_A_MINUTE = 6
TRIES_AN_HOUR = 20


def judge_arrival(arrival: Arrival, servers: Servers, wall_steps_s: list[float], *, may_be_due: bool) -> None:
    """
    Hold one request against promises 6, 24, 25, 27, 28, 29 and 30.

    Args:
        arrival: the request, already among its account's arrivals and on the wire.
        servers: what else is on the wire, and all accounts.
        wall_steps_s: when the wall clock was set; each time may let one wait end early.
        may_be_due: whether the background has reason to renew the token.

    """
    account = servers.accounts[arrival.connection_id]
    _judge_crowd(arrival, servers)
    _judge_budget(arrival, account, servers)
    if arrival.call:
        return
    assert arrival.at_s >= account.hold_until_s, "a provider that asked to be left alone was not"
    if not account.kind.on_use:
        doubles = [one for one in _others(arrival, servers) if _asks_for_the_same(one, arrival)]
        assert not doubles, "two requests for one connection's token at the same time"
    if arrival.by is not By.PERSON:
        assert not account.refused, "the program asked again for what a person must mend"
        _judge_pace(arrival, account, wall_steps_s)
    if arrival.by is By.BACKGROUND:
        assert account.kind.ahead, "the background renewed what nobody wants renewed"
        assert may_be_due, "a token was renewed before its time"


def _asks_for_the_same(one: Arrival, other: Arrival) -> bool:
    return one.connection_id == other.connection_id and not one.call


def _others(arrival: Arrival, servers: Servers) -> Iterator[Arrival]:
    return (wire.arrival for wire in servers.on_the_wire if wire.arrival is not arrival)


def _judge_crowd(arrival: Arrival, servers: Servers) -> None:
    kind = servers.accounts[arrival.connection_id].kind
    own = [one for one in _others(arrival, servers) if one.process == arrival.process]
    beside = [one for one in own if servers.accounts[one.connection_id].kind is kind]
    assert len(own) < IN_FLIGHT, "too many requests in flight"
    assert len(beside) < IN_FLIGHT_PER_ORIGIN, "too many requests in flight to one origin"


def _judge_budget(arrival: Arrival, account: Account, servers: Servers) -> None:
    rate = account.kind.provider.rate
    if rate is None:
        return
    since_s = arrival.at_s - rate.per.total_seconds()
    alike = [other for other in servers.accounts.values() if other.kind is account.kind]
    sent = [one for other in alike for one in other.arrivals if one.process == arrival.process and one.at_s > since_s]
    assert len(sent) <= rate.requests, "a rate budget was exceeded"


def _judge_pace(arrival: Arrival, account: Account, wall_steps_s: list[float]) -> None:
    hour_ago_s = arrival.at_s - HOUR_S
    own = [
        one
        for one in account.arrivals
        if one.process == arrival.process and not one.call and one.by is not By.PERSON and one.at_s > hour_ago_s
    ]
    minute = [one for one in own if one.at_s > arrival.at_s - MINUTE_S]
    assert len(minute) <= MINTS_A_MINUTE or account.kind.on_use, "more than six requests a minute"
    in_a_row = 0
    for one in reversed(own[:-1]):
        if one.outcome == "good":
            break
        in_a_row += one.outcome == "passing"
    early = sum(at_s > hour_ago_s for at_s in [*wall_steps_s, *account.edits_s])
    assert in_a_row < TRIES_AN_HOUR + early, "more than twenty requests in an hour's outage"
