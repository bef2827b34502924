"""A stand-in for the desktop portal, whose file dialog a modern desktop shows in place of Qt's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from pathlib import Path


# https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.FileChooser.html
NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
REQUEST = "org.freedesktop.portal.Request"
VERSION = 4
FAREWELL = "Farewell"
PATIENCE_S = 10.0


class Portal:
    """Takes wishes for a file, and answers the last one when the test says so."""

    def __init__(self, address: str) -> None:
        self.titles: list[str] = []
        self._handle = ""
        self._voice = open_dbus_connection(address)
        self._bus = open_dbus_connection(address)
        self._bus.send_and_get_reply(message_bus.RequestName(NAME), timeout=PATIENCE_S)
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._voice.send(new_method_call(DBusAddress(PATH, NAME, NAME), FAREWELL))
        self._thread.join(PATIENCE_S)
        self._bus.close()
        self._voice.close()

    def choose(self, file: Path) -> None:
        """Do what a person does in the dialog; Qt listens for it some time after it has asked."""
        if self._handle:
            results = {"uris": ("as", [file.as_uri()])}
            address = DBusAddress(self._handle, interface=REQUEST)
            self._voice.send(new_signal(address, "Response", "ua{sv}", (0, results)))

    def _answer(self) -> None:
        while (method := _member(call := self._bus.receive())) != FAREWELL:
            if method == "OpenFile":
                self._open(call)
            elif method == "Get" and call.body[1] == "version":
                self._bus.send(new_method_return(call, "v", (("u", VERSION),)))
            elif call.header.message_type is MessageType.method_call:
                self._bus.send(new_error(call, "org.freedesktop.DBus.Error.UnknownMethod"))

    def _open(self, call: Message) -> None:
        _, title, options = call.body
        sender = call.header.fields[HeaderFields.sender].removeprefix(":").replace(".", "_")
        handle = f"{PATH}/request/{sender}/{options['handle_token'][1]}"
        self._bus.send(new_method_return(call, "o", (handle,)))
        self.titles.append(title)
        self._handle = handle


def _member(message: Message) -> Any:  # noqa: ANN401 - a header field
    return message.header.fields.get(HeaderFields.member)
