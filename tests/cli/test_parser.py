from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from tokendeck.cli.invocation import (
    Add,
    Confirm,
    Doctor,
    Invocation,
    List,
    NewVault,
    Passphrase,
    Providers,
    RecoveryKey,
    Refresh,
    RefreshAll,
    Remove,
    Sandbox,
    Test,
    Token,
    TokenForm,
)
from tokendeck.cli.options import Options
from tokendeck.cli.parser import parse

COMMANDS = (
    "list",
    "add",
    "token",
    "test",
    "refresh",
    "confirm",
    "remove",
    "providers",
    "discover",
    "sandbox",
    "recovery-key",
    "passphrase",
    "new-vault",
    "doctor",
)


def read(*argv: str) -> Invocation:
    return parse(argv, stdout=io.StringIO(), stderr=io.StringIO())


def refused(*argv: str) -> str:
    """Give what is said about a command line that cannot be read."""
    stderr = io.StringIO()
    with pytest.raises(SystemExit) as end:
        parse(argv, stdout=io.StringIO(), stderr=stderr)
    assert end.value.code == 2
    return stderr.getvalue()


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["list"], List()),
        (["list", "--json"], List(json=True)),
        (["add", "acme", "My shop"], Add("acme", "My shop")),
        (["token", "shop"], Token("shop")),
        (
            ["token", "shop", "--min-valid", "90.5", "--fresh", "--as", "curl"],
            Token("shop", timedelta(seconds=90.5), fresh=True, form=TokenForm.CURL),
        ),
        (["test", "shop"], Test("shop")),
        (["test", "shop", "ping", "--json", "--yes"], Test("shop", "ping", json=True, confirmed=True)),
        (["refresh", "shop"], Refresh("shop")),
        (["refresh", "--all"], RefreshAll()),
        (["confirm", "shop"], Confirm("shop")),
        (["confirm", "shop", "--yes"], Confirm("shop", confirmed=True)),
        (["remove", "shop"], Remove("shop")),
        (["remove", "shop", "--yes"], Remove("shop", confirmed=True)),
        (["recovery-key"], RecoveryKey()),
        (["recovery-key", "--output", "key.txt", "--replace"], RecoveryKey(Path("key.txt"), replace=True)),
        (["passphrase"], Passphrase()),
        (["passphrase", "--new-passphrase-file", "new.txt"], Passphrase(Path("new.txt"))),
        (["new-vault"], NewVault()),
        (["new-vault", "--yes"], NewVault(confirmed=True)),
        (["providers", "--json"], Providers(json=True)),
        (["sandbox"], Sandbox()),
        (["sandbox", "--port", "65535"], Sandbox(65535)),
        (["doctor", "--json"], Doctor(json=True)),
        (["doctor", "--with-names"], Doctor(names=True)),
    ],
)
def test_every_command_is_read_into_a_value_of_its_own(argv: list[str], command: object) -> None:
    assert read(*argv).command == command


def test_add_keeps_settings_and_tags_in_the_order_typed() -> None:
    typed = ["--set", "a=1", "--environment", "sandbox", "--tag", "x", "--set", "b=c=d", "--tag", "y", "--grant", "g"]

    command = read("add", "acme", "shop", *typed, "--secrets-from", "-").command

    assert command == Add("acme", "shop", "sandbox", "g", (("a", "1"), ("b", "c=d")), ("x", "y"), "-")


@pytest.mark.parametrize(
    "argv",
    [
        ["--home", "/h", "--passphrase-file", "/p", "--debug", "list"],
        ["list", "--home", "/h", "--passphrase-file", "/p", "--debug"],
        ["--home", "/other", "--debug", "list", "--home", "/h", "--passphrase-file", "/p"],
        ["--passphrase-file", "/p", "list", "--home", "/h", "--debug"],
    ],
)
def test_options_for_every_command_stand_before_or_after_it(argv: list[str]) -> None:
    assert read(*argv).options == Options(Path("/h"), Path("/p"), debug=True)


@pytest.mark.parametrize(
    "argv", [["token", "shop", "--recovery-key-file", "/k"], ["--recovery-key-file", "/k", "token", "shop"]]
)
def test_the_recovery_key_is_named_before_or_after_the_command(argv: list[str]) -> None:
    assert read(*argv).options == Options(recovery_key_file=Path("/k"))


@pytest.mark.parametrize(("argv", "demo"), [([], False), (["--demo"], True), (["--home", "/h"], False)])
def test_without_a_command_the_window_is_meant(argv: list[str], demo: bool) -> None:  # noqa: FBT001 - a table's column
    invocation = read(*argv)

    assert invocation.command is None
    assert invocation.options.demo is demo


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["refresh"], "either a name or --all"),
        (["refresh", "shop", "--all"], "either a name or --all"),
        (["--demo", "list"], "goes with no command"),
        (["token", "shop", "--min-valid", "-1"], "0 or more"),
        (["token", "shop", "--min-valid", "nan"], "0 or more"),
        (["token", "shop", "--min-valid", "1e12"], "ten years at most"),
        (["token", "shop", "--min-valid", "an hour"], "a number of seconds"),
        (["token", "shop", "--as", "xml"], "raw"),
        (["token", "shop", "--min", "5"], "unrecognized"),
        (["list", "--home", ""], "name a path"),
        (["--passphrase-file", ""], "name a path"),
        (["list", "--recovery-key-file", ""], "name a path"),
        (["--recovery-key-file", "/k"], "goes with a command"),
        (["token", "shop", "--recovery-key-file", "/k", "--passphrase-file", "/p"], "without --passphrase-file"),
        (["doctor", "--recovery-key-file", "/k"], "other than doctor"),
        (["sandbox", "--port", "65536"], "a port from 0 to 65535"),
        (["sandbox", "--port", "9" * 5000], "a port from 0 to 65535"),
        (["sandbox", "--port", "http"], "a port from 0 to 65535"),
        (["add", "acme", "shop", "--tag", " "], "a tag is one line"),
        (["add", "acme", "shop", "--set", "=x"], "KEY=VALUE"),
        (["nonsense"], "invalid choice"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_would_be_right(argv: list[str], said: str) -> None:
    assert said in refused(*argv)


def test_a_setting_that_cannot_be_read_is_not_repeated_because_it_may_be_a_secret() -> None:
    said = refused("add", "acme", "shop", "--set", "hunter2hunter2")

    assert "hunter2" not in said


def test_help_names_every_command_and_the_exit_codes() -> None:
    stdout = io.StringIO()
    with pytest.raises(SystemExit) as end:
        parse(["--help"], stdout=stdout, stderr=io.StringIO())

    text = stdout.getvalue()
    assert end.value.code == 0
    assert all(f"\n    {name} " in text for name in COMMANDS)
    assert "--demo" in text
    assert "5  no such connection" in text


@pytest.mark.parametrize("absent", ["exec", "export", "import"])
def test_help_promises_no_command_that_does_not_exist(absent: str) -> None:
    stdout = io.StringIO()
    with pytest.raises(SystemExit):
        parse(["--help"], stdout=stdout, stderr=io.StringIO())

    assert absent not in stdout.getvalue()
