"""Promise 12: what is stored about the key, damaged, is never taken for a wrong passphrase or for a vault to set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.storage.earlier import VAULT_ID, write_earlier_store
from tests.storage.keyrings_for_tests import DictKeyring, NoKeyring
from tests.storage.samples import KEY, make_connection, why
from tests.storage.tampering import look, tamper
from tokendeck.core.errors import VaultDamaged, WrongPassphrase
from tokendeck.core.secret import Secret
from tokendeck.core.vault import VaultOpen
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.passphrase import Cost, wrap
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.promise(12)

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)
PASSPHRASE = Secret("correct horse")
COLUMNS = ("id", "guard", "backend", "check_value", "salt", "passes", "lanes", "memory_kib", "nonce", "wrapped")


async def under_passphrase(home: Path, passphrase: Secret = PASSPHRASE) -> Storage:
    storage = open_storage(home, guard=KeyringGuard(NoKeyring()), cost=CHEAP)
    await storage.vault.open_with_passphrase(passphrase)
    return storage


async def under_keyring(home: Path, keyring: DictKeyring) -> Storage:
    storage = open_storage(home, guard=KeyringGuard(keyring))
    await storage.vault.open()
    return storage


def flip(home: Path, column: str, bit: int = 0) -> None:
    """Flip one bit of the vault's entry."""
    [(value,)] = look(home, f"SELECT {column} FROM vault")
    changed: object
    if isinstance(value, int):
        changed = value ^ (1 << bit)
    elif isinstance(value, bytes):
        changed = bytes([value[0] ^ (1 << bit), *value[1:]])
    else:
        changed = chr(ord(value[:1] or "\x01") ^ (1 << bit)) + value[1:]
    tamper(home, f"UPDATE vault SET {column} = ?", changed)


async def damaged_field(storage: Storage) -> str:
    trouble = why(storage.vault.state)
    await storage.close()
    assert isinstance(trouble, VaultDamaged)
    assert trouble.connection_id == ""
    return trouble.field


@pytest.mark.parametrize("bit", [0, 6])
@pytest.mark.parametrize("column", [*COLUMNS, "digest"])
async def test_a_flipped_bit_is_damage_under_the_right_passphrase(store_home: Path, column: str, bit: int) -> None:
    await (await under_passphrase(store_home)).close()
    flip(store_home, column, bit)

    storage = await under_passphrase(store_home)

    assert await damaged_field(storage) == "vault"


async def test_a_wrong_passphrase_is_still_just_that(store_home: Path) -> None:
    await (await under_passphrase(store_home)).close()

    with pytest.raises(WrongPassphrase):
        await under_passphrase(store_home, Secret("wrong"))


@pytest.mark.parametrize("column", ["id", "guard", "backend", "check_value", "digest"])
async def test_a_flipped_bit_is_damage_under_a_keyring_and_no_key_is_made(store_home: Path, column: str) -> None:
    keyring = DictKeyring()
    await (await under_keyring(store_home, keyring)).close()
    entries = dict(keyring.entries)
    flip(store_home, column)

    storage = await under_keyring(store_home, keyring)

    assert await damaged_field(storage) == "vault"
    assert keyring.entries == entries


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM vault", "UPDATE vault SET guard = NULL", "UPDATE vault SET guard = NULL, digest = NULL"],
)
async def test_an_erased_entry_is_not_set_up_anew_while_something_is_sealed(store_home: Path, change: str) -> None:
    keyring = DictKeyring()
    storage = await under_keyring(store_home, keyring)
    await storage.vault.put(make_connection(), {"a": Secret("1")})
    await storage.close()
    entries = dict(keyring.entries)
    tamper(store_home, change)

    by_keyring = await under_keyring(store_home, keyring)
    by_passphrase = await under_passphrase(store_home)

    assert await damaged_field(by_keyring) == "vault"
    assert await damaged_field(by_passphrase) == "vault"
    assert keyring.entries == entries
    assert len(look(store_home, "SELECT * FROM sealed WHERE field = 'secret:a'")) == 1


async def test_an_entry_without_its_guard_is_not_set_up_anew_even_where_nothing_is_sealed(store_home: Path) -> None:
    await (await under_passphrase(store_home)).close()
    tamper(store_home, "UPDATE vault SET guard = NULL")

    storage = await under_keyring(store_home, DictKeyring())

    assert await damaged_field(storage) == "vault"


async def test_an_entry_that_a_forger_made_consistent_opens_nothing(store_home: Path) -> None:
    storage = await under_passphrase(store_home)
    tamper(store_home, "UPDATE vault SET check_value = zeroblob(16)")
    await storage.vault.protect_with_passphrase(PASSPHRASE)  # computes the digest over what it finds
    await storage.close()

    again = await under_passphrase(store_home)

    assert await damaged_field(again) == "vault"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("memory_kib = 2000000000", "passphrase"),
        ("passes = 0", "passphrase"),
        ("lanes = 65", "passphrase"),
        ("salt = NULL", "passphrase"),
        ("salt = x'00'", "passphrase"),
        ("nonce = x''", "passphrase"),
        ("wrapped = substr(wrapped, 2)", "passphrase"),
        ("guard = 'nobody'", "guard"),
        ("check_value = zeroblob(16)", "vault"),
    ],
)
async def test_an_entry_of_an_earlier_store_is_damage_where_it_cannot_be_true(
    store_home: Path, change: str, field: str
) -> None:
    write_earlier_store(store_home, [], wrapped=wrap(KEY, VAULT_ID, PASSPHRASE, CHEAP))
    tamper(store_home, f"UPDATE vault SET {change}")

    storage = await under_passphrase(store_home)

    assert await damaged_field(storage) == field


async def test_every_change_of_the_entry_keeps_it_whole(store_home: Path) -> None:
    keyring = DictKeyring()
    storage = await under_keyring(store_home, keyring)
    await storage.vault.protect_with_passphrase(Secret("first"))
    await storage.vault.protect_with_passphrase(PASSPHRASE)
    await storage.close()

    again = await under_passphrase(store_home)

    assert isinstance(again.vault.state, VaultOpen)
    await again.close()


@pytest.mark.parametrize("column", ["nonce", "wrapped", "digest"])
async def test_a_flipped_bit_is_damage_under_the_right_recovery_key(store_home: Path, column: str) -> None:
    keyring = DictKeyring()
    storage = await under_keyring(store_home, keyring)
    recovery_key = await storage.vault.make_recovery_key()
    await storage.close()
    [(value,)] = look(store_home, f"SELECT {column} FROM recovery")
    tamper(store_home, f"UPDATE recovery SET {column} = ?", bytes([value[0] ^ 1, *value[1:]]))

    by_recovery_key = open_storage(store_home, guard=KeyringGuard(NoKeyring()))
    await by_recovery_key.vault.open_with_recovery_key(recovery_key)
    by_keyring = await under_keyring(store_home, keyring)

    assert await damaged_field(by_recovery_key) == "recovery"
    assert isinstance(by_keyring.vault.state, VaultOpen)
    await by_keyring.close()
