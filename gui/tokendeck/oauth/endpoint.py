"""Sending one request and reading its answer, whatever it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tokendeck.core.answers import Answer
from tokendeck.core.errors import BadUrl, Unreachable
from tokendeck.core.origin import host_of, origin_of
from tokendeck.oauth.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import httpx

    from tokendeck.core.moment import Moment
    from tokendeck.core.request import Request

LARGEST_BODY = 1024 * 1024
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAFE_METHODS = frozenset({"GET", "HEAD"})
CONNECT_TIMEOUT = timedelta(seconds=10)
READ_TIMEOUT = timedelta(seconds=20)
TOTAL_TIMEOUT = timedelta(seconds=30)


class HttpEndpoint:
    """
    The engine's `TokenEndpoint` over httpx.

    httpx, the TLS context and the system's trust store are loaded in a worker thread with the first request or by
    `warm_up`. Proxy variables, `.netrc`, cookies and TLS key logs have no effect; certificates are always checked.
    """

    def __init__(
        self,
        *,
        now: Callable[[], Moment],
        private_ca: Path | None = None,
        connect_timeout: timedelta = CONNECT_TIMEOUT,
        read_timeout: timedelta = READ_TIMEOUT,
        total_timeout: timedelta = TOTAL_TIMEOUT,
    ) -> None:
        """
        Load nothing yet.

        Args:
            now: reads both clocks.
            private_ca: a PEM file of certificate authorities to trust beside the system's.
            connect_timeout: for the name lookup, the connection and the TLS handshake each.
            read_timeout: between two pieces of an answer.
            total_timeout: for a request with all its redirects.

        """
        self._now = now
        self._private_ca = private_ca
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._total_timeout = total_timeout
        self._client: httpx.AsyncClient | None = None
        self._building: asyncio.Task[httpx.AsyncClient] | None = None

    async def warm_up(self) -> None:
        """Load what the first request needs, off the loop's thread."""
        if self._client is None:
            if self._building is None:
                self._building = asyncio.create_task(asyncio.to_thread(self._build), name="build HTTP client")
            self._client = await asyncio.shield(self._building)

    async def aclose(self) -> None:
        """Close kept connections."""
        if self._building is not None:
            await (await self._building).aclose()

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        """
        Send once and read the answer, whatever its status.

        Args:
            request: goes out exactly as built.
            follow_same_origin: whether GET and HEAD follow at most five redirects inside their origin.

        Raises:
            Unreachable: no answer came.
            FieldError, BadUrl: the request cannot be put on the wire; nothing was sent.

        """
        await self.warm_up()
        progress = Progress(host_of(request.origin))
        try:
            async with asyncio.timeout(self._total_timeout.total_seconds()):
                answer = await self._exchange(request, progress)
                for _ in range(MOST_REDIRECTS if follow_same_origin and request.method in SAFE_METHODS else 0):
                    target = _target(request, answer)
                    if target is None:
                        break
                    request = replace(request, url=target)
                    answer = await self._exchange(request, progress)
                return answer
        except TimeoutError:
            raise Unreachable(progress.host, progress.step, timed_out=True) from None

    async def _exchange(self, request: Request, progress: Progress) -> Answer:
        from tokendeck.oauth.faults import translated
        from tokendeck.oauth.wire import to_httpx

        assert self._client is not None
        outgoing = to_httpx(self._client, request)
        progress.begin()
        outgoing.extensions["trace"] = progress.trace
        asked_at = self._now()
        with translated(progress):
            response = await self._client.send(outgoing, stream=True)
        try:
            body, too_long, cut_off = await _read(response)
        finally:
            await response.aclose()
        progress.finish()
        return Answer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            asked_at=asked_at,
            latency=timedelta(seconds=progress.elapsed_s),
            too_long=too_long,
            cut_off=cut_off,
            timings_ms=progress.timings_ms(),
        )

    def _build(self) -> httpx.AsyncClient:
        from tokendeck.oauth.client import build_client

        return build_client(
            private_ca=self._private_ca,
            connect_s=self._connect_timeout.total_seconds(),
            read_s=self._read_timeout.total_seconds(),
        )


async def _read(response: httpx.Response) -> tuple[bytes, bool, bool]:
    """Read at most 1 MiB: the body, whether there was more, and whether it ended before its announced length."""
    import httpx

    body = bytearray()
    try:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > LARGEST_BODY:
                return bytes(body[:LARGEST_BODY]), True, False
    except (httpx.TransportError, httpx.DecodingError):
        return bytes(body), False, True
    return bytes(body), False, False


def _target(request: Request, answer: Answer) -> str | None:
    """Give where a redirect leads inside the request's origin; None for anything else."""
    location = answer.headers.get("location", "")
    if answer.status not in REDIRECTS or not location:
        return None
    target = urljoin(request.url, location).split("#")[0]
    try:
        same = origin_of(target) == request.origin
    except BadUrl:
        return None
    return target if same else None
