"""How far a request has got, and how long each step took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tokendeck.core.errors import NetworkStep

if TYPE_CHECKING:
    from collections.abc import Mapping

STEPS = {
    "connection.connect_tcp.started": NetworkStep.CONNECT,
    "connection.start_tls.started": NetworkStep.TLS,
    "http11.send_request_headers.started": NetworkStep.SEND,
    "http11.receive_response_headers.started": NetworkStep.ANSWER,
}
"""What httpcore's trace extension reports when a step begins: https://www.encode.io/httpcore/extensions/#trace"""

SPANS = {
    "connect": ("connection.connect_tcp.started", "connection.connect_tcp.complete"),
    "tls": ("connection.start_tls.started", "connection.start_tls.complete"),
    "first_byte": ("http11.send_request_headers.started", "http11.receive_response_headers.complete"),
    "body": ("http11.receive_response_body.started", "http11.receive_response_body.complete"),
}


class Progress:
    """Watches one request; its own stopwatch, since only spans inside one process are measured."""

    def __init__(self, host: str) -> None:
        """Watch a request to `host`."""
        self.host = host
        self.step = NetworkStep.CONNECT
        self._seen: dict[str, float] = {}
        self._began = self._ended = time.perf_counter()

    @property
    def elapsed_s(self) -> float:
        """Seconds from the beginning to the end of the last exchange."""
        return self._ended - self._began

    def begin(self) -> None:
        """Start the stopwatch anew: a redirect is an exchange of its own."""
        self.step = NetworkStep.CONNECT
        self._seen.clear()
        self._began = time.perf_counter()

    def finish(self) -> None:
        """Stop the stopwatch."""
        self._ended = time.perf_counter()

    async def trace(self, event: str, _: Mapping[str, object]) -> None:
        """Take in what httpcore reports."""
        self._seen[event] = time.perf_counter()
        self.step = STEPS.get(event, self.step)

    def timings_ms(self) -> dict[str, float]:
        """Give milliseconds by step; steps that a kept connection skipped are absent."""
        return {
            name: (self._seen[end] - self._seen[start]) * 1000
            for name, (start, end) in SPANS.items()
            if start in self._seen and end in self._seen
        }
