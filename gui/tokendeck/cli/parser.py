"""Reading argv."""

from __future__ import annotations

import argparse
import math
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck import __version__
from tokendeck.cli.invocation import (
    Add,
    Confirm,
    Discover,
    Doctor,
    Invocation,
    List,
    Login,
    NewVault,
    Passphrase,
    Providers,
    RecoveryKey,
    Refresh,
    RefreshAll,
    Remove,
    Revoke,
    Sandbox,
    Test,
    Token,
    TokenForm,
)
from tokendeck.cli.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from tokendeck.cli.invocation import Command

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names this type nowhere else
    Reader = Callable[[argparse.Namespace], Command]

LONGEST_MIN_VALID_S = 10 * 365 * 24 * 3600
LARGEST_PORT = 65535

DESCRIPTION = """\
Keeps the tokens of your API connections fresh. Without a command it opens the window."""

EPILOG = """\
exit codes:
  0  done
  1  refused: a person must act
  2  wrong usage
  3  passing trouble: try again later
  4  the vault is locked or unreachable
  5  no such connection

Secrets are never read from the command line: `add` asks for them, or reads them with --secrets-from.
TOKENDECK_HOME chooses the data folder where --home is absent; TOKENDECK_DEBUG=1 is like --debug."""


def parse(argv: Sequence[str], *, stdout: TextIO, stderr: TextIO) -> Invocation:
    """
    Read a command line.

    Args:
        argv: without the program's name.
        stdout: takes `--help` and `--version`.
        stderr: takes what is wrong.

    Raises:
        SystemExit: with 0 after `--help` or `--version`, with 2 where something is wrong.

    """
    parser = build_parser()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        arguments = parser.parse_args(argv)
        command: Command | None = arguments.read(arguments) if arguments.command else None
        if arguments.command == "refresh" and (arguments.name is None) is not arguments.all:
            parser.error("refresh: give either a name or --all")
        if command is not None and arguments.demo:
            parser.error("--demo opens the window; it goes with no command")
        if arguments.recovery_key_file and (
            command is None or arguments.passphrase_file or isinstance(command, Doctor)
        ):
            parser.error(
                "--recovery-key-file goes with a command other than doctor, and without --passphrase-file; the window "
                "asks for the key itself"
            )
    options = Options(
        home=arguments.home,
        passphrase_file=arguments.passphrase_file,
        recovery_key_file=arguments.recovery_key_file,
        demo=arguments.demo,
        debug=arguments.debug,
    )
    return Invocation(options, command)


