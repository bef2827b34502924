"""A real keyring that several homes, several collections or several entries of one name share."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jeepney.io.blocking import DBusConnection

    from tests.secret_service import SecretService
    from tokendeck.core.vault import VaultState

if sys.platform != "linux":
    pytest.skip("only Linux has the Secret Service", allow_module_level=True)

import secretstorage
from secretstorage.defines import SS_PATH
from secretstorage.util import DBusAddressWrapper, format_secret, open_session

from tests.storage.samples import make_connection, why
from tokendeck.core.errors import KeyLost, KeyringLocked
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import Storage, open_storage

OPEN = VaultOpen(Guard.KEYRING, "Secret Service")
CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
OTHER_KEY = "A" * 43 + "="
GUI_FREE = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"


class Entry(NamedTuple):
    collection: str
    username: str
    secret: str


@pytest.fixture
def bus(secret_service: SecretService) -> Iterator[DBusConnection]:
    del secret_service  # it is on the bus that the environment names
    with closing(secretstorage.dbus_init()) as bus:
        yield bus


def entries(bus: DBusConnection) -> list[Entry]:
    """Give every entry of ours that is not locked, in all collections."""
    return sorted(
        Entry(item.item_path.split("/")[5], item.get_attributes()["username"], item.get_secret().decode("latin-1"))
        for item in secretstorage.search_items(bus, {"service": "Tokendeck"})
        if not item.is_locked()
    )


def write(bus: DBusConnection, collection: str, username: str, secret: str, **more: str) -> None:
    path = f"/org/freedesktop/secrets/collection/{collection}"
    attributes = {"service": "Tokendeck", "username": username, **more}
    secretstorage.Collection(bus, path).create_item("ours", attributes, secret.encode("latin-1"))


def make_collection(bus: DBusConnection, name: str) -> None:
    """Make a collection without the prompt that nobody could see."""
    service = DBusAddressWrapper(SS_PATH, GUI_FREE, bus)
    label = {"org.freedesktop.Secret.Collection.Label": ("s", name)}
    secret = format_secret(open_session(bus), b"its password", "text/plain")
    service.call("CreateWithMasterPassword", "a{sv}(oayays)", label, secret)


def make_default(bus: DBusConnection, collection: str) -> None:
    service = DBusAddressWrapper(SS_PATH, "org.freedesktop.Secret.Service", bus)
    service.call("SetAlias", "so", "default", f"/org/freedesktop/secrets/collection/{collection}")


def lock(bus: DBusConnection, collection: str) -> None:
    secretstorage.Collection(bus, f"/org/freedesktop/secrets/collection/{collection}").lock()


def storage_in(home: Path) -> Storage:
    return open_storage(home, guard=KeyringGuard(), deadline=timedelta(seconds=20), cost=CHEAP)


async def opened(home: Path) -> VaultState:
    storage = storage_in(home)
    state = await storage.vault.open()
    await storage.close()
    return state


async def filled(home: Path, secret: str = "1") -> str:
    """Set a vault up with one secret in it; give the connection's id."""
    storage = storage_in(home)
    assert await storage.vault.open() == OPEN
    connection = make_connection()
    await storage.vault.put(connection, {"a": Secret(secret)})
    await storage.close()
    return connection.id


async def secret_of(home: Path, connection_id: str) -> str:
    storage = storage_in(home)
    assert await storage.vault.open() == OPEN
    secrets = await storage.vault.secrets_to_edit(connection_id)
    await storage.close()
    return secrets["a"].reveal()


def rows_of(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home / "store.db")) as store:
        return [*store.execute("SELECT * FROM vault"), *store.execute("SELECT * FROM sealed")]


@pytest.mark.promise(4)
async def test_an_entry_that_is_lost_and_found_again_opens_the_same_vault(
    bus: DBusConnection, store_home: Path
) -> None:
    connection_id = await filled(store_home)
    [entry] = entries(bus)
    rows = rows_of(store_home)
    for item in secretstorage.search_items(bus, {"service": "Tokendeck"}):
        item.delete()

    lost = [await opened(store_home) for _ in range(2)]

    assert [type(why(state)) for state in lost] == [KeyLost, KeyLost]
    assert entries(bus) == []
    assert rows_of(store_home) == rows
    write(bus, *entry)
    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(4)
async def test_a_vault_from_another_machine_has_lost_its_key_and_comes_to_no_harm(
    bus: DBusConnection, secret_service: SecretService, tmp_path: Path
) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    connection_id = await filled(there, "of that machine")
    [entry] = entries(bus)
    shutil.copytree(there, here)
    secret_service.vanish()
    shutil.rmtree(next(secret_service.folder.rglob("keyrings")))
    secret_service.unlock()

    state = await opened(here)
    own = await filled(tmp_path / "own", "of this machine")

    assert type(why(state)) is KeyLost
    with closing(secretstorage.dbus_init()) as bus_here:
        [own_entry] = entries(bus_here)
        assert own_entry.username != entry.username
        write(bus_here, *entry)
    assert await secret_of(here, connection_id) == "of that machine"
    assert await secret_of(tmp_path / "own", own) == "of this machine"


