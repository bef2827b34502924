"""The sandbox itself: one listening socket, five dialects, a script of faults and a journal."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from tokendeck.sandbox.control import PREFIX, answer_control
from tokendeck.sandbox.dialects.payos import PayOS
from tokendeck.sandbox.dialects.paysecurez import PaySecurez
from tokendeck.sandbox.dialects.paysera import Paysera
from tokendeck.sandbox.dialects.payt import Payt
from tokendeck.sandbox.dialects.pyng import Pyng
from tokendeck.sandbox.faults import Closed, Delay, Hold, Reset, Truncated, http_date, replacement_reply
from tokendeck.sandbox.journal import Journal
from tokendeck.sandbox.message import Cut, Dropped, Unreadable, Whole, json_reply, phrase
from tokendeck.sandbox.script import Place, Script
from tokendeck.sandbox.wire import converse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from tokendeck.sandbox.dialects.dialect import Dialect
    from tokendeck.sandbox.faults import Course, Fault
    from tokendeck.sandbox.journal import Received
    from tokendeck.sandbox.message import Delivery, Reply, Request
    from tokendeck.sandbox.script import Endpoint, ProviderId

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
WAITING_CONNECTIONS = 1024
"""Storms of 500 clients are part of the tests."""

TURNS_TO_CONNECT = 3
"""Turns of the event loop from an accepted socket to its transport's first callback."""

DIALECTS: tuple[type[Dialect], ...] = (PayOS, Paysera, Pyng, Payt, PaySecurez)
LISTENER_PATH = "/callback"


class PortInUse(OSError):
    """Another program listens on the port; the message names it."""


