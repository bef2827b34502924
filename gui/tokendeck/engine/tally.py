"""How often something happened of late, by key."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Tally:
    """
    Counts over a span that moves with time.

    What is older is let go of, also of keys that nobody asks for again: each count costs O(1), and nobody need say that
    a key is gone.
    """

    def __init__(self, elapsed_s: Callable[[], float], span: timedelta) -> None:
        """Count over `span` by `elapsed_s`, in seconds, suspend included."""
        self._elapsed_s = elapsed_s
        self._span_s = span.total_seconds()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        """The keys in the order of their newest times."""

    def __len__(self) -> int:
        """Give how many keys are remembered."""
        return len(self._times)

    def count(self, key: str) -> None:
        """Count that it happened now."""
        self._times.setdefault(key, deque()).append(self._elapsed_s())
        self._times.move_to_end(key)
        self._let_go()

    def clear(self, key: str) -> None:
        """Forget what was counted of `key`."""
        self._times.pop(key, None)

    def wait(self, key: str, most: int) -> timedelta:
        """Give how long until it has happened fewer than `most` times in the span; zero where it has."""
        now = self._elapsed_s()
        times = [at for at in self._times.get(key, ()) if at > now - self._span_s]
        return timedelta(seconds=times[-most] + self._span_s - now) if len(times) >= most else timedelta(0)

    def _let_go(self) -> None:
        horizon = self._elapsed_s() - self._span_s
        while next(iter(self._times.values()))[-1] <= horizon:
            self._times.popitem(last=False)
        newest = next(reversed(self._times.values()))
        while newest[0] <= horizon:
            newest.popleft()
