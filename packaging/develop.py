"""
Set up .venv from the pinned requirements, then run Tokendeck or its checks.

The Makefile calls it; on Windows, where make is rare, people do:

    python packaging/develop.py COMMAND

Standard library only: it runs before anything is installed. What is installed is noted in .venv, so that a second run
starts at once.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older Pythons do get here, and are owed a sentence
    sys.exit("Tokendeck needs Python 3.11 or newer, and this is an older one. Try: make run PYTHON=python3.12")

import argparse
import compileall
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

import system_needs
from system_needs import CannotGoOn, tail

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "packaging" / "requirements"
VENV = ROOT / ".venv"
STAMP = VENV / "tokendeck-installed.json"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

# One lock file each. Later ones are compiled under the pins of those before, so that any of them install together.
LAYERS = ("run", "build", "dev", "lock")
UV_COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)

MOST_WORKERS = 4  # beyond that, the longest tests set the pace


def set_up(*layers: str) -> None:
    """
    Bring .venv to what the lock files of `layers` pin, with Tokendeck as an editable install, compiled.

    Raises:
        CannotGoOn: no virtual environment could be made, or pip failed.
    """
    _install(*layers)
    # As pip does for what it installs: where Python is told to write no bytecode, every start would compile it all.
    compileall.compile_dir(ROOT / "gui", quiet=2)


def _install(*layers: str) -> None:
    locks = {layer: REQUIREMENTS / f"{layer}.txt" for layer in layers}
    wanted = {layer: _fingerprint(lock) for layer, lock in locks.items()}
    wanted["tokendeck"] = _fingerprint(ROOT / "pyproject.toml")
    if PYTHON.exists() and wanted.items() <= _installed().items():
        return
    _make_venv()
    installed = _installed()
    stale = [lock for layer, lock in locks.items() if installed.get(layer) != wanted[layer]]
    if stale:
        print(f"Installing pinned packages: {', '.join(lock.stem for lock in stale)} …", flush=True)
        # The lock files are complete, so there is nothing to resolve; wheels only, so nothing is compiled here.
        requirements = [argument for lock in stale for argument in ("--requirement", str(lock))]
        _pip_install("--require-hashes", "--no-deps", "--only-binary", ":all:", *requirements)
    _pip_install("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(json.dumps(installed | wanted, indent=1), encoding="utf-8")


def _fingerprint(file: Path) -> str:
    # The place counts: the scripts in .venv name it, and break when the folder moves.
    here = f"{sys.version} {platform.machine()} {ROOT}".encode()
    return hashlib.sha256(here + file.read_bytes()).hexdigest()


def _installed() -> dict[str, str]:
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _make_venv() -> None:
    """Make .venv, unless it already runs the Python that runs this."""
    question = "import pip, sys; print(sys.version)"
    try:
        answer = subprocess.run([PYTHON, "-c", question], capture_output=True, text=True, check=False).stdout
    except OSError:
        answer = ""
    if answer.strip() == sys.version.strip():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise CannotGoOn("This Python cannot make a .venv, it lacks ensurepip. Use another: make run PYTHON=python3.12")
    print(f"Making .venv with Python {platform.python_version()} …", flush=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, errors="replace", check=False
    )
    if made.returncode != 0:
        raise CannotGoOn(f"Making .venv failed:\n{tail(made.stdout + made.stderr)}")


def _pip_install(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", *arguments]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        return
    if "after connection broken by" in done.stdout:
        problem = "The package index was out of reach. Check the network or pip's proxy setting, then run this again."
    else:
        problem = "pip could not install the pinned packages."
    raise CannotGoOn(f"{problem} The end of pip's own message:\n{tail(done.stdout)}")


def _python(*arguments: str | Path) -> int:
    """Run .venv's Python in the foreground and give its exit status; on Ctrl+C it ends in its own time."""
    with subprocess.Popen([PYTHON, *arguments], cwd=ROOT) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def _run_checks(*checks: tuple[str, ...]) -> int:
    """Run every check, also after one failed, and say at the end how each went."""
    results = []
    for check in checks:
        name = " ".join(word for word in check[:2] if not word.startswith("-"))
        print(f"\n{name} …", flush=True)
        started = time.monotonic()
        status = _python(*check) if check[0].endswith(".py") else _python("-m", *check)
        results.append((status, f"{'ok    ' if status == 0 else 'FAILED'} {time.monotonic() - started:6.1f} s  {name}"))
    print("\n" + "\n".join(line for _, line in results))
    return int(any(status for status, _ in results))


