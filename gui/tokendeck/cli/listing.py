"""Commands that only look: list, providers, doctor."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.cli.formats import Row, diagnosis_json, list_json, providers_json
from tokendeck.cli.table import table
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.errors import DescriptorError, UnknownProvider
from tokendeck.core.frozen import dataclass
from tokendeck.core.origin import host_of
from tokendeck.core.status import NeedsAttention, Renewing, status_of
from tokendeck.core.trouble import error_from

if TYPE_CHECKING:
    from tokendeck.cli.invocation import Doctor, List, Providers
    from tokendeck.cli.program import Engine
    from tokendeck.cli.session import Session
    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.moment import Moment
    from tokendeck.core.provider import Grant, Provider
    from tokendeck.core.status import Status
    from tokendeck.core.wording import Wording

HEADER = ("NAME", "PROVIDER", "ENVIRONMENT", "STATE", "TOKEN")
SHRINKING = (0, 1, 2, 4)
"""The state, which is one or two words, is never cut."""


@dataclass(frozen=True, slots=True)
class Line:
    """One connection as programs and as people read it."""

    row: Row
    cells: tuple[str, ...]


async def list_connections(session: Session, command: List) -> int:
    """Print all connections as the ledger knows them; the vault stays shut."""
    async with session.program.engine() as engine:
        now = session.program.clock.now()
        lines = _lines(engine, session.wording, now)
    if not lines:
        for path in session.program.damaged_stores():
            session.console.remark(session.wording.damaged_store(path))
    if command.json:
        session.console.result(list_json(line.row for line in lines))
        return 0
    if not lines:
        session.console.remark("There are no connections yet. `tokendeck providers` shows what can be added.")
        return 0
    session.console.result(_table(lines, session.console.width))
    for line in lines:
        if line.row.last_error:
            session.console.remark(f"{line.row.record.connection.name}: {line.row.last_error}")
    return 0


def list_text(engine: Engine, wording: Wording, now: Moment) -> str:
    """Give the table that `list` prints, as wide as need be."""
    return _table(_lines(engine, wording, now), None)


def _table(lines: list[Line], width: int | None) -> str:
    return table([HEADER, *(line.cells for line in lines)], width=width, shrinking=SHRINKING)


def _lines(engine: Engine, wording: Wording, now: Moment) -> list[Line]:
    return [_line(wording, engine, record, now) for record in sorted(engine.records(), key=_name)]


def _name(record: ConnectionRecord) -> str:
    return record.connection.name.casefold()


def _line(wording: Wording, engine: Engine, record: ConnectionRecord, now: Moment) -> Line:
    connection = record.connection
    status: Status
    last_error: str | None
    try:
        provider, grant = engine.provider(connection), engine.grant(connection)
    except (UnknownProvider, DescriptorError) as error:
        name, token, last_error = connection.provider, "", wording.error(error)
        status = NeedsAttention(Trouble(TroubleKind.NEEDS_ATTENTION, now.wall))
    else:
        status = status_of(record, grant, now, renewing=engine.is_renewing(connection.id))
        name, token = provider.name, _token(wording, record, status, grant, now)
        last_error = _last_error(wording, record, status, provider, grant, now)
    cells = (connection.name, name, connection.environment, wording.status_word(status, now), token)
    return Line(Row(record, status.word, last_error), cells)


def _token(wording: Wording, record: ConnectionRecord, status: Status, grant: Grant, now: Moment) -> str:
    """Give how long the token has, but not when it is renewed: only the window does that, and it may not be open."""
    main, quiet = wording.expiry(record, status, grant, now)
    left = record.token.remaining(now) if record.token else None
    return main if left is not None and left > timedelta(0) else " · ".join(filter(None, (main, quiet)))


def _last_error(
    wording: Wording, record: ConnectionRecord, status: Status, provider: Provider, grant: Grant, now: Moment
) -> str | None:
    if record.trouble is not None:
        origins = record.connection.confirmed_origins
        error = error_from(record.trouble, host_of(origins[0]) if origins else provider.name, now.wall)
        return wording.error(error, provider=provider)
    if record.cut_off_at is not None and not isinstance(status, Renewing):
        return wording.status_sentence(record, status, provider, grant, now)
    return None


def show_providers(session: Session, command: Providers) -> int:
    """Print what connections can be added; files that cannot be used are told of beside it."""
    providers = session.program.catalog().providers()
    session.tell_descriptor_problems()
    session.console.result(providers_json(providers) if command.json else "\n\n".join(map(_card, providers)))
    return 0


def _card(provider: Provider) -> str:
    """Give a provider in a few lines; what is optional stands in brackets."""
    fields = [f"{one.key}, secret" if one.secret else one.key for one in provider.fields]
    rows = (
        ("environments", ", ".join(one.id for one in provider.environments)),
        ("grants", ", ".join(one.id for one in provider.grants)),
        ("test calls", ", ".join(one.id for one in provider.test_calls) or "none documented"),
        *(
            ("fields" if number == 0 else "", text if one.required else f"[{text}]")
            for number, (one, text) in enumerate(zip(provider.fields, fields, strict=True))
        ),
    )
    lines = table(rows, width=None, shrinking=()).splitlines()
    return "\n".join([f"{provider.id}: {provider.name}", *(f"  {line}" for line in lines)])


async def examine(session: Session, command: Doctor) -> int:
    """Print what was looked at and what to do; 4 where the vault or the store does not serve, else 1."""
    found = await session.program.examine()
    told = found.told(names=command.names)
    session.console.result(diagnosis_json(told) if command.json else session.wording.report(told))
    return found.exit_code
