"""Homes with so many connections as a row asks for, sealed as the program seals them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tokendeck.core.connection import Connection
from tokendeck.core.expiry import At, ExpirySource
from tokendeck.core.moment import Moment
from tokendeck.core.origin import origin_of
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenFacts, TokenSet
from tokendeck.engine.clock import SystemClock
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.locks import FileLocks
from tokendeck.storage.opening import KeyKeeper
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.settings import put_connection
from tokendeck.storage.store import Store
from tokendeck.storage.tokens import save_tokens

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tokendeck.storage.sealing import Seal

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of homes that are thrown away
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
"""Guessing a passphrase is made hard on purpose; that is no row."""

LIFETIME = timedelta(hours=1)
NOWHERE = ({"base_url": "http://127.0.0.1:9", "username": "nobody", "password": "nothing", "scope": "none"},)


@dataclass(frozen=True, slots=True)
class Home:
    """A data folder, and what opens its vault."""

    folder: Path
    passphrase_file: Path

    @property
    def options(self) -> list[str]:
        """As the command line takes them."""
        return ["--home", str(self.folder), "--passphrase-file", str(self.passphrase_file)]


def furnish(
    folder: Path, count: int, *, left: timedelta = LIFETIME, accounts: Sequence[Mapping[str, str]] = NOWHERE
) -> Home:
    """
    Make a home with `count` connections to PYNG.

    Args:
        folder: not there yet.
        count: they are called `Shop 0` and so on.
        left: for how long their tokens are still good, of an hour.
        accounts: PYNG's fields; the connections take turns.

    """
    passphrase_file = folder.with_suffix(".passphrase")
    passphrase_file.write_text(PASSPHRASE, encoding="utf-8")
    passphrase_file.chmod(0o600)
    asyncio.run(_fill(folder, count, left, accounts))
    return Home(folder, passphrase_file)


async def _fill(folder: Path, count: int, left: timedelta, accounts: Sequence[Mapping[str, str]]) -> None:
    locks = FileLocks(folder / "locks")
    store = Store(folder, locks)
    opened = await KeyKeeper(store, locks, MemoryGuard(), CHEAP).find_by_passphrase(Secret(PASSPHRASE))
    now, age = SystemClock().now(), LIFETIME - left
    asked_at = Moment(now.wall - age, now.elapsed_s - age.total_seconds(), now.boot)
    await store.change(lambda rows: _put(rows, opened.seal, count, asked_at, accounts))
    await store.close()


def _put(
    rows: sqlite3.Connection, seal: Seal, count: int, asked_at: Moment, accounts: Sequence[Mapping[str, str]]
) -> None:
    facts = TokenFacts(asked_at, At(asked_at.wall + LIFETIME, ExpirySource.EXPIRES_IN))
    for number in range(count):
        fields = accounts[number % len(accounts)]
        settings = {key: value for key, value in fields.items() if key != "password"}
        if accounts is NOWHERE:
            settings["username"] = f"merchant-{number}"  # as in life, where each has one of its own
        connection = Connection(
            id=f"{number:032x}",
            name=f"Shop {number}",
            provider="pyng",
            environment="production",
            grant="client_credentials",
            created_at=asked_at.wall,
            values=settings,
            tags=("bench",),
            confirmed_origins=(origin_of(fields["base_url"]),),
        )
        put_connection(rows, seal, connection, {"password": Secret(fields["password"])}, None)
        save_tokens(rows, seal, connection.id, TokenSet(Secret(f"token-{number:08}" * 4), None, facts))
