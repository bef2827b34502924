"""Whatever goes wrong in or below httpcore, at whichever step: one leaf, with the step at which it went wrong."""

from __future__ import annotations

import inspect
import socket
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING

import httpcore
import pytest

from tokendeck.core.errors import NetworkStep, Unreachable
from tokendeck.core.request import Request
from tokendeck.oauth.exchange import Client
from tokendeck.oauth.faults import FOREIGN
from tokendeck.oauth.progress import Progress
from tokendeck.oauth.wire import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

POINTS = {
    "connect_tcp": NetworkStep.CONNECT,
    "start_tls": NetworkStep.TLS,
    "write": NetworkStep.SEND,
    "read": NetworkStep.ANSWER,
}
INTERNAL = {httpcore.ConnectionNotAvailable}
"""Tells httpcore's own pool to open another connection; nobody else gets to see it."""


def exceptions_of(module: object) -> set[type[Exception]]:
    public = {one for name, one in inspect.getmembers(module, inspect.isclass) if not name.startswith("_")}
    return {one for one in public if issubclass(one, Exception)}


BELOW = (
    (exceptions_of(httpcore) - INTERNAL)
    | exceptions_of(ssl)
    | exceptions_of(socket)
    | {
        *(OSError, ConnectionError, ConnectionResetError, BrokenPipeError, TimeoutError, PermissionError),
    }
)


def built(kind: type[Exception]) -> Exception:
    return kind("client_secret=s3cret")


class Wire(httpcore.AsyncNetworkStream):
    """A connection on which nothing works from one point on."""

    def __init__(self, point: str, error: Exception) -> None:
        self._point = point
        self._error = error

    def _pass(self, point: str) -> None:
        if point == self._point:
            raise self._error

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's own
        self._pass("read")
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's own
        self._pass("write")

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - httpcore's own
        server_hostname: str | None = None,  # noqa: ARG002 - httpcore's own
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's own
    ) -> httpcore.AsyncNetworkStream:
        self._pass("start_tls")
        return self

    def get_extra_info(self, info: str) -> object:  # noqa: ARG002 - httpcore's own
        return None


class Network(httpcore.AsyncNetworkBackend):
    def __init__(self, point: str, error: Exception) -> None:
        self._point = point
        self._error = error

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - httpcore's own
        port: int,  # noqa: ARG002 - httpcore's own
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's own
        local_address: str | None = None,  # noqa: ARG002 - httpcore's own
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - httpcore's own
    ) -> httpcore.AsyncNetworkStream:
        if self._point == "connect_tcp":
            raise self._error
        return Wire(self._point, self._error)


async def came_to(point: str, error: Exception) -> Exception:
    client = Client(
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), connect=timedelta(seconds=1), network=Network(point, error)
    )
    request = Request("POST", "https://api.example/token")
    with pytest.raises(Exception) as caught:
        await client.exchange(request.method, request.url, encode(request), Progress(lambda: None))
    await client.aclose()
    assert isinstance(caught.value, Exception)
    return caught.value


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", sorted(BELOW, key=repr), ids=lambda kind: kind.__name__)
async def test_every_error_of_httpcore_and_below_becomes_unreachable(kind: type[Exception], point: str) -> None:
    error = await came_to(point, built(kind))

    assert type(error) is Unreachable
    assert error.host == "api.example"
    assert "s3cret" not in f"{error!r} {vars(error)}"


@pytest.mark.parametrize(("point", "step"), POINTS.items())
async def test_the_step_is_the_one_at_which_it_went_wrong(point: str, step: NetworkStep) -> None:
    error = await came_to(point, OSError("odd"))

    assert isinstance(error, Unreachable)
    assert error.step is step


def test_every_error_of_httpcore_that_gets_out_is_known() -> None:
    """A newer httpcore with another error shows here."""
    assert {kind for kind in exceptions_of(httpcore) if not issubclass(kind, FOREIGN)} == INTERNAL
