"""`tokendeck token NAME` beside a running app: quick where it goes well, and as ever where it does not."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.running.open_app import OpenApp
from tests.cli.samples import token_set
from tokendeck.app.places import find_places
from tokendeck.cli.errors import AppSilent
from tokendeck.cli.running import client, messages, shortcut
from tokendeck.cli.running.client import RunningApp
from tokendeck.cli.running.codec import to_line
from tokendeck.cli.running.place import socket_path
from tokendeck.cli.running.server import listening
from tokendeck.cli.running.shortcut import print_token
from tokendeck.core.errors import ConfigurationRefused
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tokendeck.core.token import TokenSet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")

LOADS = """
import sys
before = set(sys.modules)
from tokendeck.__main__ import main
code = main()
print(*sorted(set(sys.modules) - before), file=sys.stderr)
sys.exit(code)
"""

OURS = {
    "tokendeck",
    "tokendeck.__main__",
    "tokendeck.app",
    "tokendeck.app.hardening",
    "tokendeck.cli",
    "tokendeck.cli.running",
    "tokendeck.cli.running.place",
    "tokendeck.cli.running.shortcut",
    "tokendeck.cli.running.wire",
}
OF_SOCKET = {
    *("_collections", "_functools", "_operator", "_socket", "array", "collections", "collections.abc", "enum", "errno"),
    *("functools", "itertools", "keyword", "math", "operator", "reprlib", "select", "selectors", "socket", "types"),
}
"""What `socket` of some Python brings along."""

OTHERS = {"__future__", "resource", "time", "zlib", *OF_SOCKET}


@asynccontextmanager
async def open_app(home: Path, environ: dict[str, str] | None = None) -> AsyncIterator[OpenApp]:
    """Answer where this home's app does."""
    path = socket_path(find_places(home).name, environ or os.environ)
    assert path is not None
    app = OpenApp(path)
    async with listening(path, app.answers.answer):
        yield app


async def ask(home: Path, *argv: str) -> int | bytes:
    """Take the shortcut, aside: the app answers in this loop."""
    environ = os.environ | {"TOKENDECK_HOME": str(home)}
    return await asyncio.to_thread(print_token, argv, environ)


