"""All of a store is looked at when it is opened: what is written later neither goes astray nor covers anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import KEY, make_connection, make_tokens, start
from tokendeck.core.errors import StoreDamaged
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from tokendeck.core.connection import Connection
    from tokendeck.core.token import TokenSet

pytestmark = [pytest.mark.promise(12), pytest.mark.promise(38)]

INDEX_OF_SEALED = "sqlite_autoindex_sealed_1"


@pytest.fixture
async def kept(store_home: Path) -> tuple[Connection, TokenSet]:
    """What a store holds that is closed again."""
    storage = await start(store_home)
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret("1"), "b": Secret("2")})
    tokens = await storage.vault.save_tokens(connection.id, make_tokens())
    await storage.close()
    return connection, tokens


async def test_an_index_that_does_not_fit_its_table_is_made_anew(
    store_home: Path, kept: tuple[Connection, TokenSet]
) -> None:
    connection, tokens = kept
    overwrite(store_home, INDEX_OF_SEALED, b"token:access", b"token:bccess")

    storage = await start(store_home)
    found = await storage.vault.tokens(connection.id)
    renewed = await storage.vault.save_tokens(connection.id, make_tokens("renewed"))

    assert found == tokens
    assert await storage.vault.tokens(connection.id) == renewed
    await storage.close()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        pytest.param("sealed", b"secret:b", b"secret:a", id="two rows where there may be one"),
        pytest.param("newest_changes", b"\x0a", b"\x0d", id="a page of another kind"),
    ],
)
async def test_other_damage_is_found_before_anything_is_written(
    store_home: Path, table: str, before: bytes, after: bytes
) -> None:
    overwrite(store_home, table, before, after)

    await is_set_aside_as_it_was(store_home)


@pytest.mark.usefixtures("kept")
async def test_two_indexes_in_one_place_are_found_before_anything_is_written(store_home: Path) -> None:
    with closing(sqlite3.connect(store_home / "store.db", isolation_level=None)) as store:
        store.execute("PRAGMA writable_schema = ON")
        store.execute(
            "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'history_of')"
            " WHERE name = 'newest_changes'"
        )

    await is_set_aside_as_it_was(store_home)


@pytest.mark.usefixtures("kept")
async def test_an_index_that_cannot_be_made_to_fit_is_damage(store_home: Path) -> None:
    with closing(sqlite3.connect(store_home / "store.db", isolation_level=None)) as store:
        store.execute("PRAGMA writable_schema = ON")
        store.execute("UPDATE sqlite_schema SET sql = replace(sql, 'lanes INTEGER', 'lanes INTEGER NOT NULL')")

    await is_set_aside_as_it_was(store_home)


async def is_set_aside_as_it_was(home: Path) -> None:
    damaged = (home / "store.db").read_bytes()
    storage = open_storage(home, guard=MemoryGuard(KEY))

    with pytest.raises(StoreDamaged) as caught:
        await storage.ledger.records()
    await storage.close()

    assert Path(caught.value.kept_as).read_bytes() == damaged
    assert "\n" not in caught.value.detail


def overwrite(home: Path, part: str, before: bytes, after: bytes) -> None:
    """Overwrite the last place where `before` stands in the first page of a table or index."""
    path = home / "store.db"
    with closing(sqlite3.connect(path)) as store:
        (page_bytes,) = store.execute("PRAGMA page_size").fetchone()
        (page,) = store.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (part,)).fetchone()
    content = bytearray(path.read_bytes())
    at = content.rindex(before, (page - 1) * page_bytes, page * page_bytes)
    content[at : at + len(before)] = after
    path.write_bytes(content)
