"""What no request may do, judged when it reaches a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokendeck.engine.politeness import IN_FLIGHT, IN_FLIGHT_PER_ORIGIN, MINTS_A_MINUTE, TRIES_AN_HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.machine.server import Account, Arrival, Servers

HOUR_S = 3600.0


def judge_arrival(arrival: Arrival, servers: Servers, wall_steps: list[float], *, stopped: bool) -> None:
    """
    Hold one request against promises 6, 24, 25, 27, 29 and 30.

    Args:
        arrival: the request, already among its account's arrivals and on the wire.
        servers: what else is on the wire, and all accounts.
        wall_steps: when the wall clock was stepped; each step may let one wait end early.
        stopped: whether the store says that the connection waits for a person.

    """
    account = servers.accounts[arrival.connection_id]
    _judge_crowd(arrival, servers)
    _judge_budget(arrival, account, servers)
    if arrival.call:
        return
    assert arrival.at.elapsed_s >= account.hold_until_s, "a provider that asked to be left alone was not"
    if account.kind.on_use:
        return
    doubles = [one for one in _others(arrival, servers) if one.connection_id == arrival.connection_id and not one.call]
    assert not doubles, "two requests for one connection's token at the same time"
    if arrival.automatic:
        assert not stopped, "the program asked again for what a person must mend"
        _judge_pace(arrival, account, wall_steps)


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
    since_s = arrival.at.elapsed_s - rate.per.total_seconds()
    sent = [
        one
        for other in servers.accounts.values()
        if other.kind is account.kind
        for one in other.arrivals
        if one.process == arrival.process and one.at.elapsed_s > since_s
    ]
    assert len(sent) <= rate.requests, "a rate budget was exceeded"


def _judge_pace(arrival: Arrival, account: Account, wall_steps: list[float]) -> None:
    now_s = arrival.at.elapsed_s
    own = [
        one
        for one in account.arrivals
        if one.process == arrival.process and one.automatic and one.at.elapsed_s > now_s - HOUR_S
    ]
    minute = [one for one in own if one.at.elapsed_s > now_s - 60.0]
    assert len(minute) <= MINTS_A_MINUTE, "more than six requests a minute"
    in_a_row = 0
    for one in reversed(own[:-1]):
        if one.outcome != "passing" or one.settings != account.edits:
            break
        in_a_row += 1
    early = sum(at_s > now_s - HOUR_S for at_s in wall_steps)
    assert in_a_row < TRIES_AN_HOUR + early, "more than twenty requests in an hour's outage"
