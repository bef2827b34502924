"""Promise 12: settings stand in clear beside the sealed rows, and whoever changes them there moves no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import SOME_CALL, SOME_TROUBLE, make_connection, make_tokens
from tests.storage.tampering import look, put_back, tamper
from tokendeck.core.credentials import Credentials
from tokendeck.core.errors import NoSuchConnection, VaultDamaged
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tokendeck.core.connection import Connection
    from tokendeck.storage.storage import Storage

pytestmark = pytest.mark.promise(12)

IN_CLEAR = ("name", "folded_name", "provider", "environment", "grant_id", "created_at", "settings")
OF_TOKENS = (
    *("asked_at", "asked_elapsed_s", "asked_boot", "expiry", "expires_at", "declared_by"),
    *("scope", "serial", "token_type"),
)


@pytest.fixture
async def shop(storage: Storage) -> Connection:
    return await put(storage, "Shop")


@pytest.fixture
async def other(storage: Storage) -> Connection:
    return await put(storage, "Other", confirmed_origins=("https://evil.example",))


async def put(storage: Storage, name: str, **changes: object) -> Connection:
    connection = make_connection(name, **changes)
    await storage.vault.put(connection, {"a": Secret(f"a of {name}"), "b": Secret(f"b of {name}")})
    await storage.vault.save_tokens(connection.id, make_tokens(f"token of {name}"))
    return connection


async def damage(storage: Storage, connection: Connection) -> set[str]:
    """Give the fields that are damage, by whichever way the connection is used."""
    fields = set()
    for use in (storage.vault.credentials, storage.vault.tokens):
        with pytest.raises(VaultDamaged) as caught:
            await use(connection.id)
        assert caught.value.connection_id == connection.id
        fields.add(caught.value.field)
    return fields


async def is_sound(storage: Storage, connection: Connection) -> bool:
    kept = await storage.vault.tokens(connection.id)
    return kept is not None and (await storage.vault.credentials(connection.id)).connection == connection


async def test_what_was_put_comes_back_together(storage: Storage, shop: Connection) -> None:
    credentials = await storage.vault.credentials(shop.id)

    assert credentials == Credentials(shop, {"a": Secret("a of Shop"), "b": Secret("b of Shop")})


async def test_all_that_is_kept_is_given_from_one_moment(storage: Storage, shop: Connection) -> None:
    held = await storage.vault.holding(shop.id)

    assert held.record == await storage.ledger.record(shop.id)
    assert held.tokens == await storage.vault.tokens(shop.id)
    assert held.credentials == await storage.vault.credentials(shop.id)


@pytest.mark.parametrize(
    ("statement", "tokens", "credentials"),
    [
        ("UPDATE connections SET name = 'Till' WHERE id = ?", "settings", "settings"),
        ("UPDATE connections SET scope = '[]' WHERE id = ?", "token:access", ""),
        ("DELETE FROM sealed WHERE field = 'secret:a' AND connection_id = ?", "", "secret:a"),
        ("UPDATE sealed SET version = 9 WHERE field = 'secret:b' AND connection_id = ?", "", "secret:b"),
    ],
)
async def test_damage_stands_in_the_place_of_what_does_not_open(
    storage: Storage, store_home: Path, shop: Connection, statement: str, tokens: str, credentials: str
) -> None:
    tamper(store_home, statement, shop.id)

    held = await storage.vault.holding(shop.id)

    damaged = [part.field if isinstance(part, VaultDamaged) else "" for part in (held.tokens, held.credentials)]
    assert damaged == [tokens, credentials]


async def test_a_connection_that_is_gone_or_deleted_has_no_credentials(storage: Storage, shop: Connection) -> None:
    await storage.ledger.hide(shop.id)

    for connection_id in (shop.id, "gone"):
        for use in (storage.vault.credentials, storage.vault.holding):
            with pytest.raises(NoSuchConnection):
                await use(connection_id)


@pytest.mark.parametrize("column", IN_CLEAR)
async def test_a_changed_setting_is_damage_whichever_it_is(
    storage: Storage, store_home: Path, shop: Connection, other: Connection, column: str
) -> None:
    tamper(store_home, f"UPDATE connections SET {column} = {column} || ' ' WHERE id = ?", shop.id)

    assert await damage(storage, shop) == {"settings"}
    assert await is_sound(storage, other)


@pytest.mark.promise(10)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.confirmed_origins[0]", "https://evil.example"),
        ("$.values.merchantId", "4712"),
        ("$.overrides.base_url", "https://evil.example"),
        ("$.tags[0]", "c"),
        ("$.surplus", ""),
    ],
)
async def test_a_changed_origin_value_or_override_is_damage(
    storage: Storage, store_home: Path, shop: Connection, path: str, value: str
) -> None:
    tamper(store_home, "UPDATE connections SET settings = json_set(settings, ?, ?) WHERE id = ?", path, value, shop.id)

    assert await damage(storage, shop) == {"settings"}


@pytest.mark.parametrize("swapped", ["settings", "settings, folded_name, name"])
async def test_the_settings_of_two_connections_cannot_be_swapped(
    storage: Storage, store_home: Path, shop: Connection, other: Connection, swapped: str
) -> None:
    query = f"SELECT {swapped} FROM connections WHERE id = ?"
    [ours], [theirs] = (look(store_home, query, one.id) for one in (shop, other))
    tamper(store_home, "UPDATE connections SET folded_name = 'out of the way' WHERE id = ?", shop.id)
    for row, one in ((ours, other), (theirs, shop)):
        marks = ", ".join("?" * len(row))
        tamper(store_home, f"UPDATE connections SET ({swapped}) = ({marks}) WHERE id = ?", *row, one.id)

    assert await damage(storage, shop) == {"settings"}
    assert await damage(storage, other) == {"settings"}


async def test_the_seal_of_another_connections_settings_does_not_serve(
    storage: Storage, store_home: Path, shop: Connection, other: Connection
) -> None:
    [row] = look(store_home, "SELECT * FROM sealed WHERE connection_id = ? AND field = 'settings'", other.id)
    tamper(store_home, "UPDATE connections SET settings = (SELECT settings FROM connections WHERE id = ?)", other.id)
    put_back(store_home, "sealed", (shop.id, *row[1:]))

    assert await damage(storage, shop) == {"settings"}


@pytest.mark.parametrize(
    "change",
    [
        "nonce = zeroblob(12)",
        "nonce = x''",
        "ciphertext = zeroblob(length(ciphertext))",
        "ciphertext = substr(ciphertext, 1, 20)",
        "version = version + 1",
        "field = 'setting'",
    ],
)
async def test_a_damaged_seal_of_settings_is_damage(
    storage: Storage, store_home: Path, shop: Connection, other: Connection, change: str
) -> None:
    tamper(store_home, f"UPDATE sealed SET {change} WHERE connection_id = ? AND field = 'settings'", shop.id)

    assert await damage(storage, shop) == {"settings"}
    assert await is_sound(storage, other)


async def test_a_seal_that_was_erased_is_damage_and_is_not_made_anew(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    tamper(store_home, "DELETE FROM sealed WHERE connection_id = ? AND field = 'settings'", shop.id)
    storage.vault.lock()

    await storage.vault.open()

    assert await damage(storage, shop) == {"settings"}


async def test_the_seal_of_earlier_settings_does_not_serve_later_ones(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    [row] = look(store_home, "SELECT * FROM sealed WHERE connection_id = ? AND field = 'settings'", shop.id)
    await storage.vault.put(replace(shop, confirmed_origins=("https://other.example",)), {})
    put_back(store_home, "sealed", row)

    assert await damage(storage, shop) == {"settings"}


@pytest.mark.parametrize("field", ["secret:a", "secret:b"])
async def test_a_secret_that_was_erased_is_damage_by_its_name(
    storage: Storage, store_home: Path, shop: Connection, field: str
) -> None:
    tamper(store_home, "DELETE FROM sealed WHERE connection_id = ? AND field = ?", shop.id, field)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(shop.id)

    assert (caught.value.connection_id, caught.value.field) == (shop.id, field)


async def test_an_older_secret_put_back_in_its_place_is_damage(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    [row] = look(store_home, "SELECT * FROM sealed WHERE connection_id = ? AND field = 'secret:a'", shop.id)
    await storage.vault.put(shop, {"a": Secret("newer")})
    put_back(store_home, "sealed", row)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(shop.id)

    assert caught.value.field == "secret:a"


async def test_a_secret_under_another_name_is_damage(storage: Storage, store_home: Path, shop: Connection) -> None:
    tamper(store_home, "UPDATE sealed SET field = 'Secret:a' WHERE connection_id = ? AND field = 'secret:a'", shop.id)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(shop.id)

    assert caught.value.field == "secret:a"


async def test_an_erased_secret_that_was_brought_back_is_damage(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    [row] = look(store_home, "SELECT * FROM sealed WHERE connection_id = ? AND field = 'secret:b'", shop.id)
    await storage.vault.put(shop, {"b": Secret("")})
    put_back(store_home, "sealed", row)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.credentials(shop.id)

    assert caught.value.field == "secret:b"


@pytest.mark.parametrize("column", OF_TOKENS)
async def test_what_is_known_of_a_token_cannot_be_changed(
    storage: Storage, store_home: Path, shop: Connection, other: Connection, column: str
) -> None:
    changed = "asked_elapsed_s + 1" if column == "asked_elapsed_s" else f"coalesce({column}, '') || '1'"
    tamper(store_home, f"UPDATE connections SET {column} = {changed} WHERE id = ?", shop.id)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.tokens(shop.id)

    assert caught.value.field in {"token:access", "token:refresh"}
    assert await is_sound(storage, other)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("has_refresh_token = 0", "token:refresh"),
        ("discarded = 1", "token:access"),
        ("asked_at = NULL", "token:access"),
    ],
)
async def test_a_token_cannot_be_hidden(
    storage: Storage, store_home: Path, shop: Connection, change: str, field: str
) -> None:
    tamper(store_home, f"UPDATE connections SET {change} WHERE id = ?", shop.id)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.tokens(shop.id)

    assert caught.value.field == field


async def test_what_needs_no_open_vault_is_no_damage(storage: Storage, shop: Connection) -> None:
    storage.vault.lock()
    await storage.ledger.set_paused(shop.id, paused=True)
    await storage.ledger.note_trouble(shop.id, SOME_TROUBLE)
    await storage.ledger.note_call(shop.id, SOME_CALL)
    await storage.ledger.begin_refresh(shop.id, SOME_CALL.at)
    await storage.ledger.hide(shop.id)
    await storage.ledger.unhide(shop.id)

    await storage.vault.open()

    assert await is_sound(storage, replace(shop, paused=True))


async def test_settings_that_a_person_saves_again_serve_again_without_the_old_tokens(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    tamper(store_home, "UPDATE connections SET provider = 'payt' WHERE id = ?", shop.id)

    secrets = await storage.vault.secrets_to_edit(shop.id)
    await storage.vault.put(shop, {})

    assert secrets == {"a": Secret("a of Shop"), "b": Secret("b of Shop")}
    assert await storage.vault.credentials(shop.id) == Credentials(shop, secrets)
    assert await storage.vault.tokens(shop.id) is None


async def test_a_damaged_token_is_gone_when_its_connection_is_saved_again(
    storage: Storage, store_home: Path, shop: Connection
) -> None:
    tamper(store_home, "UPDATE sealed SET nonce = zeroblob(12) WHERE field = 'token:refresh'")

    await storage.vault.put(shop, {})

    assert await storage.vault.tokens(shop.id) is None
    assert (await storage.ledger.records())[0].token is None


async def test_an_edit_keeps_tokens_that_are_sound(storage: Storage, shop: Connection) -> None:
    renamed = replace(shop, name="Shop 2")

    await storage.vault.put(renamed, {"a": Secret("new")})

    assert await is_sound(storage, renamed)