@pytest.mark.promise(4)
async def test_two_homes_on_one_keyring_keep_an_entry_each_and_never_touch_the_others(
    bus: DBusConnection, tmp_path: Path
) -> None:
    ids = {home: await filled(tmp_path / home, f"of {home}") for home in ("one", "two")}
    before = entries(bus)
    first = storage_in(tmp_path / "one")
    await first.vault.open()

    await first.vault.protect_with_passphrase(Secret("correct horse"))
    await first.close()

    [left] = entries(bus)
    assert len(before) == len({entry.username for entry in before}) == 2
    assert left in before
    assert await secret_of(tmp_path / "two", ids["two"]) == "of two"


@pytest.mark.promise(4)
async def test_two_homes_that_are_copies_of_one_both_open_by_its_entry(bus: DBusConnection, tmp_path: Path) -> None:
    connection_id = await filled(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    before = entries(bus)

    found = [await secret_of(tmp_path / home, connection_id) for home in ("one", "copy")]

    assert found == ["1", "1"]
    assert entries(bus) == before


@pytest.mark.promise(4)
async def test_the_key_is_found_when_another_collection_has_become_the_default(
    bus: DBusConnection, store_home: Path
) -> None:
    connection_id = await filled(store_home)
    before = entries(bus)
    make_default(bus, "session")

    found = await secret_of(store_home, connection_id)

    assert found == "1"
    assert entries(bus) == before
    assert [entry.collection for entry in before] == ["login"]


@pytest.mark.promise(4)
async def test_a_key_in_a_locked_collection_beside_the_default_is_locked_not_lost(
    bus: DBusConnection, store_home: Path
) -> None:
    make_collection(bus, "second")
    make_default(bus, "second")
    connection_id = await filled(store_home)
    [entry] = entries(bus)
    make_default(bus, "login")
    lock(bus, "second")

    state = await opened(store_home)

    assert entry.collection == "second"
    assert type(why(state)) is KeyringLocked
    assert entries(bus) == []
    write(bus, "session", entry.username, entry.secret)
    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(4)
async def test_an_entry_that_is_no_text_does_not_hide_the_one_that_fits(bus: DBusConnection, store_home: Path) -> None:
    connection_id = await filled(store_home)
    [entry] = entries(bus)
    for item in secretstorage.search_items(bus, {"service": "Tokendeck"}):
        item.delete()
    write(bus, "login", entry.username, "\xff\xfe")
    write(bus, "session", entry.username, entry.secret)

    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(4)
async def test_nobody_is_asked_to_unlock_a_collection_where_another_holds_the_key(
    bus: DBusConnection, store_home: Path
) -> None:
    connection_id = await filled(store_home)
    [entry] = entries(bus)
    make_collection(bus, "second")
    write(bus, "second", entry.username, entry.secret)
    write(bus, "session", entry.username, entry.secret)
    lock(bus, "second")
    for item in secretstorage.search_items(bus, {"service": "Tokendeck"}):
        if "/login/" in item.item_path:
            item.delete()

    assert await secret_of(store_home, connection_id) == "1"


@pytest.mark.promise(4)
@pytest.mark.parametrize("collection", ["login", "session"])
async def test_of_several_entries_the_one_that_fits_is_taken_and_all_stay(
    bus: DBusConnection, store_home: Path, collection: str
) -> None:
    connection_id = await filled(store_home)
    [entry] = entries(bus)
    for item in secretstorage.search_items(bus, {"service": "Tokendeck"}):
        item.delete()
    write(bus, "login", entry.username, "no key", number="1")
    write(bus, "login", entry.username, OTHER_KEY, number="2")
    write(bus, collection, entry.username, entry.secret, number="3")
    write(bus, "login", entry.username, OTHER_KEY, number="4")
    before = entries(bus)

    found = await secret_of(store_home, connection_id)

    assert found == "1"
    assert entries(bus) == before
    assert len(before) == 4


@pytest.mark.promise(4)
async def test_several_entries_none_of_which_fits_are_a_lost_key_and_all_stay(
    bus: DBusConnection, store_home: Path
) -> None:
    await filled(store_home)
    [entry] = entries(bus)
    for item in secretstorage.search_items(bus, {"service": "Tokendeck"}):
        item.delete()
    write(bus, "login", entry.username, OTHER_KEY, number="1")
    write(bus, "session", entry.username, "", number="2")
    before = entries(bus)

    state = await opened(store_home)

    assert type(why(state)) is KeyLost
    assert entries(bus) == before


async def test_a_passphrase_leaves_no_entry_behind_in_any_collection(bus: DBusConnection, store_home: Path) -> None:
    await filled(store_home)
    [entry] = entries(bus)
    write(bus, "session", entry.username, entry.secret)
    write(bus, "login", entry.username, entry.secret, number="2")
    write(bus, "login", "another vault", OTHER_KEY)
    storage = storage_in(store_home)
    await storage.vault.open()

    await storage.vault.protect_with_passphrase(Secret("correct horse"))

    assert entries(bus) == [Entry("login", "another vault", OTHER_KEY)]
    assert (await storage.facts()).backend == ""
    await storage.close()
