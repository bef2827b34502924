"""The rooms of the program, and what each may know, read from the imports."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gui" / "tokendeck"
MOST_LINES = 400

# Room → the other rooms that it may import.
ARROWS = {
    "app": {"ui", "cli", "engine", "providers", "oauth", "storage", "sandbox", "core"},
    "ui": {"engine", "core"},
    "cli": {"engine", "core"},
    "engine": {"core"},
    "providers": {"core"},
    "oauth": {"core"},
    "storage": {"core"},
    "sandbox": {"core"},
    "core": set(),
}

# Library → the rooms that may import it. What is neither here nor in the standard library, no room may.
HOMES = {
    "PySide6": {"ui"},
    "anyio": {"oauth"},
    "cryptography": {"storage"},
    "filelock": {"storage"},
    "h11": {"oauth", "sandbox"},
    "httpcore": {"oauth"},
    "jeepney": {"storage"},
    "joserfc": {"oauth"},
    "keyring": {"storage"},
    "platformdirs": {"app"},
    "qasync": {"ui"},
    "secretstorage": {"storage"},
    "segno": {"ui"},
    "shiboken6": {"ui"},
    "sqlite3": {"storage"},
    "truststore": {"oauth"},
}

# All that core may use of the standard library: what computes, and neither reads, waits, draws lots nor tells the time.
PURE = {
    "__future__", "abc", "base64", "binascii", "collections", "contextlib", "dataclasses", "datetime", "decimal",
    "email.utils", "enum", "functools", "hashlib", "hmac", "html", "ipaddress", "itertools", "json", "math", "operator",
    "re", "string", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "weakref",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "now", "utcnow", "today"}

# A function that fits nowhere but in one of these shows that a noun is missing.
NAMELESS = re.compile(r"(.*_)?(utils?|helpers?|common|managers?|base|misc)", re.IGNORECASE)


class Module(NamedTuple):
    path: PurePosixPath
    """Below the package: `core/token.py`."""

    source: str

    @property
    def room(self) -> str:
        """Modules beside the rooms belong to app."""
        return self.path.parts[0] if len(self.path.parts) > 1 else "app"


class Import(NamedTuple):
    line: int
    name: str
    """Absolute and dotted, down to the name that is imported."""


def test_imports_follow_the_arrows_from_app_to_core() -> None:
    assert complaints_of(against_arrows) == []


def test_nothing_is_imported_by_way_of_gui() -> None:
    assert complaints_of(by_way_of_gui) == []
    tests = [Module(PurePosixPath("tests", file.name), read(file)) for file in (ROOT / "tests").rglob("*.py")]
    assert [complaint for module in tests for complaint in by_way_of_gui(module)] == []


def test_each_library_stays_in_its_room() -> None:
    assert complaints_of(library_outside_its_room) == []


def test_core_is_pure() -> None:
    assert complaints_of(impurity_in_core) == []


def test_one_file_at_most_knows_qasync() -> None:
    files = [module.path for module in package() if any(top(name) == "qasync" for _, name in imports(module))]

    assert len(files) <= 1, files


def test_every_module_belongs_to_a_room() -> None:
    strangers = {module.room for module in package()} - ARROWS.keys()
    beside = {module.path.name for module in package() if len(module.path.parts) == 1}

    assert strangers == set()
    assert beside <= {"__init__.py", "__main__.py", "app.py"}


def test_names_say_what_a_module_is_for() -> None:
    assert [module.path for module in package() if has_a_nameless_part(module.path)] == []


def test_no_file_is_longer_than_400_lines() -> None:
    files = [file for folder in ("gui", "tests", "packaging", "bench") for file in (ROOT / folder).rglob("*.py")]

    assert [str(file.relative_to(ROOT)) for file in files if read(file).count("\n") > MOST_LINES] == []


VIOLATIONS = [
    ("against_arrows", "core/token.py", "from tokendeck.engine import ports"),
    ("against_arrows", "core/token.py", "from ..engine.ports import Clock"),
    ("against_arrows", "engine/clock.py", "import tokendeck.oauth"),
    ("against_arrows", "ui/window.py", "def late():\n    from tokendeck import cli"),
    ("against_arrows", "oauth/client.py", "from tokendeck.storage.vault import Vault"),
    ("against_arrows", "storage/vault.py", "if TYPE_CHECKING:\n    from tokendeck.engine.ports import Clock"),
    ("against_arrows", "sandbox/server.py", "import importlib\nimportlib.import_module('tokendeck.app')"),
    ("by_way_of_gui", "app/main.py", "from gui.tokendeck.core import token"),
    ("by_way_of_gui", "app/main.py", "import gui"),
    ("library_outside_its_room", "engine/clock.py", "import PySide6.QtCore"),
    ("library_outside_its_room", "app/main.py", "from qasync import QEventLoop"),
    ("library_outside_its_room", "cli/program.py", "def late():\n    import httpcore"),
    ("library_outside_its_room", "ui/window.py", "import keyring"),
    ("library_outside_its_room", "app/main.py", "from sqlite3 import connect"),
    ("library_outside_its_room", "oauth/pkce.py", "from cryptography.hazmat.primitives import hashes"),
    ("library_outside_its_room", "providers/files.py", "import requests"),
    ("library_outside_its_room", "engine/clock.py", "__import__('httpcore')"),
    ("impurity_in_core", "core/token.py", "import time"),
    ("impurity_in_core", "core/token.py", "from asyncio import sleep"),
    ("impurity_in_core", "core/token.py", "from pathlib import Path"),
    ("impurity_in_core", "core/token.py", "import urllib.request"),
    ("impurity_in_core", "core/token.py", "from datetime import UTC, datetime\ndatetime.now(UTC)"),
    ("impurity_in_core", "core/token.py", "open('/etc/hosts')"),
]


@pytest.mark.parametrize(("rule", "path", "source"), VIOLATIONS, ids=[source for *_, source in VIOLATIONS])
def test_a_planted_violation_is_caught(rule: str, path: str, source: str) -> None:
    module = Module(PurePosixPath(path), source)

    caught = {check.__name__ for check in RULES if list(check(module))}

    assert caught == {rule}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/token.py", "from tokendeck.core.secret import Secret\nfrom urllib.parse import quote"),
        ("core/token.py", "from .secret import Secret"),
        ("engine/clock.py", "import asyncio, time\nfrom tokendeck.core import token"),
        ("oauth/client.py", "import httpcore\nfrom tokendeck import __version__"),
        ("app/main.py", "from tokendeck.ui.window import Window\nfrom tokendeck.storage import vault"),
        ("__main__.py", "from tokendeck.app.main import run"),
    ],
)
def test_what_is_allowed_is_let_through(path: str, source: str) -> None:
    module = Module(PurePosixPath(path), source)

    assert [complaint for check in RULES for complaint in check(module)] == []


@pytest.mark.parametrize("name", ["utils", "ui_helpers", "common", "TokenManager", "managers", "base", "misc"])
def test_a_planted_nameless_module_is_caught(name: str) -> None:
    assert has_a_nameless_part(PurePosixPath("ui", name, "row.py"))
    assert has_a_nameless_part(PurePosixPath("ui", f"{name}.py"))


def against_arrows(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        match name.split("."):
            case ["tokendeck", room, *_] if room in ARROWS.keys() - ARROWS.get(module.room, set()) - {module.room}:
                yield f"{module.path}:{line}: {module.room} must not know {name}"
            case _:
                pass


def by_way_of_gui(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        if top(name) == "gui":
            yield f"{module.path}:{line}: gui/ is where the package lies, not a part of its name: {name}"


def library_outside_its_room(module: Module) -> Iterator[str]:
    for line, name in imports(module):
        library = top(name)
        if library in {"tokendeck", "gui"} or (library in sys.stdlib_module_names and library not in HOMES):
            continue
        homes = HOMES.get(library, set())
        if module.room not in homes:
            yield f"{module.path}:{line}: {library} is for {sorted(homes) or 'no room'}"


def impurity_in_core(module: Module) -> Iterator[str]:
    if module.room != "core":
        return
    for line, name in imports(module):
        if top(name) in sys.stdlib_module_names and not any(f"{name}.".startswith(f"{pure}.") for pure in PURE):
            yield f"{module.path}:{line}: core is pure, {name} is not"
    for node in ast.walk(ast.parse(module.source)):
        if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS:
            yield f"{module.path}:{node.lineno}: core is pure, {called(node)}() is not"


RULES: list[Callable[[Module], Iterator[str]]] = [
    against_arrows,
    by_way_of_gui,
    library_outside_its_room,
    impurity_in_core,
]


def package() -> Iterator[Module]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield Module(PurePosixPath(file.relative_to(PACKAGE)), read(file))


def complaints_of(rule: Callable[[Module], Iterable[str]]) -> list[str]:
    return [complaint for module in package() for complaint in rule(module)]


def has_a_nameless_part(path: PurePosixPath) -> bool:
    # CamelCase counts as words, too.
    words = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", part) for part in path.with_suffix("").parts]
    return any(NAMELESS.fullmatch(word) for word in words)


def imports(module: Module) -> Iterator[Import]:
    """Give every import anywhere in the module: for type checkers only, inside functions, and by a literal name."""
    here = ("tokendeck", *module.path.parts[:-1])
    for node in ast.walk(ast.parse(module.source)):
        match node:
            case ast.Import(names=names):
                yield from (Import(node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                start = here[: len(here) + 1 - level] if level else ()
                above = ".".join([*start, *([origin] if origin else [])])
                yield from (Import(node.lineno, f"{above}.{alias.name}") for alias in names)
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if called(node) in {"__import__", "import_module"}:
                yield Import(node.lineno, name)


def called(call: ast.Call) -> str:
    """Give the last part of what is called: `now` of `datetime.now()`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def top(name: str) -> str:
    return name.split(".", 1)[0]


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
