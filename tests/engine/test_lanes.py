"""Whose renewal starts next, where several origins wait."""

from __future__ import annotations

import pytest

from tokendeck.engine.lanes import AT_ONCE, AT_ONCE_PER_LANE, Lanes


class Street:
    """Lanes under the test's hand: a connection's lane is what its name begins with."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.shut_until: dict[str, float] = {}
        self.lanes = Lanes(
            lane_of=lambda name: name[0],
            shut_for=lambda name: self.shut_until.get(name[0], 0.0) - self.now_s,
            now_s=lambda: self.now_s,
        )

    def join(self, *names: str) -> None:
        for name in names:
            self.lanes.join(name)

    def departures(self) -> list[str]:
        return list(iter(self.lanes.depart, None))


@pytest.fixture
def street() -> Street:
    return Street()


def test_lanes_take_turns(street: Street) -> None:
    street.join("a1", "a2", "a3", "b1", "b2", "c1")

    assert street.departures() == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_a_lane_that_is_full_waits_for_an_arrival(street: Street) -> None:
    names = [f"a{number}" for number in range(AT_ONCE_PER_LANE + 2)]
    street.join(*names)
    started = street.departures()

    street.lanes.arrive(names[0])

    assert started == names[:AT_ONCE_PER_LANE]
    assert street.departures() == [names[AT_ONCE_PER_LANE]]


def test_a_full_lane_keeps_nobody_elses_waiting(street: Street) -> None:
    street.join(*(f"a{number}" for number in range(1000)))
    street.departures()

    street.join("b1")

    assert street.departures() == ["b1"]


def test_no_more_start_than_may_at_once(street: Street) -> None:
    street.join(*(f"{chr(ord('a') + lane)}{number}" for number in range(3) for lane in range(26)))

    started = street.departures()

    assert len(started) == AT_ONCE
    street.lanes.arrive(started[0])
    assert len(street.departures()) == 1


def test_who_waits_or_is_under_way_joins_once(street: Street) -> None:
    street.join("a1", "a1")
    started = street.departures()

    street.join("a1")

    assert (started, street.departures()) == (["a1"], [])
    street.lanes.arrive("a1")
    street.join("a1")
    assert street.departures() == ["a1"]


def test_a_lane_that_is_shut_opens_in_time_and_keeps_its_order(street: Street) -> None:
    street.shut_until["a"] = 160.0
    street.join("a1", "a2", "b1")
    assert street.departures() == ["b1"]
    assert street.lanes.next_departure() == ("a1", 60.0)
    assert street.lanes.opens_in() == 60.0

    street.now_s = 161.0

    assert street.lanes.opens_in() == 0.0
    assert street.departures() == ["a1", "a2"]
    assert (street.lanes.opens_in(), street.lanes.next_departure()) == (None, None)


def test_arrivals_open_no_lane_that_is_shut(street: Street) -> None:
    names = [f"a{number}" for number in range(AT_ONCE_PER_LANE + 3)]
    street.join(*names)
    started = street.departures()
    street.shut_until["a"] = 160.0

    for name in started:
        street.lanes.arrive(name)

    assert street.departures() == []
    street.now_s = 160.0
    assert street.departures() == names[AT_ONCE_PER_LANE:]


def test_who_starts_next_is_known(street: Street) -> None:
    assert street.lanes.next_departure() is None

    street.join("a1")

    assert street.lanes.next_departure() == ("a1", 0.0)
