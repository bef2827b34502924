"""
The program with every room on fire: each raises what nobody foresees, with a secret in its words.

    python -m tests.journeys.rooms_on_fire HOME      reads the secrets from stdin, as JSON

It is the whole program, window included, on a sandbox of its own; what burns is handed in.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import secrets
import sys
import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict
from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QObject, QTimer, qWarning

from tests.journeys.person import until
from tokendeck.app.logbook import WINDOW_LOG, Logbook
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.app.window import build_desktop, serve
from tokendeck.cli.main import main as run_command
from tokendeck.cli.running.answers import Answers
from tokendeck.cli.running.messages import request
from tokendeck.core.connection import Connection
from tokendeck.core.request import origins_of
from tokendeck.core.secret import Secret
from tokendeck.engine.clock import SystemClock
from tokendeck.engine.engine import RefreshEngine
from tokendeck.oauth.wire import encode
from tokendeck.providers.catalog import Catalog
from tokendeck.sandbox import OddToken, Sandbox
from tokendeck.storage.guards import MemoryGuard
from tokendeck.ui import loop
from tokendeck.ui.messages import logged_messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokendeck.app.parts import Parts
    from tokendeck.cli.options import Options
    from tokendeck.cli.program import Program
    from tokendeck.core.request import Request
    from tokendeck.core.token import TokenSet
    from tokendeck.ui.desktop import Desktop

FIRES = (
    "Oauth",
    "Storage",
    "Engine",
    "Slot",
    "Override",
    "Task",
    "Thread",
    "Collected",
    "Socket",
    "Command",
    "Sandbox",
)
"""Beginnings of the names of the errors that are raised."""


class Fire(RuntimeError):
    """Nobody foresees it."""


def burn(where: str, said: object) -> NoReturn:
    """Raise an error of its own name, whose words hold what must not be told."""
    kind = type(f"{where}Fire", (Fire,), {})
    raise kind(f"cannot make sense of {said}")


class OnFire:
    """Stands before a part; one of its methods burns, the rest is the part's own."""

    def __init__(self, part: object, **burning: Callable[..., Any]) -> None:
        assert all(hasattr(part, name) for name in burning), "what nobody calls cannot burn"
        self._part = part
        self._burning = burning

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the part has
        return self._burning.get(name) or getattr(self._part, name)


class Given(TypedDict):
    client_secret: str
    token: str


class Burning(QObject):
    """Overrides a method that Qt calls."""

    def __init__(self, secret: Secret, parent: QObject) -> None:
        super().__init__(parent)
        self._secret: Secret | None = secret

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's spelling
        secret, self._secret = self._secret, None
        return super().eventFilter(watched, event) if secret is None else burn("Override", secret.reveal())