class Sandbox:
    """
    The five providers on 127.0.0.1.

        async with Sandbox() as sandbox:
            sandbox.inject("paysera", "token", TooManyRequests(retry_after=3), times=1)
            ...  # talk to sandbox.base_url with sandbox.fields["paysera"]
            assert sandbox.count("paysera", "token") == 2

    Credentials, tokens, faults and records belong to the object: it can be stopped and started again, as a provider
    after an outage. It belongs to the event loop in which it was started.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        lifetimes: Mapping[ProviderId, int] | None = None,
        fields: Mapping[ProviderId, Mapping[str, str]] | None = None,
    ) -> None:
        """
        Make up credentials.

        Args:
            now: gives aware UTC; all that expires here expires by it.
            lifetimes: of tokens, in seconds, at least 1, by provider; the others keep their documented ones. Payt's
                is that of the tokens for which a person signed in; its others never expire.
            fields: credentials that are not to be random, by provider and field.

        Raises:
            ValueError: an unknown provider or field, or a lifetime out of range.

        """
        lifetimes, fields = lifetimes or {}, fields or {}
        if unknown := (lifetimes.keys() | fields.keys()) - {dialect.provider for dialect in DIALECTS}:
            raise ValueError(f"There is no provider {', '.join(sorted(unknown))}.")
        self._now = now
        self._dialects: dict[ProviderId, Dialect] = {
            make.provider: make(now, lifetimes.get(make.provider), fields.get(make.provider, {})) for make in DIALECTS
        }
        payt = self._dialects["payt"]
        assert isinstance(payt, Payt)
        self.sign_in = payt.sign_in
        """Payt's application of the authorization_code grant."""

        self._places = {path: Place(one.provider, endpoint) for one in DIALECTS for endpoint, path in one.paths.items()}
        self._script = Script()
        self._journal = Journal()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._listening = False
        self._conversations: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self, port: int = 0) -> None:
        """
        Listen; requests are answered as soon as this returns.

        Args:
            port: 0 means any that is free.

        Raises:
            PortInUse: another program listens there.
            PermissionError: the system keeps the port from this user.
            RuntimeError: it is started already.

        """
        if self._listening:
            raise RuntimeError("The sandbox is started already.")
        self._listening = True
        try:
            self._server = await asyncio.start_server(self._connected, HOST, port, backlog=WAITING_CONNECTIONS)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(errno.EADDRINUSE, f"Another program listens on port {port} of {HOST}") from error
            raise  # pragma: no cover - a port below 1024, which root may have and tests may run as root
        finally:
            self._listening = self._server is not None
        self._port = self._server.sockets[0].getsockname()[1]
        if "redirect_uri" not in self.sign_in.fields:
            self.sign_in.register(f"http://{HOST}:{_free_port()}{LISTENER_PATH}")

    async def stop(self) -> None:
        """Stop listening and end every connection, held and delayed requests included. Does nothing when stopped."""
        server, self._server, self._listening = self._server, None, False
        if server is None:
            return
        # WORKAROUND https://github.com/python/cpython/issues/109564: closing loses what the loop has just accepted.
        loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):  # Windows' loop, which accepts in another way
            loop.remove_reader(server.sockets[0].fileno())
        for _ in range(TURNS_TO_CONNECT):
            await asyncio.sleep(0)
        server.close()
        conversations = dict(self._conversations)
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        for writer in conversations.values():
            writer.transport.abort()  # a task cancelled before its first step has closed nothing
        await asyncio.sleep(0)  # aborted transports close their sockets in the loop's next turn
        await server.wait_closed()

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def base_url(self) -> str:
        """
        Where all five providers are, without a slash at the end; once stopped, where they were.

        Raises:
            RuntimeError: it was never started.

        """
        if not self._port:
            raise RuntimeError("The sandbox has no address before it is started.")
        return f"http://{HOST}:{self._port}"

    @property
    def fields(self) -> dict[ProviderId, dict[str, str]]:
        """What a user fills in, by provider and field; a copy. Once started: PYNG's base URL is among it."""
        fields = {provider: dict(dialect.fields) for provider, dialect in self._dialects.items()}
        fields["pyng"] = {"base_url": self.base_url, **fields["pyng"]}
        return fields

    @property
    def received(self) -> list[Received]:
        """Every request read so far, in order of arrival; a copy, without those under `/_sandbox/`."""
        return self._journal.records

    def count(self, provider: ProviderId | None = None, endpoint: Endpoint | None = None) -> int:
        """Count the requests so far; None counts those of every provider or endpoint, other paths included."""
        return self._journal.count(provider, endpoint)

    async def wait_for_requests(
        self, count: int, provider: ProviderId | None = None, endpoint: Endpoint | None = None
    ) -> None:
        """Return as soon as `count` such requests have arrived since the sandbox was made, answered or not."""
        await self._journal.wait_for(count, provider, endpoint)

    def inject(self, provider: ProviderId, endpoint: Endpoint, *faults: Fault, times: int | None = None) -> None:
        """
        Make requests go wrong.

        Args:
            provider: whose requests.
            endpoint: to which of its endpoints.
            faults: what befalls the same request, all together; none lets it pass.
            times: for so many requests, after those already planned. None takes the place of what stands until `clear`
                and befalls whatever request no plan is left for.

        Raises:
            ValueError: faults that exclude each other or cannot happen there.

        """
        self._script.add(Place(provider, endpoint), faults, times)

    def clear(self) -> None:
        """Drop every fault and let held requests go on."""
        self._script.clear()

    def rotate_secret(self, provider: ProviderId) -> dict[str, str]:
        """Give the provider's client a new secret; gives its fields from now on. Live tokens stay valid."""
        self._dialects[provider].rotate_secret()
        return self.fields[provider]

    def revoke_tokens(self, provider: ProviderId) -> None:
        """Revoke every token that the provider has issued so far."""
        self._dialects[provider].revoke_tokens()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._listening:  # accepted just before the stop
            writer.transport.abort()
            return
        # WORKAROUND https://github.com/agronholm/anyio/issues/1250: a transport that was closed with bytes left to send
        # cannot be aborted safely. So each drain leaves none.
        writer.transport.set_write_buffer_limits(high=0)
        conversation = asyncio.create_task(self._converse(reader, writer), name="sandbox connection")
        self._conversations[conversation] = writer
        conversation.add_done_callback(self._conversations.pop)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await converse(reader, writer, self._respond)
            writer.close()
            await writer.wait_closed()
        except OSError as error:
            log.debug("a client went away: %s", type(error).__name__)
        except Exception:
            log.exception("a connection ended on an error of the sandbox")
        finally:
            writer.transport.abort()

    async def _respond(self, request: Request | Unreadable) -> Delivery:
        if isinstance(request, Unreadable):
            return Whole(self._dated(json_reply(request.status, {"error": phrase(request.status)})))
        if request.path.startswith(PREFIX):
            return Whole(self._dated(answer_control(self, request)))
        place = self._places.get(request.path)
        number = self._journal.arrived(place, request, self._now())
        if place is None:
            delivery: Delivery = Whole(self._dated(json_reply(404, {"error": "not_found"})))
        else:
            delivery = await self._run(self._script.take(place), place, request)
        if not isinstance(delivery, Dropped):
            self._journal.answered(number, delivery.reply.status)
        return delivery

    async def _run(self, course: Course, place: Place, request: Request) -> Delivery:
        match course.pause:
            case None:
                reply = self._act(course, place, request)
            case Delay(seconds):
                await asyncio.sleep(seconds)
                reply = self._act(course, place, request)
            case Hold(processed, released):
                if not processed:
                    await released.wait()
                reply = self._act(course, place, request)
                await released.wait()
            case never:
                assert_never(never)
        if reply is None:
            return Dropped(reset=isinstance(course.breakage, Reset))
        dated = self._dated(reply, course.date_offset_s)
        match course.breakage:
            case None:
                return Whole(dated)
            case Truncated():
                return Cut(dated)
            case Reset():
                return Dropped(reset=True)
            case Closed():
                return Dropped(reset=False)
            case other:
                assert_never(other)

    def _act(self, course: Course, place: Place, request: Request) -> Reply | None:
        """Give what the provider, or whoever answers in its place, replies; None where the request never gets there."""
        if isinstance(course.breakage, Reset | Closed) and not course.breakage.processed:
            return None
        if course.replacement is not None:
            return replacement_reply(course.replacement)
        dialect = self._dialects[place.provider]
        match place.endpoint:
            case "token":
                return dialect.answer_token(request, course.distortions)
            case "authorize":
                return self.sign_in.answer_authorize(request)
            case "api":
                return dialect.answer_api(request, address_off_list=course.address_off_list)
            case other:
                assert_never(other)

    def _dated(self, reply: Reply, offset_s: float = 0) -> Reply:
        """Add the `Date` header, unless the reply has its own."""
        if any(name.lower() == "date" for name, _ in reply.headers):
            return reply
        return reply.with_headers(("Date", http_date(self._now(), offset_s)))


def describe(sandbox: Sandbox) -> str:
    """
    Give base URL and credentials of a started sandbox as one line of JSON, without the line's end.

    `fields` are those of clients that ask for themselves; `sign_in` those of applications for which a person signs in.
    """
    return json.dumps(
        {"base_url": sandbox.base_url, "fields": sandbox.fields, "sign_in": {"payt": sandbox.sign_in.fields}}
    )


def _free_port() -> int:
    """Give a port on which nobody listens: whoever has a person sign in listens there."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
