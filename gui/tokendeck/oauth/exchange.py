"""One exchange over HTTP/1.1. Only this module and `faults` import httpx, so they are imported in a worker thread."""

from __future__ import annotations

import logging
import sys
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

import httpx

from tokendeck.core.errors import BadUrl
from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import host_of, origin_of
from tokendeck.oauth.faults import FOREIGN, unreachable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from datetime import timedelta

    from tokendeck.oauth.progress import Progress
    from tokendeck.oauth.wire import Wire

LONGEST_BODY = 1024 * 1024
KEPT_FOR_S = 5.0
"""How long an idle connection is kept; short, because servers close theirs whenever they like."""

IDEMPOTENT = frozenset({"GET", "HEAD"})
GZIP = 16 + zlib.MAX_WBITS

# WORKAROUND: httpcore 1.0 looks for sniffio, which it can do without, at every lock that it makes, each time in all
# folders of the path: 0.2 ms a request. A module that is known to be absent is not looked for.
sys.modules |= {"sniffio": None} if find_spec("sniffio") is None else {}  # type: ignore[dict-item]  # its own word

# At INFO httpx logs whole URLs, and at DEBUG httpcore logs headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: see `Answer`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    too_long: bool
    cut_off: bool
    timings_ms: Mapping[str, float]


class Client:
    """
    Sends requests and reads replies, one at a time each.

    Stands on a transport, not on httpx's own client: a transport keeps no cookies, follows no redirects, and reads no
    proxy variables and no .netrc.
    """

    def __init__(self, context: ssl.SSLContext, *, connect: timedelta) -> None:
        """Take the TLS context, and how long to wait for a connection."""
        self._transport = httpx.AsyncHTTPTransport(
            verify=context, trust_env=False, limits=httpx.Limits(keepalive_expiry=KEPT_FOR_S)
        )
        connect_s = connect.total_seconds()
        # Once something is sent, `Patience` sets the limits.
        self._timeouts = {"connect": connect_s, "pool": connect_s, "write": None, "read": None}

    async def exchange(self, method: str, url: str, wire: Wire, progress: Progress) -> Reply:
        """
        Send once, or for a GET or HEAD once more where a kept connection turned out to be dead.

        Raises:
            Unreachable: no answer came.
            BadUrl: httpx cannot make anything of the URL.

        """
        try:
            while True:
                try:
                    return await self._exchange(method, url, wire, progress)
                except (httpx.NetworkError, httpx.RemoteProtocolError):
                    # Each try throws one dead connection away, so that this ends with a new one.
                    if method not in IDEMPOTENT or not progress.is_on_kept_connection:
                        raise
        except FOREIGN as error:
            raise unreachable(error, host_of(origin_of(url)), progress.step) from None
        except httpx.InvalidURL:
            raise BadUrl(url, "an absolute https URL") from None

    async def aclose(self) -> None:
        """Close kept connections."""
        await self._transport.aclose()

    async def _exchange(self, method: str, url: str, wire: Wire, progress: Progress) -> Reply:
        request = httpx.Request(
            method,
            url,
            headers=list(wire.headers.items()),
            content=wire.content,
            extensions={"timeout": self._timeouts, "trace": progress},
        )
        response = await self._transport.handle_async_request(request)
        try:
            body, too_long, cut_off = await _read(response, progress)
        finally:
            await response.aclose()
        return Reply(response.status_code, dict(response.headers), body, too_long, cut_off, progress.timings_ms())


async def _read(response: httpx.Response, progress: Progress) -> tuple[bytes, bool, bool]:
    """Give the body, whether there was more of it than is read, and whether it was cut off."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    unzip = zlib.decompressobj(GZIP) if encoding in {"gzip", "x-gzip"} else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            progress.begin_piece()
            # Unzipped no further than needed: a few bytes can stand for gigabytes.
            body += unzip.decompress(chunk, LONGEST_BODY + 1 - len(body)) if unzip else chunk
            if len(body) > LONGEST_BODY:
                return bytes(body[:LONGEST_BODY]), True, False
    except (httpx.ReadError, httpx.RemoteProtocolError, zlib.error):
        return bytes(body), False, True
    return bytes(body), False, bool(body) and unzip is not None and not unzip.eof