class Frail:
    """Raises as it goes."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def __del__(self) -> None:
        burn("Collected", self._secret.reveal())


class Fires:
    """One after the other, each in its room."""

    def __init__(self, desktop: Desktop, parts: Parts, sandbox: Sandbox, given: Given, log: Path) -> None:
        self._desktop = desktop
        self._parts = parts
        self._sandbox = sandbox
        self._secret = Secret(given["client_secret"])
        self._token = Secret(given["token"])
        self._log = log
        self._lit: set[str] = set()
        vault: Any = OnFire(parts.storage.vault, pen=self._pen)
        endpoint: Any = OnFire(parts.endpoint, send=self._send)
        nobody: Any = None  # signs in
        self.engine = RefreshEngine(
            clock=parts.clock,
            ledger=parts.storage.ledger,
            vault=vault,
            endpoint=endpoint,
            locks=parts.storage.locks,
            catalog=parts.catalog,
            listener=nobody,
            chance=random.random,
            draw=secrets.token_bytes,
        )

    async def light(self) -> None:
        """Set every room on fire, see each error to the log, and close the window."""
        try:
            await self._light()
        finally:
            self._desktop.window.close()

    async def _light(self) -> None:
        connection_id = await self._add()
        self._spawn_refresh(connection_id)
        await self._until_logged("Oauth")
        self._sandbox.inject("paysera", "token", OddToken(self._token.reveal()), times=1)
        self.engine.subscribe(lambda _: self._burn_once("Engine"))
        self._spawn_refresh(connection_id)
        await self._until_logged("Storage", "Engine")
        QTimer.singleShot(0, lambda: burn("Slot", self._secret.reveal()))
        self._desktop.window.installEventFilter(Burning(self._secret, self._desktop.window))
        qWarning(f"cannot draw {self._secret.reveal()}")
        self._desktop.window.update()
        asyncio.get_running_loop().create_task(self._fail())
        threading.Thread(target=lambda: burn("Thread", self._secret.reveal())).start()
        Frail(self._secret)
        await self._ask_by_socket(connection_id)
        await asyncio.to_thread(self._run_command)
        await self._ask_sandbox()
        gc.collect()
        await self._until_logged(*FIRES)

    async def _add(self) -> str:
        provider = self._parts.catalog.provider("paysera")
        draft = Connection(
            id=uuid.uuid4().hex,
            name="Mine",
            provider="paysera",
            environment="Sandbox",
            grant="client_credentials",
            created_at=self._parts.clock.now().wall,
            values={"client_id": self._sandbox.fields["paysera"]["client_id"]},
            overrides={"base_url": self._sandbox.base_url},
        )
        connection = replace(draft, confirmed_origins=origins_of(provider, draft))
        await self.engine.add(connection, {"client_secret": self._secret})
        return connection.id

    def _spawn_refresh(self, connection_id: str) -> None:
        self._desktop.context.spawn(self.engine.refresh(connection_id), name="refresh")

    async def _until_logged(self, *names: str) -> None:
        await until(lambda: self._log.exists() and all(f"{one}Fire" in self._log.read_text("utf-8") for one in names))

    def _burn_once(self, name: str) -> None:
        if name not in self._lit:
            self._lit.add(name)
            burn(name, self._secret.reveal())

    async def _send(self, asked: Request, *, follow_same_origin: bool = False) -> object:
        if "Oauth" not in self._lit:
            self._lit.add("Oauth")
            burn("Oauth", encode(asked))  # the form as it goes over the wire
        return await self._parts.endpoint.send(asked, follow_same_origin=follow_same_origin)

    def _pen(self) -> OnFire:
        return OnFire(self._parts.storage.vault.pen(), renew_tokens=self._renew_tokens)

    async def _renew_tokens(self, _: str, tokens: TokenSet, __: int) -> NoReturn:
        burn("Storage", {"access_token": tokens.access_token.reveal()})

    async def _fail(self) -> NoReturn:
        burn("Task", self._secret.reveal())

    async def _ask_by_socket(self, connection_id: str) -> None:
        async def token(*_: object, **__: object) -> NoReturn:
            burn("Socket", [self._token.reveal()])

        engine: Any = OnFire(self.engine, token=token)
        begun = asyncio.Event()
        begun.set()
        answers = Answers(engine, begun=begun, show=lambda _: None)
        asked = {"id": connection_id, "min_valid": None, "fresh": False}
        sys.stdout.write((await answers.answer(request("token", asked))).decode())

    def _run_command(self) -> None:
        def program_for(_: Options) -> Program:
            burn("Command", self._secret.reveal())

        argv = ["token", "Mine", "--debug"]
        run_command(argv, program_for, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr)

    async def _ask_sandbox(self) -> None:
        journal: Any = OnFire(self._sandbox._journal, arrived=lambda _, asked, __: burn("Sandbox", asked.headers))
        self._sandbox._journal = journal
        at = urlsplit(self._sandbox.base_url)
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: {at.netloc}\r\nX-Odd: {self._token.reveal()}\r\n\r\n".encode())
        await reader.read()
        writer.close()


async def live(desktop: Desktop, home: Path, given: Given) -> int:
    places, clock = find_places(home), SystemClock()
    catalog, fields = Catalog(resources() / "providers"), {"client_secret": given["client_secret"]}
    async with (
        Sandbox(fields={"paysera": fields}) as sandbox,
        running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts,
    ):
        fires = Fires(desktop, parts, sandbox, given, places.state / WINDOW_LOG)
        await fires.engine.unlock()
        burning = replace(parts, engine=fires.engine)
        await serve(desktop, burning, lambda: desktop.context.spawn(fires.light(), name="set on fire"))
        await fires.engine.drain()
    return 0


def main() -> int:
    home, given = Path(sys.argv[1]), json.load(sys.stdin)
    places = find_places(home)
    with Logbook(places.state / WINDOW_LOG, debug=True, shown_on=sys.stderr) as logbook:
        logbook.open()
        desktop = build_desktop(places, Catalog(resources() / "providers"), SystemClock())
        desktop.paint()
        with logged_messages():
            return loop.run(desktop.application, live(desktop, home, given))


if __name__ == "__main__":
    sys.exit(main())
