"""Commands that change what there is: add, confirm, remove."""

from __future__ import annotations

import shlex
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from tokendeck.cli.errors import Declined, FieldErrors, Mistyped
from tokendeck.cli.filling import check_name, choose_environment, choose_grant, choose_provider, fill
from tokendeck.cli.secret_fields import read_fields
from tokendeck.cli.secret_files import read_text
from tokendeck.cli.signing_in import login_command
from tokendeck.core.connection import Connection, folded
from tokendeck.core.errors import NameTaken, OriginNotConfirmed, TokendeckError, UsageError
from tokendeck.core.frozen import replace
from tokendeck.core.origin import host_of, origin_of
from tokendeck.core.request import check_fields, origins_of
from tokendeck.core.trouble import is_withheld

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tokendeck.cli.filling import Filled
    from tokendeck.cli.invocation import Add, Confirm, Remove
    from tokendeck.cli.program import Engine
    from tokendeck.cli.session import Session
    from tokendeck.core.provider import Field, Grant, Provider
    from tokendeck.core.secret import Secret

STDIN = "-"
SECRETS_HINT = (
    "Hand secrets over with --secrets-from FILE (or - for standard input), or run this in a terminal to be asked."
)
SETTINGS_HINT = "Give fields that are not secret with --set KEY=VALUE."


async def add(session: Session, command: Add) -> int:
    """
    Save a connection without asking its provider anything.

    All that was typed is checked before the vault is asked to open, and before a person is asked for secrets.
    """
    catalog = session.program.catalog()
    if command.from_issuer:
        provider, file = await session.program.describe(command.provider)
        if file:
            session.console.remark(f"Described {provider.name} in {file}.")
    else:
        provider = choose_provider(catalog, command.provider)
    grant = choose_grant(provider, command.grant)
    read = _read_secrets(session, command.secrets_from, provider.fields_of(grant.id))
    filled = fill(provider, grant, command.settings, read)
    connection = Connection(
        id=uuid.uuid4().hex,
        name=check_name(command.name),
        provider=provider.id,
        environment=choose_environment(provider, command.environment, filled),
        grant=grant.id,
        created_at=session.program.clock.now().wall,
        values=filled.values,
        overrides=filled.overrides,
        tags=tuple(dict.fromkeys(command.tags)),
    )
    provider = catalog.provider_for(connection)
    missing = _missing_secrets(provider, grant, filled) if session.console.has_person else ()
    _check_fields(provider, grant, filled, but={one.key for one in missing})
    origins = origins_of(provider, connection)
    if command.from_issuer:
        origins = _agreed(session, connection, origin_of(provider.source.url), origins)
    connection = replace(connection, confirmed_origins=origins)
    async with session.program.engine() as engine:
        _check_name_is_free(engine, connection.name)
        await session.unlock(engine)
        for one in missing:
            filled.secrets[one.key] = session.console.ask_secret(one.label)
        _check_fields(provider, grant, filled)
        await engine.add(connection, filled.secrets)
    session.console.remark(_saved(connection, provider))
    return 0


def _read_secrets(session: Session, source: str | None, fields: Iterable[Field]) -> Mapping[str, Secret]:
    if source is None or (source == STDIN and session.console.has_person):
        return {}  # a person is asked field by field, without echo
    if source != STDIN:
        return read_fields(read_text(Path(source), "secrets file"), fields)
    try:
        text = session.console.read_all()
        text.encode()  # in a C locale, bytes that are no text come through as half surrogate pairs
    except UnicodeError:
        raise Mistyped("What came from standard input is no text in this system's encoding.") from None
    return read_fields(text.removeprefix("\ufeff"), fields)


def _missing_secrets(provider: Provider, grant: Grant, filled: Filled) -> tuple[Field, ...]:
    """Give the fields that a person can be asked for: a terminal reads a secret as one line."""
    fields = (one for one in provider.fields_of(grant.id) if one.secret and one.required and not one.multiline)
    return tuple(one for one in fields if one.key not in filled.secrets)