def setup(_: list[str]) -> int:
    """Set up .venv for running, checking and building."""
    system_needs.provide(for_tests=True)
    set_up("run", "build", "dev")
    return 0


def run(arguments: list[str]) -> int:
    """Start the window with the built-in sandbox; without a display, the same off screen."""
    system_needs.provide(for_tests=False)
    set_up("run", "build")
    return _python("-m", "tokendeck", "--demo", *arguments)


LINT = (("ruff", "check", "."), ("ruff", "format", "--check", "."))
TYPES = (("mypy",),)


def _pytest(*arguments: str) -> tuple[str, ...]:
    workers = str(min(MOST_WORKERS, os.cpu_count() or 1))
    return ("pytest", "--numprocesses", workers, "--dist", "worksteal", *arguments)


def test(arguments: list[str]) -> int:
    """Run every check: lint, format, types, tests, coverage of each room."""
    setup([])
    # A run of some tests proves only some promises.
    promises = () if arguments else ("--keep-promises",)
    tests = _pytest("--cov", "--cov-report=", *promises, *arguments)
    return _run_checks(*LINT, *TYPES, tests, ("packaging/coverage_gate.py",))


def promises(arguments: list[str]) -> int:
    """List every promise with its tests and their results; fail where one has none."""
    setup([])
    return _python("-m", *_pytest("--quiet", "--quiet", "-m", "promise", "--promises", *arguments))


def soak(arguments: list[str]) -> int:
    """Let the engine's state machine loose for --minutes 10; it says how to repeat what fails."""
    set_up("run", "build", "dev")
    return _python("packaging/soak.py", *arguments)


def lint(_: list[str]) -> int:
    """Check style and format."""
    set_up("run", "build", "dev")
    return _run_checks(*LINT)


def types(_: list[str]) -> int:
    """Check types."""
    set_up("run", "build", "dev")
    return _run_checks(*TYPES)


def format(_: list[str]) -> int:
    """Format the code, and mend what the linter can mend."""
    set_up("run", "build", "dev")
    return _python("-m", "ruff", "check", "--fix", "--quiet", ".") | _python("-m", "ruff", "format", ".")


def bench(arguments: list[str]) -> int:
    """Measure how fast Tokendeck is against baselines in the same run; --only ROW, --rounds N, --trend."""
    setup([])
    return _python("-m", "bench", *arguments)


def bench_compare(arguments: list[str]) -> int:
    """Say what changed between two files that bench wrote."""
    set_up("run", "build", "dev")
    return _python("-m", "bench", "--compare", *arguments)


def screenshots(_: list[str]) -> int:
    """Take the pictures of the documentation anew, off screen."""
    system_needs.provide(for_tests=False)
    set_up("run", "build")
    return _python("-m", "tokendeck.app.screenshots", ".github/screenshots")


def wheel(_: list[str]) -> int:
    """Build the wheel into dist/."""
    set_up("run", "build")
    return _python("-m", "hatchling", "build", "--target", "wheel")


def lock(arguments: list[str]) -> int:
    """Write packaging/requirements/ anew from pyproject.toml; --upgrade takes the newest versions."""
    set_up("run", "build", "lock")
    constraints: list[str] = []
    for layer in LAYERS:
        source = ["pyproject.toml"] if layer == "run" else ["--group", layer]
        output = f"packaging/requirements/{layer}.txt"
        status = _python("-m", *UV_COMPILE, *source, *constraints, "--output-file", output, *arguments)
        if status != 0:
            return status
        constraints += ["--constraint", output]
    return 0


def clean(_: list[str]) -> int:
    """Remove what builds and checks left behind; .venv stays."""
    for name in ("build", "dist", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for data in ROOT.glob(".coverage*"):
        data.unlink()
    return 0


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (
        *(run, test, promises, soak, setup, lint, types, format),
        *(bench, bench_compare, screenshots, wheel, lock, clean),
    )
}


def main() -> int:
    listing = "\n".join(f"  {name:13} {command.__doc__}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        description=f"Work on Tokendeck.\n\ncommands:\n{listing}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="handed on: run to Tokendeck, bench to the bench, others to pytest"
    )
    chosen = parser.parse_args()
    try:
        return COMMANDS[chosen.command](chosen.arguments)
    except CannotGoOn as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
