"""A vault whose key is not where it was, at the shell and at the window: told as what it is, and no dead end."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

if sys.platform != "linux":
    pytest.skip("only Linux has the Secret Service", allow_module_level=True)

import secretstorage

from tests.journeys.adding import add as add_by_hand
from tests.journeys.person import pasted
from tests.journeys.shell import Shell, sandbox_process
from tests.journeys.stage import in_the_windows_loop
from tokendeck.storage.keyrings import KeyringGuard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.stage import Stage

LOST = "The key to this vault is not in your keyring"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[dict[str, Any]]:
    with sandbox_process() as announced:
        yield announced


@pytest.fixture
def shell(home: Path) -> Shell:
    return Shell(home / "deck")


def take_entries() -> list[tuple[str, str]]:
    """Remove every entry of ours; give their user names and secrets."""
    with closing(secretstorage.dbus_init()) as bus:
        items = list(secretstorage.search_items(bus, {"service": "Tokendeck"}))
        taken = [(item.get_attributes()["username"], item.get_secret().decode()) for item in items]
        for item in items:
            item.delete()
    return taken


def put_entries(taken: list[tuple[str, str]]) -> None:
    with closing(secretstorage.dbus_init()) as bus:
        collection = secretstorage.get_default_collection(bus)
        for username, secret in taken:
            collection.create_item("ours", {"service": "Tokendeck", "username": username}, secret.encode())


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
def test_a_lost_key_is_told_a_new_vault_is_begun_and_the_old_one_can_be_gone_back_to(
    shell: Shell, sandbox: dict[str, Any]
) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    first = shell.run("token", "Mine")
    taken = take_entries()

    lost, examined = shell.run("token", "Mine"), shell.run("doctor")
    begun, empty = shell.run("new-vault", "--yes"), shell.run("list", "--json")
    [kept] = shell.home.glob("store.db.kept-*Z")
    kept.rename(shell.home / "store.db")
    put_entries(taken)
    back = shell.run("token", "Mine")

    assert (lost.code, lost.out) == (4, "")
    assert lost.err.startswith(LOST)
    assert "tokendeck new-vault" in lost.err
    assert "passphrase" not in lost.err
    assert examined.code == 4
    assert LOST in examined.out
    assert begun.code == 0
    assert str(kept) in begun.err
    assert empty.json == []
    assert (back.code, back.out) == (0, first.out)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
def test_a_vault_that_another_kind_of_keyring_guards_is_told_by_both_names(
    shell: Shell, sandbox: dict[str, Any]
) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    with closing(sqlite3.connect(shell.home / "store.db")) as store, store:
        store.execute("UPDATE vault SET backend = 'Keychain', digest = NULL")  # as a home that came from a Mac

    told = shell.run("token", "Mine")

    assert (told.code, told.out) == (4, "")
    assert "is kept in Keychain, and Secret Service answered" in told.err
    assert len(take_entries()) == 1


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
def test_a_recovery_key_opens_the_vault_and_the_keyring_guards_it_again(
    home: Path, shell: Shell, sandbox: dict[str, Any]
) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    first = shell.run("token", "Mine")
    file = home / "recovery key"
    made = shell.run("recovery-key", "--output", str(file))
    taken = take_entries()

    opened = shell.run("token", "Mine", "--recovery-key-file", str(file))
    later = shell.run("token", "Mine")

    assert (made.code, made.out) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert (opened.code, opened.out) == (0, first.out)
    assert (later.code, later.out) == (0, first.out)
    assert take_entries() == taken


def test_a_passphrase_that_is_forgotten_is_replaced_with_the_recovery_key(home: Path, sandbox: dict[str, Any]) -> None:
    forgotten, new, recovery = home / "forgotten", home / "new", home / "recovery key"
    forgotten.write_text("correct horse battery staple\n", encoding="utf-8")
    new.write_text("lamp orbit velvet canyon\n", encoding="utf-8")
    before, after = Shell(home / "deck", forgotten), Shell(home / "deck", new)
    before.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    before.run("recovery-key", "--output", str(recovery))

    replaced = Shell(home / "deck").run(
        "passphrase", "--new-passphrase-file", str(new), "--recovery-key-file", str(recovery)
    )
    opened = after.run("token", "Mine")

    assert replaced.code == 0, replaced.err
    assert opened.code == 0, opened.err


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
@in_the_windows_loop
async def test_a_lost_key_is_a_page_and_its_vault_opens_again_once_it_is_back(stage: Stage) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await add_by_hand(person, stage, "paysera", "Mine", vault="Keyring: Secret Service")
        taken = take_entries()

        async with stage.window() as person:
            await person.until_reading(LOST)
            locked = person.row("Mine")
            offered = [one for one in ("Use a passphrase", "New vault…") if person.offers(one)]
            put_entries(taken)
            person.press("Try again")
            await person.until_reading("Keyring: Secret Service")
            person.select("Mine")
            await person.key("Ctrl+C")
            await person.until(pasted)

    assert "locked" in locked
    assert offered == ["New vault…"]


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
@in_the_windows_loop
async def test_a_new_vault_is_begun_from_the_page_once_a_person_says_so(stage: Stage) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await add_by_hand(person, stage, "paysera", "Mine", vault="Keyring: Secret Service")
        take_entries()

        async with stage.window() as person:
            await person.until_reading(LOST)
            person.press("New vault…")
            await person.until(lambda: person.dialog)
            asked = person.reads()
            person.press("Cancel")
            await person.until(lambda: not person.dialog)
            still = person.row("Mine")
            person.press("New vault…")
            await person.until(lambda: person.dialog)
            person.press("Start a new vault")
            await person.until_reading("Keyring: Secret Service", "The old vault is kept as ")
            gone = person.rows()
            await add_by_hand(person, stage, "paysera", "Other", vault="Keyring: Secret Service")
            await person.key("Ctrl+C")
            await person.until(pasted)

    assert "Nothing is deleted" in asked
    assert "locked" in still
    assert gone == []
    assert len(list(stage.places.data.glob("store.db.kept-*Z"))) == 1


@pytest.mark.promise(4)
@pytest.mark.usefixtures("secret_service")
@in_the_windows_loop
async def test_the_page_of_a_lost_key_takes_the_recovery_key(stage: Stage) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await add_by_hand(person, stage, "paysera", "Mine", vault="Keyring: Secret Service")
        async with stage.no_window() as engine:
            recovery_key = (await engine.door.make_recovery_key()).reveal()
        taken = take_entries()

        async with stage.window() as person:
            await person.until_reading(LOST)
            person.press("Recovery key…")
            await person.until(lambda: person.dialog)
            person.fill("Recovery key", recovery_key[:-1])
            person.press("Open the vault")
            await person.until(lambda: "Compare it with the printed one" in person.remark("Recovery key"))
            person.fill("Recovery key", recovery_key.lower().replace("-", " "))
            person.press("Open the vault")
            await person.until_reading("Keyring: Secret Service")
            person.select("Mine")
            await person.key("Ctrl+C")
            await person.until(pasted)

    assert take_entries() == taken