def _check_fields(provider: Provider, grant: Grant, filled: Filled, *, but: Collection[str] = ()) -> None:
    """Raise `FieldErrors` with all that is wrong, but for the fields that a person is still to be asked for."""
    given: dict[str, str | Secret] = {**filled.values, **filled.secrets}
    wrong = [error for error in check_fields(provider, grant.id, given) if error.key not in but]
    if wrong:
        secret = any(one.secret for one in provider.fields if one.key in {error.key for error in wrong})
        raise FieldErrors(tuple(wrong), SECRETS_HINT if secret else SETTINGS_HINT)


def _agreed(session: Session, connection: Connection, own: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """
    Give where secrets may go: whoever publishes metadata names hosts, and a person agrees to others than the issuer's.

    Where there is nobody to ask, nothing goes there until `confirm` says so. Raises `Declined`.
    """
    elsewhere = _hosts(one for one in wanted if one != own)
    if not elsewhere:
        return wanted
    if session.console.has_person:
        if not session.console.confirm(f"The issuer would have secrets sent to {elsewhere} as well. Send them there?"):
            raise Declined
        return wanted
    session.console.remark(
        f"The issuer would have secrets sent to {elsewhere} as well. Nothing goes there until you confirm it: "
        f"tokendeck confirm {_typed(connection.name)}"
    )
    return (own,)


def _typed(name: str) -> str:
    """Write a name as a shell takes it for one."""
    return f"{'-- ' if name.startswith('-') else ''}{shlex.quote(name)}"


def _check_name_is_free(engine: Engine, name: str) -> None:
    if any(folded(record.connection.name) == folded(name) for record in engine.records()):
        raise NameTaken(name)


def _may_send(name: str, origins: Iterable[str]) -> str:
    return f"{name} may send to: {_hosts(origins)}."


def _hosts(origins: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(map(host_of, origins)))


def _saved(connection: Connection, provider: Provider) -> str:
    if provider.grant(connection.grant).needs_person:
        following = f"To sign in: {login_command(connection.name)}"
    else:
        following = f"To see whether it works: tokendeck test {_typed(connection.name)}"
    return (
        f"Saved {connection.name} ({provider.name}, {connection.environment}). "
        f"It may send to: {_hosts(connection.confirmed_origins)}.\n"
        f"Nothing was sent yet. {following}"
    )


async def confirm(session: Session, command: Confirm) -> int:
    """
    Let a connection's secrets go to where its descriptor sends them by now; a person is asked, or `--yes` says so.

    Raises `OriginNotConfirmed` where nobody did.
    """
    async with session.program.engine() as engine:
        record = engine.find(command.name)
        connection = record.connection
        wanted = origins_of(engine.provider(connection), connection)
        new = [origin for origin in wanted if origin not in connection.confirmed_origins]
        if not new and not (record.trouble and is_withheld(record.trouble)):
            session.console.remark(f"There is nothing to confirm. {_may_send(connection.name, wanted)}")
            return 0
        if new and not command.confirmed:
            if not session.console.has_person:
                raise OriginNotConfirmed(new[0])
            if not session.console.confirm(f"Send the secrets of {connection.name} to {_hosts(new)} from now on?"):
                raise Declined
        await session.unlock(engine)
        await engine.confirm(connection.id, wanted)
    session.console.remark(f"Confirmed. {_may_send(connection.name, wanted)}")
    return 0


async def remove(session: Session, command: Remove) -> int:
    """
    Delete a connection for good; a person is asked first.

    Rows are erased and not read: only tokens that can be revoked need the vault. What is not revoked is told.
    """
    async with session.program.engine() as engine:
        record = engine.find(command.name)
        connection = record.connection
        question = f"Delete {connection.name} for good, with its secrets and tokens?"
        if not command.confirmed and session.console.has_person and not session.console.confirm(question):
            raise Declined
        if record.token is not None:
            await _revoke(session, engine, connection)
        await engine.delete(connection.id, revoke=False)
    session.console.remark(f"Deleted {connection.name}, its secrets and its tokens.")
    return 0


async def _revoke(session: Session, engine: Engine, connection: Connection) -> None:
    provider = None
    try:
        provider = engine.provider(connection)
        if engine.grant(connection).revoke is None:
            return
        await session.unlock(engine)
        await engine.revoke(connection.id)
    except UsageError:  # its descriptor is gone, and with it whom to ask
        return
    except TokendeckError as error:
        session.console.remark(session.wording.not_revoked(connection.name, error, provider=provider))
