"""Who is due when, by the elapsed clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.manual_clock import ManualClock
from tokendeck.engine.schedule import ASKED_AT_ONCE, Schedule


class Diary:
    """A schedule, and what it hears when it asks."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.due_in: dict[str, float] = {}
        self.asked: list[str] = []
        self.schedule = Schedule(self.clock, self._due_in)

    def _due_in(self, connection_id: str) -> timedelta | None:
        self.asked.append(connection_id)
        span_s = self.due_in.get(connection_id)
        return None if span_s is None else timedelta(seconds=span_s)

    def set(self, **due_in: float) -> None:
        self.due_in |= due_in
        for connection_id in due_in:
            self.schedule.set(connection_id)

    def taken(self) -> list[str]:
        return list(iter(self.schedule.take, None))


@pytest.fixture
def diary() -> Diary:
    return Diary()


def test_whoever_is_due_is_taken_the_longest_due_first(diary: Diary) -> None:
    diary.set(late=30, soon=10, later=20)

    diary.clock.advance(20)

    assert diary.taken() == ["soon", "later"]
    assert diary.schedule.next_due() == ("late", 10.0)


def test_what_is_asked_anew_counts_from_then_on(diary: Diary) -> None:
    diary.set(one=10)

    diary.set(one=50)
    diary.clock.advance(20)

    assert diary.taken() == []
    assert diary.schedule.next_due() == ("one", 30.0)


def test_what_is_never_due_or_forgotten_is_off_the_schedule(diary: Diary) -> None:
    diary.set(one=10, two=10)
    diary.due_in.clear()

    diary.schedule.set("one")
    diary.schedule.forget("two")

    assert diary.schedule.next_due() is None


def test_setting_tells_whether_there_is_a_new_first(diary: Diary) -> None:
    diary.due_in = {"one": 20, "two": 10, "three": 30}

    assert [diary.schedule.set(one) for one in ("one", "two", "three", "never")] == [True, True, False, False]


def test_many_are_asked_about_a_few_at_a_time(diary: Diary) -> None:
    many = [f"{number}" for number in range(2 * ASKED_AT_ONCE + 1)]
    diary.due_in = dict.fromkeys(many, 60.0)
    diary.schedule.set_later(many)

    more_left = []
    while True:
        before = len(diary.asked)
        more_left.append(diary.schedule.catch_up())
        assert len(diary.asked) - before <= ASKED_AT_ONCE
        if not more_left[-1]:
            break

    assert more_left == [True, True, False]
    assert sorted(diary.asked) == sorted(many)


def test_whoever_is_set_or_forgotten_meanwhile_is_not_asked_about_again(diary: Diary) -> None:
    diary.schedule.set_later(("set", "forgotten", "left"))

    diary.schedule.set("set")
    diary.schedule.forget("forgotten")
    diary.schedule.catch_up()

    assert diary.asked == ["set", "left"]


def test_when_clocks_are_stepped_all_that_is_scheduled_is_asked_about(diary: Diary) -> None:
    diary.set(one=10, two=20)
    diary.asked.clear()

    diary.schedule.set_all_later()
    diary.schedule.catch_up()

    assert sorted(diary.asked) == ["one", "two"]
