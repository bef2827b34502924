"""
From rows to records, and the way to list them before anything slow is imported.

Imports sqlite3 and core, nothing else of weight: this module is on the way to the first paint.
"""

from __future__ import annotations

import gc
import json
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.listing import Listing
from tokendeck.core.moment import Moment
from tokendeck.core.token import TokenFacts
from tokendeck.storage.reading import open_to_read
from tokendeck.storage.schema import OLDEST_LISTED, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Row = tuple[Any, ...]
T = TypeVar("T", str, tuple[str, ...])

FACTS = """
    asked_at, asked_elapsed_s, asked_boot, expiry, expires_at, declared_by, scope, has_refresh_token, serial"""

RECORD_COLUMNS = f"""
    id, name, provider, environment, grant_id, created_at, settings, paused,
    discarded, trouble, last_call, last_good_at, cut_off_at, {FACTS}"""

RECORD = f"SELECT {RECORD_COLUMNS} FROM connections WHERE hidden_by IS NULL"  # noqa: S608 - constant text
RECORDS = f"{RECORD} ORDER BY folded_name, id"

LONG_AGO = datetime.min.replace(tzinfo=UTC)
NOTHING: Mapping[str, Any] = MappingProxyType({})
DECODER = json.JSONDecoder()
SOURCES = {source.value: source for source in ExpirySource}
KINDS = {kind.value: kind for kind in TroubleKind}


