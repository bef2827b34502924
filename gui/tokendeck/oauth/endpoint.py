"""`HttpEndpoint`: one request out, one answer back."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin

from tokendeck.core.answers import Answer
from tokendeck.core.client_proof import ClientAssertion, ClientCertificate
from tokendeck.core.errors import BadUrl, Unreachable
from tokendeck.core.origin import host_of, origin_of
from tokendeck.core.secret import Secret
from tokendeck.oauth.clients import Clients
from tokendeck.oauth.patience import Patience, Pulse
from tokendeck.oauth.progress import Progress
from tokendeck.oauth.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from tokendeck.core.moment import Moment
    from tokendeck.core.request import Request
    from tokendeck.oauth.exchange import Reply

CONNECT_TIMEOUT = timedelta(seconds=10)
READ_TIMEOUT = timedelta(seconds=20)
TOTAL_TIMEOUT = timedelta(seconds=30)
CERTIFICATE_KEPT = timedelta(minutes=1)

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpEndpoint:
    """
    Sends requests over HTTP/1.1 and TLS, trusting the operating system's certificates.

    Belongs to one event loop. Requests are never sent twice, but for a GET whose kept connection was dead.
    """

    def __init__(
        self,
        now: Callable[[], Moment],
        *,
        ca_folder: Path | None = None,
        connect_timeout: timedelta = CONNECT_TIMEOUT,
        read_timeout: timedelta = READ_TIMEOUT,
        total_timeout: timedelta = TOTAL_TIMEOUT,
        certificate_kept: timedelta = CERTIFICATE_KEPT,
    ) -> None:
        """
        Take what is needed, opening and importing nothing yet.

        Args:
            now: reads both clocks.
            ca_folder: holds the user's own files of authorities, trusted beside the operating system's.
            connect_timeout: for the name lookup with the connection, and again for TLS.
            read_timeout: for each piece that is sent or received.
            total_timeout: for the whole of it, redirects included.
            certificate_kept: how long a client's own key stays in memory while nothing is sent with it.

        Time during which this process was stopped counts for no read or total timeout.

        """
        self._now = now
        self._read_s = read_timeout.total_seconds()
        self._total_s = total_timeout.total_seconds()
        self._pulse = Pulse()
        self._clients = Clients(ca_folder, connect_timeout=connect_timeout, keep_idle=certificate_kept)

    @property
    def certificates(self) -> tuple[ClientCertificate, ...]:
        """Clients' own whose keys are in memory."""
        return self._clients.certificates

    async def warm_up(self) -> None:
        """Import and load certificates now, so that the first request need not wait for it."""
        async with self._clients.lend(None):
            pass

    async def send(self, request: Request, *, follow_same_origin: bool = False) -> Answer:
        """
        Send once and read the answer, whatever its status; 1 MiB of it at most.

        Args:
            request: goes out exactly as built, and what the client is to sign is signed now.
            follow_same_origin: whether up to five redirects of a GET or HEAD inside its origin are followed.

        Raises:
            Unreachable: no answer came, or not all of it in time.
            FieldError, BadUrl: it cannot be sent as it is; nothing was.

        """
        host = host_of(request.origin)
        if isinstance(request.proof, ClientAssertion):
            request = await asyncio.to_thread(_signed, request, request.proof, self._now().wall)
        wire = encode(request)
        redirects_left = MOST_REDIRECTS if follow_same_origin else 0
        url = request.url
        own = request.proof if isinstance(request.proof, ClientCertificate) else None
        async with self._clients.lend(own) as client:
            asked_at, started_s = self._now(), time.perf_counter()
            patience = Patience(self._pulse, whole_s=self._total_s, piece_s=self._read_s)
            progress = Progress(patience.begin_piece)
            try:
                async with patience.bound():
                    reply = await client.exchange(request.method, url, wire, progress)
                    while redirects_left and (target := redirect_target(request, url, reply)):
                        redirects_left -= 1
                        url, progress = target, Progress(patience.begin_piece)
                        reply = await client.exchange(request.method, url, wire, progress)
            except TimeoutError:
                raise Unreachable(host, progress.step, timed_out=True) from None
        return Answer(
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            asked_at=asked_at,
            latency=timedelta(seconds=time.perf_counter() - started_s),
            too_long=reply.too_long,
            cut_off=reply.cut_off,
            timings_ms=reply.timings_ms,
        )

    async def aclose(self) -> None:
        """Close kept connections and let clients' own keys go; a later request opens new ones."""
        await self._clients.aclose()


def _signed(request: Request, proof: ClientAssertion, at: datetime) -> Request:
    """Import and sign: some 50 ms, in a worker thread."""
    from tokendeck.oauth.assertion import with_assertion

    return with_assertion(request, proof, at)


def redirect_target(request: Request, url: str, reply: Reply) -> str:
    """
    Give the URL that a redirect leads to; nothing where it is not followed.

    Followed are GET and HEAD, inside the origin, and only to a URL without a secret of the request in it.
    """
    location = reply.headers.get("location", "")
    if reply.status not in REDIRECTS or not location or request.method not in {"GET", "HEAD"}:
        return ""
    try:
        target = urldefrag(urljoin(url, location)).url
        inside = origin_of(target) == request.origin
    except (BadUrl, ValueError):
        return ""
    plain = unquote(target)
    pieces = [piece for text in request.headers.values() for piece in text.pieces if isinstance(piece, Secret)]
    leaks = any(piece and (piece.reveal() in plain or piece.reveal() in target) for piece in pieces)
    return target if inside and not leaks else ""
