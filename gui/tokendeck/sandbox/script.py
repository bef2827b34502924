"""What is to go wrong with which request, in order."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from tokendeck.sandbox.faults import Course, Hold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokendeck.sandbox.faults import Fault

ProviderId: TypeAlias = Literal["payos", "paysera", "pyng", "payt", "paysecurez"]
Endpoint: TypeAlias = Literal["token", "authorize", "api"]


@dataclass(frozen=True, slots=True)
class Place:
    """One endpoint of one provider."""

    provider: ProviderId
    endpoint: Endpoint


@dataclass(slots=True)
class _Counted:
    course: Course
    left: int


@dataclass(slots=True)
class _Lane:
    counted: deque[_Counted] = field(default_factory=deque)
    standing: Course = field(default_factory=Course)


class Script:
    """The faults to come: counted ones in the order they were added, then the standing ones."""

    def __init__(self) -> None:
        """Start with nothing going wrong."""
        self._lanes: defaultdict[Place, _Lane] = defaultdict(_Lane)
        self._holds: list[Hold] = []

    def add(self, place: Place, faults: Iterable[Fault], times: int | None) -> None:
        """
        Plan faults that befall the same request.

        Args:
            place: whose requests.
            faults: what goes wrong, all at once.
            times: for how many requests, after those already planned; None takes the place of what stands until
                cleared.

        Raises:
            ValueError: the faults contradict each other, cannot happen there, or `times` is under 1.

        """
        course = Course.of(faults)
        if course.distortions and place.endpoint != "token":
            raise ValueError(f"{type(course.distortions[0]).__name__} can befall token requests only.")
        if course.address_off_list and place != Place("payt", "api"):
            raise ValueError("AddressOffList can befall calls to Payt's API only.")
        if place.endpoint == "authorize" and place.provider != "payt":
            raise ValueError("Only Payt has an authorize endpoint.")
        if times is not None and times < 1:
            raise ValueError(f"A fault happens at least once, not {times} times.")
        lane = self._lanes[place]
        if times is None:
            lane.standing = course
        else:
            lane.counted.append(_Counted(course, times))
        if isinstance(course.pause, Hold):
            self._holds.append(course.pause)

    def take(self, place: Place) -> Course:
        """Give what befalls the request that has just arrived."""
        lane = self._lanes[place]
        if not lane.counted:
            return lane.standing
        first = lane.counted[0]
        first.left -= 1
        if first.left == 0:
            lane.counted.popleft()
        return first.course

    def clear(self) -> None:
        """Drop every plan and let held requests go on."""
        self._lanes.clear()
        for hold in self._holds:
            hold.release()
        self._holds.clear()
