"""A process that is stopped while it waits for an answer, and goes on long after every limit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tokendeck.core.errors import NetworkStep, Unreachable
from tokendeck.core.request import Request

if TYPE_CHECKING:
    from tests.oauth.conftest import MakeEndpoint
    from tests.oauth.servers import Exchange, Server
    from tokendeck.oauth.endpoint import HttpEndpoint

STOP_S = 3600.0


class StoppableLoop:
    """Makes this test's loop find that time has passed in which it did not run."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        real, self._stopped_s = loop.time, 0.0
        monkeypatch.setattr(loop, "time", lambda: real() + self._stopped_s)

    def stop(self) -> None:
        self._stopped_s += STOP_S


@pytest.fixture
async def stoppable(monkeypatch: pytest.MonkeyPatch) -> StoppableLoop:
    return StoppableLoop(monkeypatch)


@pytest.mark.promise(2)
async def test_an_answer_that_came_while_the_process_was_stopped_is_read(
    server: Server, endpoint: HttpEndpoint, stoppable: StoppableLoop
) -> None:
    async def answer_and_stop(exchange: Exchange) -> None:
        await exchange.answer(b'{"access_token": "new"}')
        stoppable.stop()

    server.script = answer_and_stop

    answer = await endpoint.send(Request("POST", server.url()))

    assert answer.body == b'{"access_token": "new"}'


@pytest.mark.promise(2)
async def test_an_answer_in_pieces_is_read_to_its_end_after_each_stop(
    server: Server, endpoint: HttpEndpoint, stoppable: StoppableLoop
) -> None:
    async def answer_in_pieces(exchange: Exchange) -> None:
        for piece in (b"HTTP/1.1 200 OK\r\n", b"Content-Length: 4\r\n\r\n", b"{", b"  ", b"}"):
            exchange.write(piece)
            stoppable.stop()
            await asyncio.sleep(0)

    server.script = answer_in_pieces

    answer = await endpoint.send(Request("POST", server.url()))

    assert (answer.body, answer.cut_off) == (b"{  }", False)


@pytest.mark.parametrize(("read_s", "total_s"), [(0.05, 30), (20, 0.05)])
async def test_after_a_stop_silence_ends_all_the_same(
    server: Server, make_endpoint: MakeEndpoint, stoppable: StoppableLoop, read_s: float, total_s: float
) -> None:
    async def stop_and_hold(_: Exchange) -> None:
        stoppable.stop()
        await server.held.wait()

    server.script = stop_and_hold

    with pytest.raises(Unreachable) as caught:
        await make_endpoint(read_s=read_s, total_s=total_s).send(Request("POST", server.url()))

    assert (caught.value.step, caught.value.timed_out) == (NetworkStep.ANSWER, True)
