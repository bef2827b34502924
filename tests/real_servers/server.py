"""A real authorization server as a process of its own, and as a test sees it."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.real_servers.descriptors import AUTHLIB, TOOLKIT, Known, descriptor

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PROGRAMS = {TOOLKIT: "tests.real_servers.toolkit", AUTHLIB: "tests.real_servers.authlib_server"}
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Loading certificates for nothing would cost 50 ms a client."""


class Server:
    """One that runs."""

    def __init__(self, known: Known, base_url: str) -> None:
        self.known = known
        self.base_url = base_url
        self._http = httpx.Client(base_url=base_url, trust_env=False, verify=NO_TLS, timeout=30)
        self._seen = 0

    @property
    def id(self) -> str:
        return self.known.id

    def descriptor(self, *, issuer: str = "", names_issuer: bool = True) -> str:
        """Describe it as a user would, in a file; `issuer` stands in for its own where given."""
        return descriptor(self.known, self.base_url, issuer=issuer, names_issuer=names_issuer)

    def asked(self) -> list[str]:
        """Give the request lines since this was last called."""
        lines: list[str] = self._http.get("/journal").json()
        fresh, self._seen = lines[self._seen :], len(lines)
        return fresh

    def token_requests(self) -> int:
        """Count the token requests since anything was last asked for."""
        return sum(line == f"POST {self.known.token}" for line in self.asked())

    def let(self, happen: str) -> None:
        """Have something happen behind the library's back."""
        self._http.post(f"/control/{happen}").raise_for_status()

    def hold_answers(self) -> None:
        """Do what is asked from now on, and keep the answers back."""
        self._http.post("/hold").raise_for_status()

    def wait_until_held(self) -> None:
        """Wait for an answer that is kept back: what it tells is done by then."""
        self._http.post("/held").raise_for_status()

    def release_answers(self) -> None:
        self._http.post("/release").raise_for_status()

    def ask(self, path: str, **form: str) -> httpx.Response:
        """Ask as somebody else would."""
        return self._http.post(path, data=form)

    def accepts(self, token: str) -> bool:
        """Tell whether the API behind it takes this token."""
        return self._http.get("/whoami", headers={"Authorization": f"Bearer {token}"}).status_code == 200

    def close(self) -> None:
        self._http.close()


@contextmanager
def running(known: Known) -> Iterator[Server]:
    """Run it while the context lasts."""
    # What it does is not measured: it is no part of the program.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", PROGRAMS[known])
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        assert base_url, "it did not start; what it said is on stderr"
        server = Server(known, base_url)
        yield server
        server.close()
        process.communicate(timeout=20)
