"""Which of the machine's checks hold the program to which promise."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Check = TypeVar("Check", bound="Callable[..., object]")

CHECKS: defaultdict[int, list[str]] = defaultdict(list)
"""Names of checks, by the number of the promise that they hold the program to."""


def promised(*numbers: int) -> Callable[[Check], Check]:
    """Say of a check, whose name says what is promised, which promises these are."""

    def mark(check: Check) -> Check:
        for number in numbers:
            CHECKS[number].append(check.__qualname__)
        return check

    return mark
