"""
What Tokendeck needs of a Linux system besides Python: Qt's libraries, a font, and the tests' keyring, bus and display.

Each need is looked for itself and not as an installed package, so that the answer holds on every Linux; only where apt
is at home are the missing ones installed.
"""

import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Library → Debian package. Qt needs them off screen too; what they bring along in turn is tried with them.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
FONT_PACKAGE = "fonts-dejavu-core"
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

# Program → Debian package: the real keyring that the storage tests talk to, its bus, and a display.
TEST_PROGRAMS = {"gnome-keyring-daemon": "gnome-keyring", "dbus-daemon": "dbus", "Xvfb": "xvfb"}

OUTPUT_TAIL_LINES = 12


class CannotGoOn(Exception):
    """A sentence for the person at the keyboard: what is wrong and what to do about it."""


def tail(output: str) -> str:
    """Give the end of another program's output, indented: that is where it says what went wrong."""
    return "\n".join(f"    {line}" for line in output.strip().splitlines()[-OUTPUT_TAIL_LINES:])


def provide(*, for_tests: bool) -> None:
    """
    Install what is missing, or say what to install.

    Raises:
        CannotGoOn: packages are missing and this user may not install them, or apt failed.
    """
    if sys.platform != "linux":
        return
    missing = _missing(for_tests=for_tests)
    if not missing:
        return
    if shutil.which("apt-get") is None:
        print(f"Not found, install them with the system's package manager if Qt fails to start: {', '.join(missing)}")
        return
    install_with_apt(sorted(set(missing.values())), as_root=_root_prefix())
    importlib.invalidate_caches()  # ensurepip may just have arrived


def _missing(*, for_tests: bool) -> dict[str, str]:
    """Give what was not found, each with the Debian package that brings it."""
    missing = {library: package for library, package in LIBRARIES.items() if not _loads(library)}
    if not any(_has_font(Path(folder).expanduser()) for folder in FONT_FOLDERS):
        missing["a font"] = FONT_PACKAGE
    # Debian keeps ensurepip in a package of its own; other Pythons come with it.
    if sys.base_prefix == "/usr" and importlib.util.find_spec("ensurepip") is None:
        missing["ensurepip"] = f"python3.{sys.version_info.minor}-venv"
    if for_tests:
        missing |= {program: package for program, package in TEST_PROGRAMS.items() if shutil.which(program) is None}
    return missing


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_font(folder: Path) -> bool:
    return any(file.suffix in {".ttf", ".otf", ".ttc"} for file in folder.rglob("*"))


def install_with_apt(packages: list[str], *, as_root: list[str] | None) -> None:
    """
    Install Debian packages.

    Args:
        packages: their names in Debian 12.
        as_root: what makes a command run as root; None where nothing does.

    Raises:
        CannotGoOn: there is no way to be root, or apt failed.
    """
    if as_root is None:
        names = " ".join(_name_here(package) for package in packages)
        raise CannotGoOn(
            f"System packages are missing. Install them and run this again:\n    sudo apt-get install {names}"
        )
    if not all(_is_known(package) for package in packages):
        print("Fetching the lists of system packages …")
        _apt_get(as_root, "update")
    names_here = [_name_here(package) for package in packages]
    print(f"Installing system packages: {' '.join(names_here)} …")
    _apt_get(as_root, "install", "--yes", "--no-install-recommends", *names_here)


def _root_prefix() -> list[str] | None:
    """Give what makes a command run as root; None if this user cannot without typing a password."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _name_here(package: str) -> str:
    """Give the package's name in this release: those with 64-bit times renamed some libraries."""
    return f"{package}t64" if _is_listed(f"{package}t64") else package


def _is_known(package: str) -> bool:
    return _is_listed(package) or _is_listed(f"{package}t64")


def _is_listed(package: str) -> bool:
    found = subprocess.run(["apt-cache", "show", package], capture_output=True, text=True, check=False)
    return found.returncode == 0 and bool(found.stdout.strip())


def _apt_get(as_root: list[str], *arguments: str) -> None:
    command = [
        *as_root,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=120",
        *arguments,
    ]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise CannotGoOn(f"apt-get {arguments[0]} failed. The end of its own message:\n{tail(done.stdout)}")
