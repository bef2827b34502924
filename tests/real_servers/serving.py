"""
What the real authorization servers have in common: a port of this machine, threads, and a journal of what was asked.

Each is a program of its own, since Django is configured once for a whole process. It prints its address and runs until
its stdin ends.
"""

from __future__ import annotations

import json
import sys
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_HOLD_S = 30.0


class ManyAtOnce(ThreadingMixIn, WSGIServer):
    """Answers each request in a thread of its own."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the library has it
        """Say nothing where a client goes away early."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Quiet(WSGIRequestHandler):
    """Says nothing of what it answers."""

    def log_message(self, *_: object) -> None:
        pass


class Journal:
    """
    Notes the request line of everything that is asked, and gives the list to whoever asks for `/journal`.

    From `/hold` to `/release`, what is asked is done and its answer kept back; `/held` waits for one that is.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._lines: list[str] = []
        self._held = threading.Semaphore(0)
        self._released = threading.Event()
        self._released.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/journal":
                start_response("200 OK", [("Content-Type", "application/json")])
                return [json.dumps(self._lines).encode()]
            case "/hold":
                self._held = threading.Semaphore(0)
                self._released.clear()
            case "/held":
                self._held.acquire(timeout=LONGEST_HOLD_S)
            case "/release":
                self._released.set()
            case _:
                return self._answer(environ, start_response)
        start_response("204 No Content", [])
        return []

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        self._lines.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}{'?' if query else ''}{query}")
        answer = self._application(environ, start_response)
        if not self._released.is_set():
            self._held.release()
            self._released.wait(LONGEST_HOLD_S)
        return answer


def serve(build: Callable[[str], WSGIApplication]) -> None:
    """Serve what `build` makes of the base URL, until stdin ends."""
    with ManyAtOnce(("127.0.0.1", 0), Quiet) as server:
        base_url = f"http://127.0.0.1:{server.server_port}"
        server.set_app(Journal(build(base_url)))
        threading.Thread(target=server.serve_forever, name="serve", daemon=True).start()
        print(base_url, flush=True)  # noqa: T201 - whoever started this program reads it
        sys.stdin.read()
        server.shutdown()
