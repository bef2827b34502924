"""A store of an earlier Tokendeck: nothing is lost on the way, and only its first opening trusts what it finds."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.storage.cramped import cramped
from tests.storage.earlier import VAULT_ID, write_earlier_store
from tests.storage.keyrings_for_tests import NoKeyring
from tests.storage.samples import KEY, make_connection, make_tokens, start, why
from tests.storage.tampering import look, put_back, tamper
from tokendeck.core.credentials import Credentials
from tokendeck.core.errors import KeyLost, StoreUnwritable, VaultDamaged, WrongPassphrase
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost, wrap
from tokendeck.storage.records import read_listing
from tokendeck.storage.schema import VERSION
from tokendeck.storage.sealing import FIRST, check_value
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

SHOP, OTHER, BARE = make_connection("Shop"), make_connection("Other"), make_connection("Bare")
ISSUE = make_tokens()
ISSUE = replace(ISSUE, facts=replace(ISSUE.facts, serial=7))
WITHOUT_REFRESH = make_tokens("access-2", None)
WITHOUT_REFRESH = replace(WITHOUT_REFRESH, facts=replace(WITHOUT_REFRESH.facts, serial=1))


@pytest.fixture
def earlier(store_home: Path) -> Path:
    write_earlier_store(store_home, [(SHOP, ISSUE), (OTHER, WITHOUT_REFRESH), (BARE, None)])
    return store_home


@pytest.mark.promise(38)
async def test_everything_in_it_is_there_after_the_first_opening(earlier: Path) -> None:
    storage = await start(earlier)

    for connection, tokens in ((SHOP, ISSUE), (OTHER, WITHOUT_REFRESH), (BARE, None)):
        secrets = {"a": Secret(f"a of {connection.name}")}
        assert await storage.vault.credentials(connection.id) == Credentials(connection, secrets)
        assert await storage.vault.tokens(connection.id) == tokens
    assert (await storage.facts()).schema_version == VERSION
    await storage.close()


async def test_it_is_listed_before_and_after_its_tables_are_brought_over(earlier: Path) -> None:
    before = tuple(read_listing(earlier / "store.db").values())

    storage = open_storage(earlier, guard=KeyringGuard(NoKeyring()))
    after = await storage.ledger.records()

    assert before == after
    assert [record.connection for record in after] == [BARE, OTHER, SHOP]
    await storage.close()


async def test_a_passphrase_opens_it_and_a_wrong_one_changes_nothing(store_home: Path) -> None:
    passphrase = Secret("correct horse")
    wrapped = wrap(KEY, VAULT_ID, passphrase, Cost(passes=1, lanes=1, memory_kib=8))
    write_earlier_store(store_home, [(SHOP, ISSUE)], wrapped=wrapped)
    storage = open_storage(store_home, guard=KeyringGuard(NoKeyring()))

    with pytest.raises(WrongPassphrase):
        await storage.vault.open_with_passphrase(Secret("wrong"))
    state = await storage.vault.open_with_passphrase(passphrase)

    assert isinstance(state, VaultOpen)
    assert await storage.vault.tokens(SHOP.id) == ISSUE
    await storage.close()


async def test_two_processes_that_open_it_at_once_bring_it_over_once(earlier: Path) -> None:
    storages = [open_storage(earlier, guard=MemoryGuard(KEY)) for _ in range(2)]

    found = [await storage._keeper.find() for storage in storages]  # both have seen it before either goes on
    for storage, opened in zip(storages, found, strict=True):
        await storage._keeper.bind_rows(opened)
        await storage.vault.open()

    assert [opened.is_bound for opened in found] == [False, False]
    for storage in storages:
        assert await storage.vault.tokens(SHOP.id) == ISSUE
        await storage.close()


@pytest.mark.promise(12)
async def test_a_row_that_was_damaged_stays_damage_and_costs_only_itself(earlier: Path) -> None:
    tamper(earlier, "UPDATE sealed SET nonce = zeroblob(12) WHERE connection_id = ? AND field = 'secret:a'", SHOP.id)
    tamper(earlier, "UPDATE sealed SET version = 6 WHERE connection_id = ? AND field = 'token:access'", OTHER.id)

    storage = await start(earlier)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(SHOP.id)
    assert caught.value.field == "secret:a"
    assert await storage.vault.tokens(SHOP.id) == ISSUE
    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.tokens(OTHER.id)
    assert caught.value.field == "token:access"
    assert (await storage.vault.credentials(OTHER.id)).connection == OTHER
    await storage.close()


@pytest.mark.promise(12)
async def test_what_was_sealed_since_is_never_taken_for_an_earlier_row(earlier: Path) -> None:
    sealed_at_first = look(earlier, "SELECT * FROM sealed")
    await (await start(earlier)).close()
    tamper(earlier, "DELETE FROM sealed WHERE field = 'settings'")
    tamper(earlier, "UPDATE connections SET settings = '{}' WHERE id = ?", SHOP.id)

    storage = await start(earlier)
    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(SHOP.id)
    put_back(earlier, "sealed", *sealed_at_first)
    for use in (storage.vault.credentials, storage.vault.secrets_to_edit, storage.vault.tokens):
        with pytest.raises(VaultDamaged):
            await use(SHOP.id)

    assert caught.value.field == "settings"
    await storage.close()


@pytest.mark.promise(12)
async def test_its_entry_of_the_vault_cannot_be_made_without_the_key(earlier: Path) -> None:
    await (await start(earlier)).close()
    tamper(earlier, "UPDATE vault SET check_value = ?, digest = NULL", check_value(bytes(32), VAULT_ID, FIRST))

    storage = await start(earlier)

    assert type(why(storage.vault.state)) is KeyLost
    await storage.close()


@pytest.mark.promise(38)
async def test_a_store_that_cannot_be_written_meanwhile_is_left_as_it_was(earlier: Path) -> None:
    storage = open_storage(earlier, guard=MemoryGuard(KEY))
    await storage._store.read(lambda store: store.execute("PRAGMA query_only = ON").fetchall())
    before = look(earlier, "SELECT * FROM sealed"), look(earlier, "SELECT * FROM vault")

    refused = await storage.vault.open()
    after = look(earlier, "SELECT * FROM sealed"), look(earlier, "SELECT * FROM vault")
    await storage._store.read(lambda store: store.execute("PRAGMA query_only = OFF").fetchall())
    opened = await storage.vault.open()

    assert type(why(refused)) is StoreUnwritable
    assert after == before
    assert isinstance(opened, VaultOpen)
    assert await storage.vault.tokens(SHOP.id) == ISSUE
    await storage.close()


@pytest.mark.promise(38)
@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
def test_a_disk_that_is_full_while_its_tables_are_brought_over_leaves_it_as_it_was(store_home: Path) -> None:
    write_earlier_store(store_home, [(make_connection(f"Shop {number}"), ISSUE) for number in range(2000)])

    out = cramped(
        store_home,
        """
resource.setrlimit(resource.RLIMIT_FSIZE, (32768, resource.RLIM_INFINITY))  # room for the log's index, not for the log
try:
    print(len(await storage.ledger.records()))
except StoreUnwritable as error:
    print(error.path)
print(len(read_listing(home / "store.db")))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
await storage.vault.open()
records = await storage.ledger.records()
print(len(records), (await storage.vault.tokens(records[-1].connection.id)).facts.serial)
""",
    )

    assert out.splitlines() == [str(store_home / "store.db"), "2000", "2000 7"]
