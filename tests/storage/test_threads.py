from __future__ import annotations

import asyncio
import threading

import pytest

from tokendeck.storage.threads import Worker


@pytest.mark.parametrize("fails", [False, True])
async def test_what_comes_of_a_call_that_nobody_waits_for_any_more_is_dropped(*, fails: bool) -> None:
    worker = Worker("test")
    begun, may_end = threading.Event(), threading.Event()

    def call() -> str:
        begun.set()
        may_end.wait()
        if fails:
            raise ZeroDivisionError
        return "late"

    waiter = asyncio.create_task(worker.run(call))
    await asyncio.to_thread(begun.wait)

    waiter.cancel()
    await asyncio.wait((waiter,))
    may_end.set()

    assert waiter.cancelled()
    assert await worker.run(lambda: "next") == "next"
    worker.stop()
