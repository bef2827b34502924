"""How far one request has got, and how long each step took, as httpcore's trace extension tells it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tokendeck.core.errors import NetworkStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STEPS = {
    "connection.connect_tcp": NetworkStep.CONNECT,
    "connection.start_tls": NetworkStep.TLS,
    "http11.send_request_headers": NetworkStep.SEND,
    "http11.send_request_body": NetworkStep.SEND,
    "http11.receive_response_headers": NetworkStep.ANSWER,
    "http11.receive_response_body": NetworkStep.ANSWER,
}

SPANS = {
    "connect": ("connection.connect_tcp.started", "connection.connect_tcp.complete"),
    "tls": ("connection.start_tls.started", "connection.start_tls.complete"),
    "first_byte": ("http11.send_request_headers.started", "http11.receive_response_headers.complete"),
    "body": ("http11.receive_response_body.started", "http11.response_closed.complete"),
}
"""What `Answer.timings_ms` tells, from which event to which. The name lookup counts into `connect`."""


class Progress:
    """Notes each event; serves as the `trace` extension of one request."""

    def __init__(self, begin_piece: Callable[[], None]) -> None:
        """Start before the first step; `begin_piece` is called whenever something is about to be sent or received."""
        self.begin_piece = begin_piece
        self.step = NetworkStep.CONNECT
        """The step that was begun last."""

        self._seen_at_s: dict[str, float] = {}

    async def __call__(self, event: str, _info: Mapping[str, object]) -> None:
        """Note an event: a dotted name that ends in `started`, `complete` or `failed`."""
        self._seen_at_s[event] = time.perf_counter()
        name, _, state = event.rpartition(".")
        if state == "started":
            self.step = STEPS.get(name, self.step)
            if self.step in {NetworkStep.SEND, NetworkStep.ANSWER}:
                self.begin_piece()

    @property
    def is_on_kept_connection(self) -> bool:
        """Whether the request went out on a connection that an earlier one had opened."""
        return (
            self.step in {NetworkStep.SEND, NetworkStep.ANSWER}
            and "connection.connect_tcp.started" not in self._seen_at_s
        )

    def timings_ms(self) -> dict[str, float]:
        """Give the milliseconds of each step that was taken to its end."""
        at = self._seen_at_s
        return {name: (at[end] - at[start]) * 1000 for name, (start, end) in SPANS.items() if start in at and end in at}
