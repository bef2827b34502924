from __future__ import annotations

import asyncio

from tokendeck.engine.turnstile import Turnstile


async def test_a_crowd_is_let_in_one_by_one_in_the_order_of_coming() -> None:
    turnstile, loop = Turnstile(), asyncio.get_running_loop()
    turn = 0
    entered: list[tuple[int, int]] = []

    def count() -> None:
        nonlocal turn
        turn += 1
        if len(entered) < 5:
            loop.call_soon(count)

    async def come(number: int) -> None:
        await turnstile.enter()
        entered.append((number, turn))

    loop.call_soon(count)
    await asyncio.gather(*map(come, range(5)))

    numbers, turns = zip(*entered, strict=True)
    assert numbers == (0, 1, 2, 3, 4)
    assert len(set(turns)) == 5


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    turnstile = Turnstile()
    waiting = [asyncio.create_task(turnstile.enter()) for _ in range(3)]

    waiting[1].cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert outcomes[0] is None
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert outcomes[2] is None
