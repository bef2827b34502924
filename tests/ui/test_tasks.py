from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tokendeck.ui.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_task_runs_to_its_end_though_nobody_keeps_it() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        ended.set()

    Tasks(lambda error: None).spawn(work(), name="work")  # noqa: ARG005 - nothing fails here

    await ended.wait()


async def test_error_that_no_task_expected_is_logged_and_told(expect_log: Callable[[str, str], None]) -> None:
    expect_log("tokendeck.ui.tasks", "copy web ended by an error")
    told: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        raise ValueError

    Tasks(told.set_result).spawn(work(), name="copy web")

    assert isinstance(await told, ValueError)


async def test_closing_cancels_what_still_runs_and_tells_nobody() -> None:
    told: list[BaseException] = []
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    tasks = Tasks(told.append)
    tasks.spawn(work(), name="work")
    await started.wait()

    await tasks.cancel_all()

    assert cancelled.is_set()
    assert told == []