def build_parser() -> argparse.ArgumentParser:
    """Give the whole grammar; `--help` is printed from it."""
    parser = argparse.ArgumentParser(
        prog="tokendeck",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tokendeck {__version__}")
    parser.add_argument("--demo", action="store_true", help="open the window on a built-in sandbox; nothing is kept")
    _add_common(parser, None, debug=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (
        _list,
        _add,
        _login,
        _token,
        _test,
        _refresh,
        _revoke,
        _confirm,
        _remove,
        _providers,
        _discover,
        _sandbox,
    ):
        add(commands)
    for add in (_recovery_key, _passphrase, _new_vault, _doctor):
        add(commands)
    return parser


def _list(commands: Commands) -> None:
    parser = _command(commands, "list", "all connections and when their tokens end", lambda a: List(json=a.json))
    _add_json(parser)


def _add(commands: Commands) -> None:
    parser = _command(
        commands,
        "add",
        "save a new connection",
        lambda a: Add(
            a.provider, a.name, a.environment, a.grant, tuple(a.settings), tuple(a.tags), a.secrets_from, a.from_issuer
        ),
    )
    parser.add_argument("provider", metavar="PROVIDER", help="its id, from `tokendeck providers`")
    parser.add_argument("name", metavar="NAME", help="what you want to call the connection")
    parser.add_argument(
        "--from-issuer",
        action="store_true",
        help="PROVIDER is an issuer's URL: a file is written from what it publishes (see `discover`), once",
    )
    parser.add_argument("--environment", metavar="E", help="the provider's first, unless given")
    parser.add_argument("--grant", metavar="G", help="the provider's first that needs no signing in, unless given")
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        type=_setting,
        action="append",
        default=[],
        help="a field that is not secret; base_url, to move every URL; or a dotted key of the provider's file",
    )
    parser.add_argument(
        "--tag", dest="tags", metavar="T", type=_tag, action="append", default=[], help="may be repeated"
    )
    parser.add_argument(
        "--secrets-from",
        metavar="FILE",
        help="read fields from KEY=VALUE lines, one JSON object or PEM text; - is stdin; without it you are asked",
    )


def _token(commands: Commands) -> None:
    parser = _command(
        commands,
        "token",
        "print a token that is good, refreshing it first if need be",
        lambda a: Token(a.name, a.min_valid, a.fresh, TokenForm(a.form)),
    )
    _add_name(parser)
    parser.add_argument(
        "--min-valid",
        metavar="SECONDS",
        type=_seconds,
        help="good for at least so long (60, or a tenth of its lifetime where that is less)",
    )
    parser.add_argument("--fresh", action="store_true", help="ask for a new one in any case")
    parser.add_argument(
        "--as", dest="form", choices=[form.value for form in TokenForm], default="raw", help="raw unless given"
    )


def _login(commands: Commands) -> None:
    parser = _command(
        commands,
        "login",
        "sign in with the browser; the link is the first line printed",
        lambda a: Login(a.name, not a.no_browser),
    )
    _add_name(parser)
    parser.add_argument("--no-browser", action="store_true", help="print the link, and open nothing")


def _revoke(commands: Commands) -> None:
    parser = _command(
        commands, "revoke", "have the provider take the tokens of a connection back", lambda a: Revoke(a.name)
    )
    _add_name(parser)


def _test(commands: Commands) -> None:
    parser = _command(
        commands, "test", "prove that the credentials work", lambda a: Test(a.name, a.call, a.json, a.yes)
    )
    _add_name(parser)
    parser.add_argument(
        "call", metavar="CALL", nargs="?", help="one of the provider's test calls; its first, unless given"
    )
    _add_json(parser)
    parser.add_argument("--yes", action="store_true", help="send it even where it can do harm")


def _refresh(commands: Commands) -> None:
    parser = _command(
        commands, "refresh", "ask for a new token now", lambda a: RefreshAll() if a.all else Refresh(a.name)
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="a connection")
    parser.add_argument("--all", action="store_true", help="every connection that is renewed and not paused")


def _confirm(commands: Commands) -> None:
    parser = _command(
        commands,
        "confirm",
        "let secrets go to where the provider's file sends them by now",
        lambda a: Confirm(a.name, a.yes),
    )
    _add_name(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _remove(commands: Commands) -> None:
    parser = _command(
        commands, "remove", "delete a connection, its secrets and its tokens", lambda a: Remove(a.name, a.yes)
    )
    _add_name(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _providers(commands: Commands) -> None:
    parser = _command(
        commands, "providers", "what connections can be added, and which fields they need", lambda a: Providers(a.json)
    )
    _add_json(parser)


def _discover(commands: Commands) -> None:
    parser = _command(
        commands, "discover", "what an issuer publishes about itself", lambda a: Discover(a.issuer, a.json)
    )
    parser.add_argument("issuer", metavar="ISSUER", help="its URL, exactly as it spells it")
    _add_json(parser)


def _sandbox(commands: Commands) -> None:
    parser = _command(
        commands, "sandbox", "the five providers on this machine, to try things out", lambda a: Sandbox(a.port)
    )
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="any that is free, unless given")


def _recovery_key(commands: Commands) -> None:
    parser = _command(
        commands,
        "recovery-key",
        "make a key that opens the vault where the keyring or the passphrase is lost",
        lambda a: RecoveryKey(a.output, a.replace),
    )
    parser.add_argument("--output", metavar="FILE", type=_path, help="write it to a new file instead of printing it")
    parser.add_argument("--replace", action="store_true", help="let one made before stop working, without asking")


def _passphrase(commands: Commands) -> None:
    parser = _command(
        commands,
        "passphrase",
        "protect the vault with a new passphrase, in place of the keyring or the old one",
        lambda a: Passphrase(a.file),
    )
    parser.add_argument("--new-passphrase-file", dest="file", metavar="FILE", type=_path, help="read it from there")


def _new_vault(commands: Commands) -> None:
    parser = _command(
        commands,
        "new-vault",
        "keep a vault whose key is lost in a file beside, and begin with an empty one",
        lambda a: NewVault(a.yes),
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")


def _doctor(commands: Commands) -> None:
    parser = _command(
        commands,
        "doctor",
        "what stands in the way, and what to do; without secrets and names, so that it can be given away",
        lambda a: Doctor(a.json, a.with_names),
    )
    _add_json(parser)
    parser.add_argument("--with-names", action="store_true", help="name the connections instead of numbering them")


def _command(commands: Commands, name: str, summary: str, read: Reader) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", allow_abbrev=False
    )
    # SUPPRESS, so that an option before the command is not overwritten by the default of the same option after it.
    _add_common(parser, argparse.SUPPRESS, debug=argparse.SUPPRESS)
    parser.set_defaults(read=read)
    return parser


def _add_common(parser: argparse.ArgumentParser, absent: str | None, *, debug: bool | str) -> None:
    group = parser.add_argument_group("for every command, before or after it")
    group.add_argument("--home", metavar="DIR", type=_path, default=absent, help="the data folder")
    group.add_argument(
        "--passphrase-file", metavar="FILE", type=_path, default=absent, help="unlock a passphrase vault"
    )
    group.add_argument(
        "--recovery-key-file",
        metavar="FILE",
        type=_path,
        default=absent,
        help="unlock a vault whose keyring or passphrase is lost; the keyring keeps its key again from then on",
    )
    group.add_argument(
        "--debug", action="store_true", default=debug, help="log everything; on an error, show where it came from"
    )


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a connection, in any case of letters")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name a path; this one is empty")
    return Path(text)


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        # What was typed may be a secret in the wrong place, so it is not repeated.
        raise argparse.ArgumentTypeError("write it as KEY=VALUE")
    return key.strip(), value


def _tag(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise argparse.ArgumentTypeError("a tag is one line of text")
    return text.strip()


def _seconds(text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_MIN_VALID_S:
        raise argparse.ArgumentTypeError("give a number of seconds, 0 or more, ten years at most")
    return timedelta(seconds=seconds)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= LARGEST_PORT):
        raise argparse.ArgumentTypeError(f"give a port from 0 to {LARGEST_PORT}; 0 means any that is free")
    return int(text)
