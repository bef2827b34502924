"""Results as programs read them. Pure: values in, text out."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING

from tokendeck.core.expiry import At, Expiry, NotStated, source_word
from tokendeck.core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tokendeck.core.connection import ConnectionRecord
    from tokendeck.core.diagnosis import Diagnosis, Inspected
    from tokendeck.core.provider import Provider
    from tokendeck.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One connection in `list`."""

    record: ConnectionRecord
    status: str
    """The one word for programs."""

    last_error: str | None
    """What stands in the way, as a sentence for people; None where nothing does."""


def expires_at(expiry: Expiry | None) -> str | None:
    """Give RFC 3339 in UTC, to the second, for example `2026-11-21T09:30:00Z`; None where no end is known."""
    return stamp(expiry.when) if isinstance(expiry, At) else None


def stamp(when: datetime) -> str:
    """Give RFC 3339 in UTC, cut to the second so that no token seems to live longer than it does."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def list_json(rows: Iterable[Row]) -> str:
    """Give an array with one object for each connection; without a token its expiry is `not_stated`."""
    return _array([_row(row) for row in rows])


def _row(row: Row) -> dict[str, object]:
    connection, token = row.record.connection, row.record.token
    return {
        "name": connection.name,
        "provider": connection.provider,
        "environment": connection.environment,
        "status": row.status,
        "expires_at": expires_at(token.expiry if token else None),
        "expiry_source": source_word(token.expiry if token else NotStated()),
        "last_error": row.last_error,
        "tags": list(connection.tags),
    }


def verdict_json(verdict: Verdict, message: str) -> str:
    """Give one object, `message` for people in it; what the answer did not say is null."""
    return json.dumps(
        {
            "verdict": verdict.kind.value,
            "status": verdict.status,
            "latency_ms": None if verdict.latency_ms is None else round(verdict.latency_ms, 1),
            "retried": verdict.retried,
            "step": verdict.step.value,
            "call": verdict.call or None,
            "code": verdict.code or None,
            "words": verdict.words or None,
            "message": message,
        }
    )


def providers_json(providers: Iterable[Provider]) -> str:
    """Give an array with one object for each descriptor; its parts by id, the default first."""
    return _array([_provider(provider) for provider in providers])


def _provider(provider: Provider) -> dict[str, object]:
    source = provider.source
    return {
        "id": provider.id,
        "name": provider.name,
        "source": {"page": source.page, "url": source.url or None, "read": source.read.isoformat()},
        "environments": [one.id for one in provider.environments],
        "grants": [one.id for one in provider.grants],
        "test_calls": [one.id for one in provider.test_calls],
        "fields": [
            {"key": one.key, "label": one.label, "secret": one.secret, "required": one.required}
            for one in provider.fields
        ],
    }


def diagnosis_json(diagnosis: Diagnosis) -> str:
    """Give one object; `diagnosis` as `Diagnosis.told` gives it. `advice` is null where there is nothing to do."""
    return json.dumps(
        {
            "at": stamp(diagnosis.at),
            "versions": dict(diagnosis.parts),
            "system": diagnosis.system,
            "checks": [
                {"check": one.check, "ok": one.ok, "detail": one.detail, "advice": one.advice or None}
                for one in diagnosis.findings
            ],
            "counts": dict(diagnosis.counts()),
            "connections": [_inspected(one) for one in diagnosis.connections],
            "log": list(diagnosis.log),
        },
        indent=2,
    )


def _inspected(one: Inspected) -> dict[str, object]:
    return {
        "name": one.name,
        "id": one.id,
        "provider": one.provider,
        "environment": one.environment,
        "grant": one.grant,
        "renewal": one.renewal or None,
        "status": one.status,
        "expires_at": expires_at(one.expiry),
        "expiry_source": source_word(one.expiry or NotStated()),
        "trouble": one.trouble or None,
        "overrides": list(one.overrides),
    }


def _array(objects: Sequence[object]) -> str:
    # ASCII only: right in every locale, and on Windows through every pipe.
    return json.dumps(objects, indent=2)
