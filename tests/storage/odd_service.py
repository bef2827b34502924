"""A Secret Service that answers whatever a test says, in a thread of the test's own process."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import Proxy, open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[[Message], Message | tuple[Message, ...]]

COLLECTION = "/org/freedesktop/secrets/collection/login"
ITEM = f"{COLLECTION}/1"
PROMPT = "/org/freedesktop/secrets/prompt/1"


def returning(signature: str | None, *body: Any) -> Answer:  # noqa: ANN401 - whatever D-Bus can say
    """Give what answers a call so; a signature of None says nothing at all."""
    return lambda call: new_method_return(call, signature, body)


def dismissing(call: Message) -> tuple[Message, ...]:
    """Show a prompt to somebody who dismisses it at once."""
    return _completed(call, dismissed=True, result=("s", ""))


def _completed(call: Message, *, dismissed: bool, result: tuple[str, object]) -> tuple[Message, ...]:
    prompt = DBusAddress(PROMPT, interface="org.freedesktop.Secret.Prompt")
    return new_method_return(call), new_signal(prompt, "Completed", "bv", (dismissed, result))


@dataclass
class OddService:
    """
    Has one collection that is open and holds at most one item; speaks in clear, which the specification allows.

    `odd` replaces answers by the name of a call, or of the property that is asked for.
    """

    address: str
    odd: dict[str, Answer] = field(default_factory=dict)
    secret: bytes | None = None
    """What the item holds; None: there is no item."""

    written: list[bytes] = field(default_factory=list)
    deleted: int = 0
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._bus = open_dbus_connection(self.address)
        Proxy(message_bus, self._bus).RequestName("org.freedesktop.secrets")
        self._thread = threading.Thread(target=self._serve, name="odd secret service")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # it has died already
            self._bus.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._bus.close()

    def agreeing(self, result: tuple[str, object], **odd: Answer) -> Answer:
        """Show a prompt to somebody who agrees, whereupon it answers as `odd` says."""

        def agree(call: Message) -> tuple[Message, ...]:
            self.odd = odd
            return _completed(call, dismissed=False, result=result)

        return agree

    def die(self, call: Message) -> Message:
        """Leave the bus instead of answering a call."""
        self._bus.sock.shutdown(socket.SHUT_RDWR)
        return new_error(call, "never sent")

    def _serve(self) -> None:
        with suppress(ConnectionError, EOFError, OSError):
            while True:
                message = self._bus.receive()
                if message.header.message_type is MessageType.method_call:
                    answer = self._answer(message)
                    for one in answer if isinstance(answer, tuple) else (answer,):
                        self._bus.send(one)

    def _answer(self, call: Message) -> Message | tuple[Message, ...]:
        name = call.header.fields[HeaderFields.member]
        if name == "Get":
            name = call.body[1]
        self.asked.append(name)
        odd = self.odd.get(name)
        return self._sound(name, call) if odd is None else odd(call)

    def _sound(self, name: str, call: Message) -> Message:
        items = [] if self.secret is None else [ITEM]
        match name:
            case "Label":
                return new_method_return(call, "v", (("s", "Login"),))
            case "Locked":
                return new_method_return(call, "v", (("b", False),))
            case "OpenSession" if call.body[0] == "plain":
                return new_method_return(call, "vo", (("s", ""), "/session"))
            case "OpenSession":
                return new_error(call, "org.freedesktop.DBus.Error.NotSupported")
            case "SearchItems" if call.header.fields[HeaderFields.path] == "/org/freedesktop/secrets":
                return new_method_return(call, "aoao", (items, []))
            case "SearchItems":
                return new_method_return(call, "ao", (items,))
            case "GetSecret" if self.secret is not None:
                return new_method_return(call, "(oayays)", (("/session", b"", self.secret, "text/plain"),))
            case "CreateItem":
                self.secret = bytes(call.body[1][2])
                self.written.append(self.secret)
                return new_method_return(call, "oo", (ITEM, "/"))
            case "Unlock":
                return new_method_return(call, "aoo", (call.body[0], "/"))
            case "Delete":
                self.secret, self.deleted = None, self.deleted + 1
                return new_method_return(call, "o", ("/",))
            case _:
                return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")
