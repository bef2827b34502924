"""A real Secret Service, gnome-keyring, on a message bus of its own: no desktop, and nobody else's keyring."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from jeepney import MatchRule, message_bus
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

PASSWORD = "the test keyring's password"
PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
START_TIMEOUT_S = 20.0

# Without service folders nothing is ever started on demand: what answers is what the test started.
BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


class SecretService:
    """
    Starts unlocked, with an empty default collection; `stop` it at the end.

    Args:
        folder: holds the keyring, the sockets and nothing else; short, since socket paths over 107 bytes fail.
    """

    def __init__(self, folder: Path) -> None:
        (folder / "runtime").mkdir(mode=0o700)
        configuration = folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=folder / "bus"), encoding="utf-8")
        self.folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "runtime"),
        }
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address"],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._bus.stdout
        self.address = self._bus.stdout.readline().decode().strip()
        """What DBUS_SESSION_BUS_ADDRESS has to be for it."""
        self._keyring: subprocess.Popen[bytes] | None = None
        self.unlock()

    def unlock(self) -> None:
        """Start the keyring anew, unlocked; what it holds stays."""
        self._restart("--unlock", password=PASSWORD)

    def lock(self) -> None:
        """Start the keyring anew, locked: every prompt to unlock it is dismissed, for nobody can show one."""
        self._restart()

    def go_mute(self) -> None:
        """Stop the keyring's process where it stands: calls get no answer until `speak`."""
        self._signal(signal.SIGSTOP)

    def speak(self) -> None:
        self._signal(signal.SIGCONT)

    def vanish(self) -> None:
        """End the keyring's process: a bus without a Secret Service is left."""
        if self._keyring is not None:
            self._keyring.kill()
            self._keyring.wait()
            self._keyring = None

    def stop(self) -> None:
        self.vanish()
        self._bus.kill()
        self._bus.wait()
        assert self._bus.stdout
        self._bus.stdout.close()

    def _signal(self, number: signal.Signals) -> None:
        assert self._keyring, "the keyring has vanished"
        self._keyring.send_signal(number)

    def _restart(self, *arguments: str, password: str = "") -> None:
        self.vanish()
        with open_dbus_connection(self.address) as connection:
            self._keyring = subprocess.Popen(
                ["gnome-keyring-daemon", "--foreground", "--components=secrets", *arguments],
                env=self._environment | {"DBUS_SESSION_BUS_ADDRESS": self.address},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            assert self._keyring.stdin
            with self._keyring.stdin as stdin:
                stdin.write(password.encode())
            _wait_for_owner(connection, "org.freedesktop.secrets")


def _wait_for_owner(connection: DBusConnection, name: str) -> None:
    bus = Proxy(message_bus, connection)
    changed = MatchRule(
        type="signal", sender=message_bus.bus_name, interface=message_bus.interface, member="NameOwnerChanged"
    )
    changed.add_arg_condition(0, name)
    bus.AddMatch(changed)
    with connection.filter(changed) as changes:
        # Asked after the match stands, so that no start falls between the two.
        if not bus.NameHasOwner(name)[0]:
            connection.recv_until_filtered(changes, timeout=START_TIMEOUT_S)
