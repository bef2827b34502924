"""Leaving on Linux and the BSDs: logind on the system's bus, the screen savers on the session's."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant

if TYPE_CHECKING:
    from collections.abc import Callable

SCREEN_SAVERS = (
    # KDE and others: https://specifications.freedesktop.org/idle-inhibit-spec/latest/
    "org.freedesktop.ScreenSaver",
    *("org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.xfce.ScreenSaver"),
)

# https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html
LOGIND = "org.freedesktop.login1"
LOGIND_PATH = "/org/freedesktop/login1"
MANAGER = f"{LOGIND}.Manager"
SESSION = f"{LOGIND}.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
LEFT_WHEN = {"LockedHint": True, "Active": False}
"""A session's properties, and what each is once it was left; inactive is a session behind another user's."""

SYSTEM_ADDRESS = "unix:path=/var/run/dbus/system_bus_socket"
"""Where the D-Bus specification has it."""

ANY = ""
ANSWER_MS = 5000


class LinuxSession(QObject):
    """
    Listens, asks nobody to wait, and minds no bus that is not there.

    Whoever may speak on these buses can make it tell that the session was left, which covers secrets and nothing else;
    so senders are not checked.
    """

    left = Signal()

    def __init__(self, parent: QObject) -> None:
        """Listen for as long as `parent` lives."""
        super().__init__(parent)
        session = self._open("session", _session_address())
        self._system = self._open("system", os.environ.get("DBUS_SYSTEM_BUS_ADDRESS", SYSTEM_ADDRESS))
        if session.isConnected():
            for interface in SCREEN_SAVERS:
                self._hear(session, ANY, interface, "ActiveChanged", "heed_screen_saver(bool)")
        if self._system.isConnected():
            self._hear(self._system, LOGIND_PATH, MANAGER, "PrepareForSleep", "heed_sleep()")
            self._ask(LOGIND_PATH, MANAGER, "GetSession", ["auto"], self._know_session)

    @Slot(bool)
    def heed_screen_saver(self, is_active: bool) -> None:  # noqa: FBT001 - the signal's own signature
        """Leave when a screen saver or lock screen comes up."""
        if is_active:
            self.left.emit()

    @Slot()
    def heed_sleep(self) -> None:
        """Leave when the machine is about to sleep, and again when it wakes: the first may have come too late."""
        self.left.emit()

    @Slot()
    def heed_lock(self) -> None:
        """Leave when the session is told to lock."""
        self.left.emit()

    @Slot(QDBusMessage)
    def heed_properties(self, message: QDBusMessage) -> None:
        """Ask how the session stands now: PySide does not read the values that come along."""
        for name in LEFT_WHEN:
            self._ask(message.path(), PROPERTIES, "Get", [SESSION, name], partial(self._know_property, name))

    def _know_session(self, path: object) -> None:
        """Hear of this session alone; of every one where logind does not know which it is."""
        known = path.path() if hasattr(path, "path") else ANY
        self._hear(self._system, known, SESSION, "Lock", "heed_lock()")
        if known:
            self._hear(self._system, known, PROPERTIES, "PropertiesChanged", "heed_properties(QDBusMessage)")

    def _know_property(self, name: str, value: object) -> None:
        if isinstance(value, QDBusVariant) and value.variant() is LEFT_WHEN[name]:
            self.left.emit()

    def _hear(self, bus: QDBusConnection, path: str, interface: str, signal: str, slot: str) -> None:
        bus.connect(ANY, path, interface, signal, self, SLOT(slot))  # type: ignore[call-overload]  # takes text alone

    def _ask(
        self, path: str, interface: str, method: str, words: list[str], answered: Callable[[object], None]
    ) -> None:
        call = QDBusMessage.createMethodCall(LOGIND, path, interface, method)
        call.setArguments(words)
        call.setAutoStartService(False)
        watcher = QDBusPendingCallWatcher(self._system.asyncCall(call, ANSWER_MS), self)
        watcher.finished.connect(lambda call: _pass_on(answered, call))

    def _open(self, kind: str, address: str) -> QDBusConnection:
        """Give a connection of our own, which ends with this object; not connected where there is no such bus."""
        name = f"tokendeck-{kind}-{id(self)}"
        self.destroyed.connect(lambda: QDBusConnection.disconnectFromBus(name))
        return QDBusConnection.connectToBus(address, name)


def _pass_on(answered: Callable[[object], None], call: QDBusPendingCallWatcher) -> None:
    """Hand over what was answered; None for an error."""
    answered(None if call.isError() else next(iter(call.reply().arguments()), None))
    call.deleteLater()


def _session_address() -> str:
    """Give where the session's bus is; libdbus, left to itself, would start one where there is none."""
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
