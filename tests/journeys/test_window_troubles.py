"""What stands in the way at start, as the window tells it: a page with a way out, and nothing is lost."""

from __future__ import annotations

import resource
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.journeys.adding import OWN_PROVIDER, add
from tests.journeys.person import pasted, until
from tests.journeys.stage import in_the_windows_loop
from tokendeck.sandbox import OddToken
from tokendeck.storage.keyrings import KeyringGuard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.stage import Stage
    from tests.secret_service import SecretService

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and the Secret Service are not Windows'")

PASSPHRASE = "correct horse battery staple"


@in_the_windows_loop
async def test_without_a_keyring_a_passphrase_is_chosen_and_asked_for_at_the_next_start(stage: Stage) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await person.until_reading("Choose how your secrets are protected")
            person.press("Use a passphrase")
            await person.until(lambda: person.dialog)
            person.fill("Passphrase", PASSPHRASE)
            person.fill("Once more", PASSPHRASE)
            unready = person.offers("Protect with this passphrase")
            person.press("I know that nobody can recover it")
            person.press("Protect with this passphrase")
            await person.until_reading("Vault: passphrase")
            await add(person, stage, "paysera", "Mine", vault="Vault: passphrase")
            await person.key("Ctrl+C")
            await person.until(pasted)
            token = pasted()

        async with stage.window() as person:
            await person.until(lambda: person.offers("Unlock"))
            locked = person.row("Mine")
            person.press("Unlock")
            await person.until(lambda: person.dialog)
            person.fill("Passphrase", "something else")
            person.press("Unlock")
            await person.until(lambda: "does not open the vault" in person.remark("Passphrase"))
            person.fill("Passphrase", PASSPHRASE)
            person.press("Unlock")
            await person.until_reading("Vault: passphrase")
            person.select("Mine")
            await person.key("Ctrl+C")
            await until(lambda: pasted() == token)

    assert not unready
    assert "locked" in locked
    assert stage.sandbox.count("paysera", "token") == 1


@pytest.mark.promise(4)
@in_the_windows_loop
async def test_a_locked_keyring_is_a_page_and_trying_again_opens_it(
    stage: Stage, secret_service: SecretService
) -> None:
    stage.guard = KeyringGuard()
    async with stage.sandbox:
        async with stage.window() as person:
            await add(person, stage, "paysera", "Mine", vault="Keyring: Secret Service")

        secret_service.lock()
        async with stage.window() as person:
            await person.until_reading("Your keyring is locked")
            locked = person.row("Mine")
            secret_service.unlock()
            person.press("Try again")
            await person.until_reading("Keyring: Secret Service")
            person.select("Mine")
            await person.key("Ctrl+C")
            await person.until(pasted)

    assert "locked" in locked
    assert stage.sandbox.count("paysera", "token") == 1


@in_the_windows_loop
async def test_a_full_disk_is_told_and_the_token_is_saved_once_there_is_room(stage: Stage) -> None:
    async with stage.sandbox, stage.window() as person:
        await add(person, stage, "paysera", "Mine")
        await person.until(lambda: person.fact("fingerprint"))
        before = person.fact("fingerprint")
        stage.sandbox.inject("paysera", "token", OddToken("n" * 60_000), times=1)

        with full_disk(stage.places.data / "store.db-wal"):
            await person.key("F5")
            await person.until_reading("Mine: The store cannot be written.")
            kept = person.fact("fingerprint")
        stage.clock.move_on(minutes=1)
        await person.until(lambda: person.fact("fingerprint") not in {"", before})
        await person.until(lambda: "live" in person.row("Mine"))  # once the request that brought it is done with

        assert kept == before
        assert stage.sandbox.count("paysera", "token") == 2


@in_the_windows_loop
async def test_a_file_that_breaks_costs_its_own_connections_only(stage: Stage) -> None:
    file = stage.places.providers / "acme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(OWN_PROVIDER, encoding="utf-8")
    async with stage.sandbox:
        async with stage.window() as person:
            await add(person, stage, "acme", "Own")
            await add(person, stage, "paysera", "Mine")
        file.write_text(OWN_PROVIDER.replace('body = "form"', "body = 7"), encoding="utf-8")

        async with stage.window() as person:
            await person.until_reading("Vault: in memory")
            person.select("Own")
            await person.until_reading(f"{file} cannot be used: at grants.client_credentials.body, expected")
            person.select("Mine")
            await person.key("Ctrl+C")
            await person.until(pasted)


@contextmanager
def full_disk(log: Path) -> Iterator[None]:
    """Let the store's log take a few more notes, but not the token."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 30_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
