"""Values that the storage tests keep."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tokendeck.core.connection import CallFacts, Connection, ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.errors import VaultNotSetUp
from tokendeck.core.expiry import At, Expiry, ExpirySource
from tokendeck.core.moment import Moment
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.core.vault import VaultShut
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.core.errors import KeyringTrouble, VaultUnavailable
    from tokendeck.core.vault import VaultState

KEY = bytes(range(32))
NOW = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
MOMENT = Moment(NOW, 12345.678, "boot-1")
SOME_TROUBLE = Trouble(
    TroubleKind.WAITING,
    NOW,
    code="connect",
    words="Zeit überschritten",
    status=503,
    attempts=3,
    retry_at=NOW + timedelta(seconds=4),
    hold_until=NOW + timedelta(seconds=3),
    timed_out=True,
    subject="https://elsewhere.example:443",
)
SOME_CALL = CallFacts(NOW, "payments", "works", 200, 12.5, retried=True)

Unlock = Callable[[], Awaitable[object]]


def make_connection(name: str = "Shop", **changes: object) -> Connection:
    connection = Connection(
        id=uuid.uuid4().hex,
        name=name,
        provider="payos",
        environment="production",
        grant="client_credentials",
        created_at=NOW,
        values={"merchantId": "4711 ü"},
        overrides={"base_url": "http://127.0.0.1:1"},
        tags=("a", "b"),
        confirmed_origins=("https://api.example",),
    )
    return replace(connection, **changes)  # type: ignore[arg-type]  # the tests name real fields


def make_tokens(
    access_token: str = "access-1",
    refresh_token: str | None = "refresh-1",
    *,
    expiry: Expiry | None = None,
    scope: tuple[str, ...] | None = ("read", "write"),
    token_type: str = "Bearer",
) -> TokenSet:
    facts = TokenFacts(
        asked_at=MOMENT,
        expiry=expiry or At(NOW + timedelta(seconds=300), ExpirySource.EXPIRES_IN),
        scope=scope,
        has_refresh_token=refresh_token is not None,
    )
    return TokenSet(Secret(access_token), None if refresh_token is None else Secret(refresh_token), facts, token_type)


async def must(record: Awaitable[ConnectionRecord | None]) -> ConnectionRecord:
    found = await record
    assert found is not None
    return found


def why(state: VaultState) -> VaultUnavailable:
    """Give what keeps a vault shut."""
    assert isinstance(state, VaultShut), state
    return state.why


def why_not_set_up(state: VaultState) -> KeyringTrouble:
    """Give what keeps the keyring from taking the key of a new vault."""
    trouble = why(state)
    assert isinstance(trouble, VaultNotSetUp), trouble
    return trouble.why


async def start(home: Path) -> Storage:
    """Give an open storage, as a new process would have it."""
    storage = open_storage(home, guard=MemoryGuard(KEY))
    await storage.vault.open()
    return storage


async def filled(home: Path) -> None:
    storage = await start(home)
    await storage.vault.put(make_connection(), {"a": Secret("1")})
    await storage.close()


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
