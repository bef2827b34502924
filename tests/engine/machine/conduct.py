"""What no request may do, judged when it reaches a server. The numbers are those of the promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.engine.machine.account import HOUR_S, MINUTE_S, By
from tests.engine.machine.promised import promised

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.machine.account import Account, Arrival

IN_FLIGHT, IN_FLIGHT_PER_ORIGIN = 8, 2
MINTS_A_MINUTE = 6
TRIES_AN_HOUR = 20


@dataclass(frozen=True)
class Case:
    """One request, and all that it is judged by."""

    arrival: Arrival
    account: Account
    accounts: list[Account]
    """All of them, this one included."""

    on_the_wire: list[Arrival]
    """What else is on its way."""

    wall_steps_s: list[float]
    """When the wall clock was set; each time may let one wait end early."""

    may_be_due: bool
    """Whether the background has reason to renew the token."""

    has_heard: bool
    """Whether its process can know what the server said last: where no disk took note of it, only those told know."""

    @property
    def is_refresh(self) -> bool:
        """Whether it asks for a token that all who ask share."""
        return not self.arrival.call and not self.account.kind.on_use

    @property
    def is_by_itself(self) -> bool:
        """Whether the program asks for a token, and no person does."""
        return not self.arrival.call and self.arrival.is_by_itself

    def of_late(self, span_s: float) -> list[Arrival]:
        """Give the requests for a token of this connection that its process sent, oldest first."""
        return [
            one
            for one in self.account.arrivals
            if one.process == self.arrival.process and not one.call and one.at_s > self.arrival.at_s - span_s
        ]


@promised(30)
def eight_are_in_flight_at_most_and_two_to_an_origin(case: Case) -> None:
    kinds = {account.connection_id: account.kind for account in case.accounts}
    own = [one for one in case.on_the_wire if one.process == case.arrival.process]
    beside = [one for one in own if kinds[one.connection_id] is case.account.kind]
    assert len(own) < IN_FLIGHT, "too many requests in flight"
    assert len(beside) < IN_FLIGHT_PER_ORIGIN, "too many requests in flight to one origin"


@promised(30)
def a_rate_budget_is_never_exceeded(case: Case) -> None:
    rate = case.account.kind.provider.rate
    if rate is None:
        return
    since_s = case.arrival.at_s - rate.per.total_seconds()
    alike = [one for account in case.accounts if account.kind is case.account.kind for one in account.arrivals]
    sent = [one for one in alike if one.process == case.arrival.process and one.at_s > since_s]
    assert len(sent) <= rate.requests, "a rate budget was exceeded"


@promised(27)
def retry_after_is_honoured(case: Case) -> None:
    at_s, account = case.arrival.at_s, case.account
    is_free = case.arrival.call or at_s >= account.hold_until_s or at_s == account.hold_since_s or not case.has_heard
    assert is_free, "a provider that asked to be left alone was not"


@promised(6)
def one_request_for_a_token_at_a_time(case: Case) -> None:
    doubles = [one for one in case.on_the_wire if one.connection_id == case.arrival.connection_id and not one.call]
    assert not case.is_refresh or not doubles, "two requests for one connection's token at the same time"


@promised(24, 25)
def what_a_person_must_mend_is_not_asked_for_again(case: Case) -> None:
    is_refused = case.account.refused and case.has_heard
    assert not case.is_by_itself or not is_refused, "the program asked again for what a person must mend"


@promised(29)
def six_requests_a_minute_at_most(case: Case) -> None:
    if case.is_by_itself and case.is_refresh:
        asked = [one for one in case.of_late(MINUTE_S) if one.is_by_itself]
        assert len(asked) <= MINTS_A_MINUTE, "more than six requests a minute"


@promised(27)
def twenty_requests_in_an_outage_of_an_hour_at_most(case: Case) -> None:
    if not case.is_by_itself:
        return
    in_a_row = 0
    for one in reversed(case.of_late(HOUR_S)[:-1]):
        if one.outcome == "good":  # whoever asked for it, the outage is over
            break
        in_a_row += one.outcome == "passing" and one.is_by_itself
    hour_ago_s = case.arrival.at_s - HOUR_S
    excuses = sum(at_s > hour_ago_s for at_s in [*case.wall_steps_s, *case.account.edits_s])
    assert in_a_row < TRIES_AN_HOUR + excuses, "more than twenty requests in an hour's outage"


@promised(24)
def what_is_paused_is_left_alone(case: Case) -> None:
    since_s = case.account.paused_since_s
    may_have_waited_its_turn = bool(case.on_the_wire)
    if since_s is not None and case.arrival.by is By.BACKGROUND and not may_have_waited_its_turn:
        assert since_s > case.arrival.at_s - MINUTE_S, "the background renewed what is paused"


@promised(28)
def a_token_is_renewed_when_it_is_due_and_no_sooner(case: Case) -> None:
    if case.arrival.by is not By.BACKGROUND or case.arrival.call:
        return
    assert case.account.kind.ahead, "the background renewed what nobody wants renewed"
    assert case.may_be_due, "a token was renewed before its time"


CONDUCT: tuple[Callable[[Case], None], ...] = (
    eight_are_in_flight_at_most_and_two_to_an_origin,
    a_rate_budget_is_never_exceeded,
    retry_after_is_honoured,
    one_request_for_a_token_at_a_time,
    what_a_person_must_mend_is_not_asked_for_again,
    six_requests_a_minute_at_most,
    twenty_requests_in_an_outage_of_an_hour_at_most,
    what_is_paused_is_left_alone,
    a_token_is_renewed_when_it_is_due_and_no_sooner,
)
