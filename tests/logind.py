"""Stand-ins for what tells on Linux that somebody leaves: logind and screen savers, on a bus of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

from tests.secret_service import BUS_CONFIGURATION

if TYPE_CHECKING:
    from pathlib import Path

    from jeepney.io.blocking import DBusConnection

LOGIND = "org.freedesktop.login1"
MANAGER = DBusAddress("/org/freedesktop/login1", interface=f"{LOGIND}.Manager")
SESSION_PATH = "/org/freedesktop/login1/session/_37"
FAREWELL = "Farewell"
PATIENCE_S = 10.0


def missing_programs() -> list[str]:
    return [program for program in ("dbus-daemon",) if shutil.which(program) is None]


class Bus:
    """A message bus, on which whoever listens hears what the test says."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        configuration = folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=folder / "bus"), encoding="utf-8")
        process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._stack.callback(process.communicate, timeout=PATIENCE_S)
        self._stack.callback(process.terminate)
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()
        self._voice = self._stack.enter_context(open_dbus_connection(self.address))

    def say(self, path: str, interface: str, signal: str, signature: str = "", *words: object) -> None:
        """Send a signal to everybody."""
        address = DBusAddress(path, interface=interface)
        self._voice.send(new_signal(address, signal, signature or None, words))

    def start_logind(self, *, knows_session: bool = True) -> Logind:
        """Have something answer as logind does."""
        logind = Logind(open_dbus_connection(self.address), knows_session=knows_session)
        self._stack.callback(logind.stop, self._voice)
        return logind

    def stop(self) -> None:
        self._stack.close()


class Logind:
    """Answers what a session asks of logind, in a thread of its own."""

    def __init__(self, bus: DBusConnection, *, knows_session: bool) -> None:
        self.properties: dict[str, tuple[str, Any]] = {"LockedHint": ("b", False), "Active": ("b", True)}
        self.asked: list[str] = []
        self._knows_session = knows_session
        self._bus = bus
        bus.send_and_get_reply(message_bus.RequestName(LOGIND), timeout=PATIENCE_S)
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def stop(self, voice: DBusConnection) -> None:
        voice.send(new_method_call(DBusAddress(MANAGER.object_path, LOGIND, MANAGER.interface), FAREWELL))
        self._thread.join(PATIENCE_S)
        self._bus.close()

    def _answer(self) -> None:
        while (method := (call := self._bus.receive()).header.fields.get(HeaderFields.member)) != FAREWELL:
            if method in {"GetSession", "Get"}:
                self.asked.append(method)
                self._bus.send(self._reply(call, method))

    def _reply(self, call: Message, method: str) -> Message:
        if method == "Get":
            return new_method_return(call, "v", (self.properties[call.body[1]],))
        if self._knows_session:
            return new_method_return(call, "o", (SESSION_PATH,))
        return new_error(call, f"{LOGIND}.NoSessionForPID")
