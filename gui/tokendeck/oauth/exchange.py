"""One exchange over HTTP/1.1. Imports httpcore, which is slow: in a worker thread only."""

from __future__ import annotations

import logging
import sys
import zlib
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpcore

from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import DEFAULT_PORTS, host_of, origin_of
from tokendeck.oauth.faults import FOREIGN, unreachable
from tokendeck.oauth.pools import Pools

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from tokendeck.oauth.progress import Progress
    from tokendeck.oauth.wire import Wire

LONGEST_BODY = 1024 * 1024
WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
"""Methods that are expected to say how long their content is, even where they have none: RFC 9110, section 8.6."""

IN_TARGETS = "!$%&'()*+,/:;=?@[]~"
"""Stands in a target as it is, besides letters, digits and `-._`: RFC 3986; everything else is percent-encoded."""

GZIP = 16 + zlib.MAX_WBITS

# WORKAROUND: httpcore 1.0 looks for sniffio, which it can do without, at every lock that it makes, each time in all
# folders of the path: 0.2 ms a request. A module that is known to be absent is not looked for.
sys.modules |= {"sniffio": None} if find_spec("sniffio") is None else {}  # type: ignore[dict-item]  # its own word

logging.getLogger("httpcore").setLevel(logging.WARNING)  # at DEBUG it logs headers


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

    Stands on httpcore, the engine of httpx, and not on httpx: it keeps no cookies, follows no redirects, reads no proxy
    variables and no .netrc, and whoever sends can say how.
    """

    def __init__(
        self, context: ssl.SSLContext, *, connect: timedelta, network: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        """Take the TLS context, how long to wait for a connection, and what opens it; None is the system's network."""
        self._pools = Pools(context, network=network)
        connect_s = connect.total_seconds()
        # Once something is sent, `Patience` sets the limits.
        self._timeouts = {"connect": connect_s, "pool": connect_s, "write": None, "read": None}

    async def exchange(self, method: str, url: str, wire: Wire, progress: Progress) -> Reply:
        """
        Send once, or for a GET once more where a kept connection turned out to be dead.

        Raises `Unreachable` where no answer came.
        """
        try:
            while True:
                try:
                    return await self._exchange(method, url, wire, progress)
                except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                    # Each try throws one dead connection away, so that this ends with a new one.
                    if method != "GET" or not progress.is_on_kept_connection:
                        raise
        except FOREIGN as error:
            raise unreachable(error, host_of(origin_of(url)), progress.step) from None

    async def aclose(self) -> None:
        """Close kept connections."""
        await self._pools.aclose()

    async def _exchange(self, method: str, url: str, wire: Wire, progress: Progress) -> Reply:
        where = _parsed(url)
        # Some servers answer a HEAD with a body, which would be taken for the beginning of the next answer.
        with self._pools.lend(where, alone=method == "HEAD") as pool:
            request = httpcore.Request(
                method,
                where,
                headers=[*_added(method, where, wire), *wire.headers.items()],
                content=wire.content,
                extensions={"timeout": self._timeouts, "trace": progress},
            )
            response = await pool.handle_async_request(request)
            try:
                headers = _headers(response.headers)
                body, too_long, cut_off = await _read(response, headers.get("content-encoding", ""), progress)
            finally:
                await response.aclose()
        return Reply(response.status, headers, body, too_long, cut_off, progress.timings_ms())


def _parsed(url: str) -> httpcore.URL:
    """Give the parts of a URL of which `origin_of` has made sure that nobody can read them in two ways."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    host = parts.hostname or ""
    return httpcore.URL(scheme=parts.scheme, host=host, port=parts.port, target=quote(target, safe=IN_TARGETS))


def _added(method: str, where: httpcore.URL, wire: Wire) -> list[tuple[bytes, bytes]]:
    """Give Host and Content-Length, unless the request brings its own: RFC 9112, sections 3.2 and 6.2."""
    brought = {name.lower() for name in wire.headers}
    added = []
    if b"host" not in brought:
        host = b"[%b]" % where.host if b":" in where.host else where.host
        port = b"" if where.port in {None, DEFAULT_PORTS[where.scheme.decode()]} else b":%d" % where.origin.port
        added.append((b"Host", host + port))
    if (wire.content or method in WITH_CONTENT) and not brought & {b"content-length", b"transfer-encoding"}:
        added.append((b"Content-Length", b"%d" % len(wire.content)))
    return added


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Give headers by their lower-case names; those that come more than once are joined: RFC 9110, section 5.3."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key = name.decode("ascii").lower()
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _read(response: httpcore.Response, encoding: str, progress: Progress) -> tuple[bytes, bool, bool]:
    """Give the body, whether there was more of it than is read, and whether it was cut off."""
    unzip = zlib.decompressobj(GZIP) if encoding.strip().lower() in {"gzip", "x-gzip"} else None
    body = bytearray()
    try:
        async for chunk in response.aiter_stream():
            progress.begin_piece()
            # Unzipped no further than needed: a few bytes can stand for gigabytes.
            body += unzip.decompress(chunk, LONGEST_BODY + 1 - len(body)) if unzip else chunk
            if len(body) > LONGEST_BODY:
                return bytes(body[:LONGEST_BODY]), True, False
    except (httpcore.ReadError, httpcore.RemoteProtocolError, zlib.error):
        return bytes(body), False, True
    return bytes(body), False, bool(body) and unzip is not None and not unzip.eof
