"""The surroundings of every test: no display, no proxy, no keyring and no home but its own."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

# Before anything loads Qt. Set it to the display's own platform to watch the windows.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.logind import Bus
    from tests.secret_service import SecretService

pytest_plugins = ["tests.strictness", "tests.promises"]

# How fast an example runs says nothing on a machine that does other work as well.
hypothesis.settings.register_profile("tokendeck", deadline=None)
hypothesis.settings.register_profile("soak", deadline=None)
hypothesis.settings.load_profile("tokendeck")

OUTSIDE_INFLUENCES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"),
    *("DBUS_SESSION_BUS_ADDRESS", "GNOME_KEYRING_CONTROL", "PYTHON_KEYRING_BACKEND", "PYTHON_KEYRING_PROPERTIES"),
)


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose sockets have short paths: `tmp_path` brings some over the limit of 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="td-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def home(short_folder: Path) -> Path:
    """The test's own home folder; everything that a program may write by default lands below it."""
    folder = Path(tempfile.mkdtemp(dir=short_folder))
    (folder / "run").mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def hermetic_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUTSIDE_INFLUENCES:
        monkeypatch.delenv(name, raising=False)
    # Without an address, the system's own bus would be asked.
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={home / 'no-system-bus'}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("APPDATA", str(home / "AppData" / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData" / "Local"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local" / "share"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local" / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))
    monkeypatch.setenv("TOKENDECK_HOME", str(home / "tokendeck"))


@pytest.fixture
def secret_service(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """
    A real gnome-keyring, unlocked and empty, on a bus that DBUS_SESSION_BUS_ADDRESS names during the test.

    It can `lock`, `unlock`, `go_mute`, `speak` and `vanish`. Starting it takes 20 ms, so every test has its own.
    """
    if sys.platform != "linux":
        pytest.skip("only Linux has the Secret Service")
    from tests.secret_service import SecretService, missing_programs

    missing = missing_programs()
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(missing)}")
    assert not missing, "on CI the real keyring has to be there"
    folder = home / "keyring"
    folder.mkdir()
    service = SecretService(folder)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.address)
    yield service
    service.stop()


@pytest.fixture
def message_bus(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """A message bus that is both the session's and the system's during the test, with nobody on it."""
    if sys.platform != "linux":
        pytest.skip("only Linux has message buses")
    from tests.logind import Bus, missing_programs

    missing = missing_programs()
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not installed: {', '.join(missing)}")
    bus = Bus(home)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    yield bus
    bus.stop()
