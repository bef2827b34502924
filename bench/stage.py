"""Where the programs run that are measured: a display and a home that are thrown away, no keyring, no network."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(__file__).resolve().parent / "programs"
SCRIPTS = Path(sys.executable).parent
SCREEN_PX = (1400, 900)
PIXEL_BYTES, OPAQUE = 4, b"\xff"
ACROSS_PX, NARROWEST_PX = 300, 600
"""A line that every window covers, in so much of its width."""

MARGIN_PX = 80
"""Where a list's squares stand."""

LONGEST_S = 60.0
LOOK_S = 0.002
CALM_S = 0.5
CALM_CPU_S = 0.01


class Child:
    """A program that is under way, with a line of JSON for each thing asked of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take what runs."""
        self.process = process

    def ask(self, do: str, **given: object) -> Any:  # noqa: ANN401 - whatever was asked for
        """Give what the program answers."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **given}) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> Any:  # noqa: ANN401 - whatever was asked for
        """Wait for the next line. Raises `RuntimeError` where the program has ended instead."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended with {self.process.wait()} instead of answering")
        return json.loads(line)

    def settle(self) -> None:
        """Wait until it has nothing more to do than once in a while."""
        end, before = time.monotonic() + LONGEST_S, -CALM_S
        while (now := cpu_s(self.process.pid)) - before > CALM_CPU_S and time.monotonic() < end:
            before = now
            time.sleep(CALM_S)


class Display:
    """A screen of its own, whose pixels stand in a file that can be looked at without asking anybody."""

    def __init__(self, process: subprocess.Popen[bytes], name: str, pixels: mmap.mmap) -> None:
        """Take a server that runs."""
        self.process = process
        self.name = name
        self._pixels = pixels
        self._start = len(pixels) - SCREEN_PX[0] * SCREEN_PX[1] * PIXEL_BYTES

    def line(self, number: int, width_px: int) -> bytes:
        """Give the left part of a line of the screen, four bytes a pixel: blue, green, red, one without meaning."""
        at = self._start + number * SCREEN_PX[0] * PIXEL_BYTES
        return self._pixels[at : at + width_px * PIXEL_BYTES]

    def is_painted(self) -> bool:
        """Tell whether anything but the black of an empty screen is seen in a line across the windows."""
        return any(self.line(ACROSS_PX, NARROWEST_PX))

    def lines_with(self, color: str) -> int:
        """Count the lines that begin, after a margin at most, with 16 pixels of this colour (`#rrggbb`)."""
        run = (bytes.fromhex(color.removeprefix("#"))[::-1] + OPAQUE) * 16
        return sum(run in self.line(number, MARGIN_PX) for number in range(SCREEN_PX[1]))


class Stage:
    """Everything that measuring needs; what it has started ends with it."""

    def __init__(self, folder: Path) -> None:
        """Use an empty folder."""
        self.folder = folder
        self._stack = ExitStack()
        self.display = self._stack.enter_context(_display(folder))
        for name in ("home", "run"):
            (folder / name).mkdir(mode=0o700)
        self.environment = self._environment()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what runs."""
        self._stack.close()

    def _environment(self) -> dict[str, str]:
        """Give what a person's session has, and nothing of this one that would make programs slower or talkative."""
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/nobody",
            "TMPDIR": str(self.folder),
            "DISPLAY": self.display.name,
            "QT_QPA_PLATFORM": "xcb",
        }

    @contextmanager
    def child(self, *command: str | Path, **more: str) -> Iterator[Child]:
        """Run a program; it is ended with the context. `more` are variables for it alone."""
        with subprocess.Popen(
            list(map(str, command)),
            env=self.environment | more,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if "--loud" not in sys.argv else None,
            text=True,
        ) as process:
            try:
                yield Child(process)
            finally:
                process.kill()

    def program(self, name: str, *arguments: str) -> list[str]:
        """Give the command of one of the programs beside this file."""
        return [sys.executable, str(PROGRAMS / f"{name}.py"), *arguments]

    def until(self, seen: Callable[[], bool], *, by: Child | None = None) -> float:
        """Wait until something is seen, looking every other millisecond; give how long that took, in seconds."""
        started = time.perf_counter()
        while not seen():
            if time.perf_counter() - started > LONGEST_S or (by is not None and by.process.poll() is not None):
                raise RuntimeError(f"{by.process.args if by else None!r} showed nothing")
            time.sleep(LOOK_S)
        return time.perf_counter() - started


@contextmanager
def _display(folder: Path) -> Iterator[Display]:
    screen = f"{SCREEN_PX[0]}x{SCREEN_PX[1]}x24"
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", screen, "-fbdir", str(folder), "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            name = f":{server.stdout.readline().decode().strip()}"
            with (folder / "Xvfb_screen0").open("rb") as file:
                pixels = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            with pixels:
                yield Display(server, name, pixels)
        finally:
            server.terminate()


def alternate(rounds: int, *sides: Callable[[], float]) -> list[tuple[float, ...]]:
    """
    Measure every side in every round, in turn from the first and from the last.

    A round before the first is thrown away: it fills caches and writes bytecode.
    """
    kept: list[tuple[float, ...]] = []
    for number in range(rounds + 1):
        order = range(len(sides)) if number % 2 else range(len(sides) - 1, -1, -1)
        found = {place: sides[place]() for place in order}
        if number:
            kept.append(tuple(found[place] for place in range(len(sides))))
    return kept


def quotients(pairs: Sequence[tuple[float, ...]], above: int = 1, below: int = 0) -> list[float]:
    """Give for each round one side ÷ another."""
    return [one[above] / one[below] for one in pairs]


def cpu_s(pid: int) -> float:
    """Give how long a process has run on any processor, all its threads, to the nanosecond."""
    total_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total_ns += int((task / "schedstat").read_text(encoding="ascii").split()[0])
    return total_ns / 1e9


def resident_mb(pid: int) -> float:
    """Give how much of a process is in memory, in MB; shared libraries count in full, for everybody alike."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"{pid} has ended")


def wakes(pid: int) -> int:
    """Give how often the first thread of a process has gone to sleep so far."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("voluntary_ctxt_switches:"):
            return int(line.split()[1])
    raise RuntimeError(f"{pid} has ended")
