"""Starting work from event handlers: every task has a name, an owner and one place where its errors end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

log = logging.getLogger(__name__)


class Tasks:
    """
    Runs coroutines for the window, and keeps them alive: asyncio itself holds tasks weakly.

    `spawn` serves as `UiContext.spawn`.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        """Tell `failed` what no task expected; the traceback is logged before."""
        self._failed = failed
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Start `work` on the running loop, and give its task, which can be cancelled; the result is dropped."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._end)
        return task

    async def cancel_all(self) -> None:
        """Cancel what still runs and wait for its end: the window is closing."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            log.error("%s ended by an error", task.get_name(), exc_info=error)
            self._failed(error)
