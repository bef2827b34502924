"""
The window as assistive technology meets it: its accessibility tree, over a message bus of its own.

Speaks AT-SPI itself (https://gitlab.gnome.org/GNOME/at-spi2-core, `xml/`): the window is another process on a display
that nobody sees, and nothing here knows how it is built.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.journeys.shell import COMMAND
from tests.secret_service import BUS_CONFIGURATION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

PROGRAMS = ("Xvfb", "dbus-daemon")
PATIENCE_S = 20.0
LOOK_AGAIN_S = 0.05
SPI = "org.a11y.atspi."
ROOT = "/org/a11y/atspi/accessible/root"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")

PRESSED, SHOWING = 20, 25
"""Bits of a state: AtspiStateType."""


class Gone(Exception):
    """What was looked at is no more."""


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


@dataclass(frozen=True)
class Spoken:
    """One thing in the tree."""

    tree: Tree
    path: str

    @property
    def name(self) -> str:
        properties = "org.freedesktop.DBus.Properties"
        return str(self.tree.ask(self.path, properties, "Get", "ss", f"{SPI}Accessible", "Name")[1])

    @property
    def role(self) -> str:
        return str(self._ask("Accessible", "GetRoleName"))

    def is_in(self, state: int) -> bool:
        low, _ = self._ask("Accessible", "GetState")
        return bool(low >> state & 1)

    @property
    def text(self) -> str:
        return str(self._ask("Text", "GetText", "ii", 0, -1))

    def children(self) -> list[Spoken]:
        return [Spoken(self.tree, path) for _, path in self._ask("Accessible", "GetChildren")]

    def press(self) -> None:
        """Do the first thing that it offers: press, toggle or open; wait until a button is up again."""
        with suppress(Gone):  # a button that takes itself away answers no more
            self._ask("Action", "DoAction", "i", 0)
            while self.is_in(PRESSED):
                time.sleep(LOOK_AGAIN_S)

    def write(self, text: str) -> None:
        assert self._ask("EditableText", "SetTextContents", "s", text)

    def _ask(self, interface: str, method: str, signature: str = "", *words: object) -> Any:  # noqa: ANN401 - D-Bus
        return self.tree.ask(self.path, SPI + interface, method, signature, *words)


@dataclass(frozen=True)
class Surroundings:
    """Where the window is, for what else is to be there."""

    process: subprocess.Popen[str]
    display: str
    bus_address: str


class Tree:
    """Finds things by name and role among what is shown, and waits for them."""

    def __init__(self, bus: DBusConnection, window: str, surroundings: Surroundings) -> None:
        self._bus = bus
        self._window = window
        self.surroundings = surroundings
        self._root = Spoken(self, ROOT)

    def ask(self, path: str, interface: str, method: str, signature: str, *words: object) -> Any:  # noqa: ANN401 - D-Bus
        call = new_method_call(DBusAddress(path, self._window, interface), method, signature or None, words)
        reply = self._bus.send_and_get_reply(call, timeout=PATIENCE_S)
        if reply.header.message_type is MessageType.error:
            raise Gone(path, method, *reply.body)
        return reply.body[0] if reply.body else None

    def shown(self) -> Iterator[Spoken]:
        """Give everything that is shown, in the order in which it is read."""
        waiting = self._root.children()
        while waiting:
            one = waiting.pop()
            with suppress(Gone):
                if one.is_in(SHOWING):
                    yield one
                    waiting += reversed(one.children())

    def find(self, role: str, beginning: str) -> Spoken:
        """Give what is shown, has this role and a name that begins so; wait for it."""
        end = time.monotonic() + PATIENCE_S
        while True:
            for one in self.shown():
                with suppress(Gone):
                    if one.name.startswith(beginning) and one.role == role:
                        return one
            assert time.monotonic() < end, f"no {role} “{beginning}” among {self.read_out()}"
            time.sleep(LOOK_AGAIN_S)

    def press(self, beginning: str, role: str = "push button") -> None:
        self.find(role, beginning).press()

    def until_written(self, field: str, text: str) -> None:
        """Return once a field holds this text."""
        end = time.monotonic() + PATIENCE_S
        while (written := self.find("text", field).text) != text:
            assert time.monotonic() < end, f"“{field}” holds “{written}”"
            time.sleep(LOOK_AGAIN_S)

    def read_out(self) -> list[str]:
        found = []
        for one in self.shown():
            with suppress(Gone):
                if name := one.name:
                    found.append(f"{one.role} {name}")
        return found


@contextmanager
def demo_on_a_hidden_display(
    folder: Path,
    *,
    with_desktop: Callable[[str], AbstractContextManager[object]] = nullcontext,
    **environment: str,
) -> Iterator[Tree]:
    """
    Open the demo's window where nobody sees it.

    Args:
        folder: holds the bus's socket, and has to have a short name.
        with_desktop: what is to be on the bus before the window, by the bus's address.
        environment: added to what the window sees of ours.
    """
    with ExitStack() as stack:
        configuration = folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=folder / "bus"), encoding="utf-8")
        bus_process = _start(stack, ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address"])
        address = _first_line(bus_process)
        display = _start(stack, ["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
        place = f":{_first_line(display)}"
        around = {
            **os.environ,
            "DISPLAY": place,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "AT_SPI_BUS_ADDRESS": address,
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "QT_QPA_PLATFORM": "xcb",
            **environment,
        }
        stack.enter_context(with_desktop(address))
        window = _start(stack, [*COMMAND, "--demo"], around)
        bus = open_dbus_connection(address)
        stack.callback(bus.close)
        yield _tree_of(bus, Surroundings(window, place, address))


def _start(stack: ExitStack, command: list[str], environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    stack.callback(process.communicate, timeout=PATIENCE_S)
    stack.callback(process.terminate)
    return process


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _tree_of(bus: DBusConnection, surroundings: Surroundings) -> Tree:
    """Find the window's accessibility on the bus; wait for it."""
    end = time.monotonic() + PATIENCE_S
    while True:
        for name in _ask_bus(bus, "ListNames")[0]:
            owner = _ask_bus(bus, "GetConnectionUnixProcessID", "s", name)
            tree = Tree(bus, name, surroundings)
            if owner == (surroundings.process.pid,) and _has_root(tree):
                return tree
        assert time.monotonic() < end, "the window never came to the bus"
        time.sleep(LOOK_AGAIN_S)


def _has_root(tree: Tree) -> bool:
    try:
        return bool(Spoken(tree, ROOT).children())
    except Gone:
        return False


def _ask_bus(bus: DBusConnection, method: str, signature: str = "", *words: object) -> tuple[Any, ...]:
    reply = bus.send_and_get_reply(new_method_call(BUS, method, signature or None, words), timeout=PATIENCE_S)
    return tuple(reply.body)