async def test_a_token_is_printed_and_next_to_nothing_is_loaded(home: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    async with open_app(home / "deck") as app:
        app.engine.keep("Café “Mozart”")
        app.engine.answer = lambda _: given(app, "tok-1")

        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", LOADS, "token", "Café “Mozart”"),
            env=environment | {"TOKENDECK_HOME": str(home / "deck")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()

    loaded = set(err.decode().split())
    assert (process.returncode, out) == (0, b"tok-1\n")
    assert {name for name in loaded if name.partition(".")[0] == "tokendeck"} == OURS
    assert sorted(loaded - OURS - OTHERS) == []


async def given(app: OpenApp, text: str) -> TokenSet:
    return token_set(app.clock, text)


@pytest.mark.parametrize("token", ['a"b\\c', "t" * 65536, "grün"])
async def test_a_token_comes_as_it_is(home: Path, capsys: pytest.CaptureFixture[str], token: str) -> None:
    async with open_app(home / "deck") as app:
        connection = app.engine.keep("shop")
        app.engine.answer = lambda _: given(app, token)

        outcome = await ask(home / "deck", "token", "SHOP")

    assert outcome == 0
    assert capsys.readouterr().out == f"{token}\n"
    assert app.engine.asked == [("token", connection.id, None, False)]


@pytest.mark.parametrize("spelled", [["--home", "{}"], ["--home={}"]])
async def test_a_home_that_is_named_is_asked(home: Path, spelled: list[str]) -> None:
    argv = [word.format(home / "deck") for word in spelled]
    async with open_app(home / "deck") as app:
        app.engine.keep("shop")

        outcome = await ask(home / "elsewhere", *argv, "token", "shop")

    assert outcome == 0


@pytest.mark.parametrize("spelled", [["--home", ""], ["--home="], ["--home", "-x"], ["--home=~"], ["--home", "deck"]])
async def test_a_home_that_is_named_oddly_is_no_other_home(monkeypatch: pytest.MonkeyPatch, spelled: list[str]) -> None:
    monkeypatch.delenv("TOKENDECK_HOME", raising=False)
    async with open_app(find_places(None).data) as app:
        app.engine.keep("shop")

        outcome = await asyncio.to_thread(print_token, [*spelled, "token", "shop"], dict(os.environ))

    assert outcome == b""
    assert app.engine.asked == []


async def test_a_refusal_is_handed_on_and_asked_for_only_once(home: Path) -> None:
    refusal = ConfigurationRefused(status=401, code="invalid_client", words="no")
    async with open_app(home / "deck") as app:
        connection = app.engine.keep("shop")

        async def answer(_: str) -> TokenSet:
            raise refusal

        app.engine.answer = answer
        told = await ask(home / "deck", "token", "shop")
        assert isinstance(told, bytes)
        running = RunningApp(app.path, told)
        with pytest.raises(ConfigurationRefused) as raised:
            await running.ask("token", {"id": connection.id})
        with pytest.raises(ConfigurationRefused):
            await running.ask("token", {"id": connection.id, "min_valid": None, "fresh": False})

    assert vars(raised.value) == vars(refusal)
    assert len(app.engine.asked) == 2, "the second time it was asked anew"


async def test_what_the_app_does_not_know_or_cannot_open_is_left_to_the_whole_command_line(home: Path) -> None:
    async with open_app(home / "deck") as app:
        app.engine.keep("shop")

        unknown = await ask(home / "deck", "token", "nobody")
        app.engine.seen_as = VaultOpening()
        shut = await ask(home / "deck", "token", "shop")

    assert (unknown, shut) == (b"", b"")
    assert app.engine.asked == []


@pytest.mark.parametrize(
    "argv",
    [
        ["token"],
        ["token", "--help"],
        ["token", "shop", "--fresh"],
        ["list"],
        ["--home", "/x"],
        ["--home", "token", "shop"],
        ["--homer=/x", "token", "shop"],
        [],
        ["token", "\udc80"],
    ],
)
async def test_anything_else_than_a_bare_name_asks_nobody(home: Path, argv: list[str]) -> None:
    async with open_app(home / "deck") as app:
        app.engine.keep("shop")

        assert await ask(home / "deck", *argv) == b""

    assert app.engine.asked == []


def test_nobody_is_asked_where_none_runs_or_debugging_is_on(home: Path) -> None:
    environ = os.environ | {"TOKENDECK_HOME": str(home / "deck")}

    assert print_token(["token", "shop"], environ) == b""
    assert print_token(["token", "shop"], environ | {"TOKENDECK_DEBUG": "1"}) == b""


async def test_a_silent_app_is_told_of_at_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = socket_path(find_places(home / "deck").name)
    server = await asyncio.start_unix_server(lambda _, writer: writer.close(), path)

    outcome = await ask(home / "deck", "token", "shop")
    server.close()

    assert outcome == AppSilent.exit_code
    assert capsys.readouterr().err == f"{AppSilent.sentence}\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
async def test_an_output_that_takes_no_more_is_told_of(home: Path) -> None:
    async with open_app(home / "deck") as app:
        app.engine.keep("shop")
        full = os.open("/dev/full", os.O_WRONLY)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tokendeck", "token", "shop"),
            env=os.environ | {"TOKENDECK_HOME": str(home / "deck")},
            stdout=full,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(full)
        _, err = await process.communicate()

    assert process.returncode == 1
    assert err == b"The output cannot be written: No space left on device.\n"


async def test_who_interrupts_is_left_alone(home: Path) -> None:
    hold = asyncio.Event()
    async with open_app(home / "deck") as app:
        app.engine.keep("shop")

        async def answer(_: str) -> TokenSet:
            hold.set()
            await asyncio.Event().wait()
            raise AssertionError

        app.engine.answer = answer
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tokendeck", "token", "shop"),
            env=os.environ | {"TOKENDECK_HOME": str(home / "deck")},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await hold.wait()
        process.send_signal(2)
        out, err = await process.communicate()

    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.skipif(sys.platform != "linux", reason="the shortcut knows Linux's places")
@pytest.mark.parametrize("data", ["", "data", "   "])
async def test_the_users_own_home_is_found_as_the_whole_program_finds_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: str
) -> None:
    monkeypatch.delenv("TOKENDECK_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(home / data) if data.strip() else data)
    async with open_app(find_places(None).data) as app:
        app.engine.keep("shop")

        outcome = await asyncio.to_thread(print_token, ["token", "shop"], dict(os.environ))

    assert outcome == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize("odd", ["~/deck", "deck", "//deck", "/a/../deck", "/deck/", "/a//deck"])
def test_a_home_that_is_spelled_oddly_takes_the_long_way(home: Path, odd: str) -> None:
    assert home.exists()
    assert shortcut._path(odd, os.environ) is None


def test_deadlines_are_those_of_the_long_way() -> None:
    assert (shortcut.HELLO_S, shortcut.WORK_S) == (messages.HELLO_S, client.WORK_S)


async def test_a_request_that_is_no_text_is_garbled(home: Path) -> None:
    async with open_app(home / "deck") as app:
        line = to_line({"protocol": 1, "ask": "plain_token", "with": {"name": "zz"}})

        assert await app.answers.answer(line) == to_line({"failed": "garbled"})


def test_the_answer_holds_no_more_than_the_access_token(home: Path) -> None:
    app = OpenApp(str(home / "s"))
    app.engine.keep("shop")

    async def answer(_: str) -> TokenSet:
        return replace(token_set(app.clock, "abc"), refresh_token=Secret("stays"))

    app.engine.answer = answer
    line = asyncio.run(
        app.answers.answer(to_line({"protocol": 1, "ask": "plain_token", "with": {"name": b"shop".hex()}}))
    )

    assert line == to_line({"value": b"abc".hex()})
