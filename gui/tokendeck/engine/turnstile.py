"""Letting a crowd in one by one."""

from __future__ import annotations

import asyncio


class Turnstile:
    """
    Lets whoever comes at once through in the order of coming, each in a turn of the event loop of its own.

    What 500 callers do first would otherwise be done in one turn, in which the window cannot paint.
    """

    def __init__(self) -> None:
        """Let the first one through at once."""
        self._one = asyncio.Lock()

    async def enter(self) -> None:
        """Wait for a turn."""
        async with self._one:
            await asyncio.sleep(0)