ODD = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What comes of reading what this program never wrote."""


class Unreadable(Exception):
    """The store holds what this program never wrote."""


def read_listing(path: Path) -> Listing:
    """
    Give all connections in order of their names, as `Ledger.records` does, but at once and without a thread.

    Reads and changes nothing. Empty where there is no store yet, and also where the file does not serve: what is wrong
    with it, the ledger says.
    """
    return Listing(_rows(path), _to_listed)


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    try:
        with closing(open_to_read(path)) as connection:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            return connection.execute(RECORDS).fetchall() if OLDEST_LISTED <= found <= VERSION else []
    except (sqlite3.Error, UnicodeDecodeError):  # a damaged name in the schema is decoded for the error
        return []


def _to_listed(row: Row) -> ConnectionRecord:
    """Read one row of `RECORD` as far as it can be read."""
    try:
        return to_record(row)
    except Unreadable:
        id_, name, provider, environment, grant = row[:5]
        return ConnectionRecord(Connection(id_, name, provider, environment, grant, LONG_AGO))


def to_records(connection: sqlite3.Connection) -> Iterator[ConnectionRecord]:
    """Read every connection that is not hidden."""
    return map(to_record, connection.execute(RECORDS))


def to_record(row: Row) -> ConnectionRecord:
    """Read one row of `RECORD`. Raises `Unreadable`."""
    try:
        return _to_record(row)
    except ODD as error:
        raise Unreadable(f"connection {row[0]}: {error}") from error


def _to_record(row: Row) -> ConnectionRecord:
    id_, name, provider, environment, grant, created_at, settings, paused = row[:8]
    discarded, trouble, last_call, last_good_at, cut_off_at = row[8:13]
    settings = _parse(settings)
    values = settings.get("values", NOTHING)
    # What many have in common is kept once: three quarters of a kilobyte for each of 10,000.
    return ConnectionRecord(
        Connection(
            id_,
            name,
            intern(provider),
            intern(environment),
            intern(grant),
            _time(created_at),
            dict(zip(map(intern, values), map(_shared, values.values()), strict=True)),
            settings.get("overrides", NOTHING),
            _shared(tuple(settings.get("tags", ()))),
            _shared(tuple(settings.get("confirmed_origins", ()))),
            bool(paused),
        ),
        None if discarded else to_facts(row[13:]),
        None if trouble is None else to_trouble(trouble),
        None if last_call is None else to_call(_parse(last_call)),
        _to_time(last_good_at),
        _to_time(cut_off_at),
        row[21],
        bool(discarded and row[20]),
    )


@lru_cache(maxsize=512)
def _shared(value: T) -> T:
    """Give what was given before, where it is equal."""
    return value


def to_facts(row: Row) -> TokenFacts | None:
    """Read the columns of `FACTS`; None where there are no tokens."""
    asked_at, elapsed_s, boot, expiry, expires_at, declared_by, scope, has_refresh_token, serial = row
    if asked_at is None:
        return None
    return TokenFacts(
        Moment(_time(asked_at), elapsed_s, intern(boot)),
        _to_expiry(expiry, expires_at, declared_by),
        None if scope is None else tuple(_parse(scope)),
        bool(has_refresh_token),
        serial,
    )


def to_call(row: Row) -> CallFacts:
    """Read the columns of one test in the history. Raises `Unreadable`."""
    try:
        at, call, outcome, status, latency_ms, retried = row
        return CallFacts(_time(at), call, outcome, status, latency_ms, bool(retried))
    except ODD as error:
        raise Unreadable(f"a test in the history: {error}") from error


def call_row(call: CallFacts) -> Row:
    """Write the columns of one test in the history."""
    return call.at.isoformat(), call.call, call.outcome, call.status, call.latency_ms, call.retried


def settings_text(connection: Connection) -> str:
    """Write the settings that have no column of their own."""
    settings = {
        "values": dict(connection.values),
        "overrides": dict(connection.overrides),
        "tags": connection.tags,
        "confirmed_origins": connection.confirmed_origins,
    }
    return json.dumps({key: value for key, value in settings.items() if value}, ensure_ascii=False)


def trouble_text(trouble: Trouble) -> str:
    """Write a trouble."""
    return json.dumps(
        {
            "kind": trouble.kind.value,
            "at": trouble.at.isoformat(),
            "code": trouble.code,
            "words": trouble.words,
            "status": trouble.status,
            "attempts": trouble.attempts,
            "retry_at": trouble.retry_at and trouble.retry_at.isoformat(),
            "hold_until": trouble.hold_until and trouble.hold_until.isoformat(),
            "timed_out": trouble.timed_out,
            "subject": trouble.subject,
        },
        ensure_ascii=False,
    )


def to_trouble(text: str) -> Trouble:
    """Read a trouble as `trouble_text` wrote it. Raises `Unreadable`."""
    try:
        return _to_trouble(_parse(text))
    except ODD as error:
        raise Unreadable(f"what a request came to: {error}") from error


def _to_trouble(fields: dict[str, Any]) -> Trouble:
    return Trouble(
        KINDS[fields["kind"]],
        _time(fields["at"]),
        fields["code"],
        fields["words"],
        fields["status"],
        fields["attempts"],
        _to_time(fields["retry_at"]),
        _to_time(fields["hold_until"]),
        fields.get("timed_out", False),
        fields.get("subject", ""),  # absent from what was noted before it was
    )


def facts_row(facts: TokenFacts) -> Row:
    """Write the columns of `FACTS`, each as it reads back."""
    match facts.expiry:
        case At(when=when, source=source):
            expiry: Row = (source.value, when.isoformat(), None)
        case Never(declared_by=declared_by):
            expiry = ("never", None, declared_by)
        case NotStated():
            expiry = ("not_stated", None, None)
        case _:
            assert_never(facts.expiry)
    asked_at = facts.asked_at
    scope = None if facts.scope is None else json.dumps(facts.scope, ensure_ascii=False)
    return (
        *(asked_at.wall.isoformat(), float(asked_at.elapsed_s), asked_at.boot),
        *expiry,
        *(scope, int(facts.has_refresh_token), facts.serial),
    )


@contextmanager
def no_collection() -> Iterator[None]:
    """Let the garbage collector rest: walking 100,000 new objects that all stay takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _to_expiry(word: str, expires_at: str | None, declared_by: str | None) -> Expiry:
    if word == "never" and declared_by is not None:
        return Never(declared_by)
    if word == "not_stated":
        return NotStated()
    return At(_time(expires_at or ""), SOURCES[word])


def _parse(text: str) -> Any:  # noqa: ANN401 - JSON; what it must be, the caller finds out
    """Read JSON as `json.loads` does, in half the time: at 10,000 connections this shows."""
    return DECODER.raw_decode(text)[0]


def _to_time(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _time(text: str) -> datetime:
    """Read a time that has a zone: one without cannot be compared with any."""
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return time
