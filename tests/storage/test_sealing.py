"""Promise 12: a row that was tampered with or swapped is damage, and costs only itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.samples import KEY, make_connection, make_tokens
from tests.storage.tampering import tamper
from tokendeck.core.errors import VaultDamaged
from tokendeck.core.secret import Secret
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.sealing import Place, Seal, check_value, new_key
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.canary import Canary
    from tokendeck.core.connection import Connection


@pytest.fixture
async def two(storage: Storage) -> tuple[Connection, Connection]:
    first, second = make_connection("first"), make_connection("second")
    for connection in (first, second):
        await storage.vault.put(connection, {"a": Secret("a of " + connection.name), "b": Secret("b")})
        await storage.vault.save_tokens(connection.id, make_tokens())
    return first, second


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    "change",
    [
        "ciphertext = zeroblob(40)",
        "ciphertext = x''",
        "nonce = zeroblob(12)",
        "nonce = x''",
        "version = version + 1",
        "ciphertext = substr(ciphertext, 1, length(ciphertext) - 1)",
        "(nonce, ciphertext) = (SELECT nonce, ciphertext FROM sealed WHERE connection_id = ?2 AND field = 'secret:a')",
        "(nonce, ciphertext) = (SELECT nonce, ciphertext FROM sealed WHERE connection_id = ?1 AND field = 'secret:b')",
    ],
)
async def test_a_row_changed_or_swapped_is_damage_and_the_others_stay_readable(
    storage: Storage, store_home: Path, two: tuple[Connection, Connection], change: str
) -> None:
    first, second = two
    tamper(
        store_home,
        f"UPDATE sealed SET {change} WHERE connection_id = ?1 AND field = 'secret:a' AND ?2 = ?2",
        first.id,
        second.id,
    )

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.secrets_to_edit(first.id)

    assert (caught.value.connection_id, caught.value.field) == (first.id, "secret:a")
    assert await storage.vault.secrets_to_edit(second.id) == {"a": Secret("a of second"), "b": Secret("b")}
    assert await storage.vault.tokens(first.id) is not None


@pytest.mark.promise(12)
async def test_a_damaged_secret_is_mended_by_entering_it_again(
    storage: Storage, store_home: Path, two: tuple[Connection, Connection]
) -> None:
    first, _ = two
    tamper(store_home, "UPDATE sealed SET ciphertext = x'00' WHERE field = 'secret:a'")

    await storage.vault.put(first, {"a": Secret("again")})

    assert await storage.vault.secrets_to_edit(first.id) == {"a": Secret("again"), "b": Secret("b")}


@pytest.mark.promise(12)
async def test_an_older_token_put_back_in_its_place_is_damage(
    storage: Storage, store_home: Path, two: tuple[Connection, Connection]
) -> None:
    first, _ = two
    older = await storage._store.read(
        lambda store: store.execute(
            "SELECT * FROM sealed WHERE connection_id = ? AND field = 'token:refresh'", (first.id,)
        ).fetchone()
    )
    await storage.vault.save_tokens(first.id, make_tokens("a2", "r2"))
    tamper(store_home, "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?, ?)", *older)

    with pytest.raises(VaultDamaged):
        await storage.vault.tokens(first.id)


@pytest.mark.promise(12)
@pytest.mark.parametrize("field", ["token:access", "token:refresh"])
async def test_a_token_that_is_missing_is_damage(
    storage: Storage, store_home: Path, two: tuple[Connection, Connection], field: str
) -> None:
    first, _ = two
    tamper(store_home, "DELETE FROM sealed WHERE field = ?", field)

    with pytest.raises(VaultDamaged) as caught:
        await storage.vault.tokens(first.id)

    assert caught.value.field == field


@pytest.mark.promise(12)
async def test_a_row_of_another_vault_is_damage_even_under_the_same_key(
    storage: Storage, store_home: Path, tmp_path: Path, two: tuple[Connection, Connection]
) -> None:
    first, _ = two
    other = open_storage(tmp_path / "other", guard=MemoryGuard(KEY))
    await other.vault.open()
    await other.vault.put(first, {"a": Secret("from elsewhere")})
    row = await other._store.read(
        lambda store: store.execute("SELECT * FROM sealed WHERE field = 'secret:a'").fetchone()
    )
    await other.close()
    tamper(store_home, "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?, ?)", *row)

    with pytest.raises(VaultDamaged):
        await storage.vault.secrets_to_edit(first.id)


@pytest.mark.promise(5)
async def test_no_secret_byte_reaches_the_disk_in_clear(storage: Storage, store_home: Path, canary: Canary) -> None:
    connection = make_connection()

    await storage.vault.put(connection, {"a": Secret(canary.plant("secret"))})
    await storage.vault.save_tokens(
        connection.id, make_tokens(canary.plant_token("access token"), canary.plant_token("refresh token"))
    )

    for path in store_home.rglob("*"):
        assert not path.is_file() or canary.found_in(path.read_bytes()) == []


def test_no_two_sealings_are_alike() -> None:
    seal = Seal("vault", KEY)

    sealed = {seal.close(Place("c", "f", 1), Secret("same")) for _ in range(100)}

    assert len(sealed) == 100


def test_keys_are_32_random_bytes_and_their_check_values_differ() -> None:
    keys = {new_key() for _ in range(10)}

    assert {len(key) for key in keys} == {32}
    assert len({check_value(key, "vault") for key in keys}) == 10
    assert check_value(KEY, "one") != check_value(KEY, "other")
