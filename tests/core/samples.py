"""Small, complete values that a test varies in the one respect that it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.answers import Answer
from tokendeck.core.connection import Connection, ConnectionRecord
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.moment import Moment
from tokendeck.core.provider import (
    AnswerShape,
    BodyKind,
    ClientAuth,
    ClientAuthMethod,
    Environment,
    Exchange,
    Field,
    Grant,
    GrantKind,
    Provider,
    Renewal,
    RenewalPolicy,
    Source,
    TestCall,
)
from tokendeck.core.template import Template
from tokendeck.core.token import TokenFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokendeck.core.expiry import Expiry

NOW = Moment(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), 1000.0, "boot")
HOUR = timedelta(hours=1)


def later(span: timedelta | float, *, wall: timedelta | float | None = None, boot: str = "boot") -> Moment:
    """Give the moment `span` after NOW by the elapsed clock, and `wall` after it by the wall clock, if that differs."""
    elapsed = span if isinstance(span, timedelta) else timedelta(seconds=span)
    stepped = elapsed if wall is None else wall if isinstance(wall, timedelta) else timedelta(seconds=wall)
    return Moment(NOW.wall + stepped, NOW.elapsed_s + elapsed.total_seconds(), boot)


def answer(body: bytes | str = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return Answer(status, headers or {}, raw, NOW, timedelta(milliseconds=182))


def exchange(**changes: object) -> Exchange:
    plain = Exchange(
        url=Template.parse("{base_url}/token"),
        method="POST",
        body=BodyKind.FORM,
        client_auth=ClientAuth(ClientAuthMethod.NONE),
        parameters={"client_id": Template.parse("{client_id}"), "client_secret": Template.parse("{client_secret}")},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # each caller names fields of an Exchange


def grant(
    *,
    kind: GrantKind = GrantKind.CLIENT_CREDENTIALS,
    policy: RenewalPolicy = RenewalPolicy.AHEAD,
    lead: timedelta = timedelta(minutes=5),
    every: timedelta | None = None,
    declared_lifetime: timedelta | None = None,
    never_expires: bool = False,
    shape: AnswerShape | None = None,
    mint: Exchange | None = None,
    refresh: Exchange | None = None,
) -> Grant:
    return Grant(
        id="main",
        name="Main",
        kind=kind,
        mint=mint or exchange(),
        refresh=refresh,
        answer=shape or AnswerShape(),
        renewal=Renewal(policy, lead, every),
        declared_lifetime=declared_lifetime,
        never_expires=never_expires,
    )


def provider(*, one_grant: Grant | None = None, fields: tuple[Field, ...] | None = None, **changes: object) -> Provider:
    plain = Provider(
        id="paysera",
        name="Paysera",
        monogram="Pa",
        color="#0a6cff",
        source=Source("a page", date(2026, 11, 20)),
        environments=(
            Environment(
                "production", "Production", production=True, base_urls={"base_url": "https://api.paysera.test"}
            ),
            Environment("own", "Own", production=False, base_urls={}),
        ),
        fields=(
            (
                Field("client_id", "Client id", example="shop-20417"),
                Field("client_secret", "Client secret", secret=True),
            )
            if fields is None
            else fields
        ),
        grants=(one_grant or grant(),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # each caller names fields of a Provider


METHODS = TestCall("methods", "List payment methods", "GET", Template.parse("{base_url}/methods"))


def connection(**changes: object) -> Connection:
    plain = Connection(
        id="0" * 32,
        name="Web shop",
        provider="paysera",
        environment="production",
        grant="main",
        created_at=NOW.wall,
        values={"client_id": "shop"},
        confirmed_origins=("https://api.paysera.test:443",),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # each caller names fields of a Connection


def facts(expiry: Expiry | None = None, **changes: object) -> TokenFacts:
    plain = TokenFacts(asked_at=NOW, expiry=expiry or At(NOW.wall + HOUR, ExpirySource.EXPIRES_IN), serial=1)
    return replace(plain, **changes)  # type: ignore[arg-type]  # each caller names fields of TokenFacts


def record(**changes: object) -> ConnectionRecord:
    return replace(ConnectionRecord(connection(), token=facts(), serial=1), **changes)  # type: ignore[arg-type]  # its own fields
