"""The data key in a real Secret Service, and what happens where there is none that answers."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import secretstorage

from tests.storage.ledger_contract import LedgerContract
from tests.storage.samples import Unlock, make_connection, why, why_not_set_up
from tests.storage.vault_contract import VaultContract
from tokendeck.core.errors import (
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultState
from tokendeck.storage.keyrings import CREDENTIAL_MANAGER, KEYCHAIN, SECRET_SERVICE, Backend, KeyringGuard
from tokendeck.storage.storage import Storage, open_storage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.secret_service import SecretService
    from tokendeck.engine.ports import Ledger, Vault

SHORT = timedelta(seconds=0.3)


def entries() -> dict[str, str]:
    """Give every entry of the keyring that names our service: user name to text."""
    with closing(secretstorage.dbus_init()) as bus:
        items = secretstorage.get_default_collection(bus).search_items({"service": "Tokendeck"})
        return {item.get_attributes()["username"]: item.get_secret().decode() for item in items}


async def reopened(home: Path, deadline: timedelta = timedelta(seconds=10)) -> VaultState:
    storage = open_storage(home, guard=KeyringGuard(), deadline=deadline)
    state = await storage.vault.open()
    await storage.close()
    return state


@pytest.fixture
def store_home(home: Path) -> Path:
    return home / "tokendeck"


@pytest.fixture
async def storage(secret_service: SecretService, store_home: Path) -> AsyncIterator[Storage]:
    del secret_service  # on the bus that the environment names
    storage = open_storage(store_home, guard=KeyringGuard())
    await storage.vault.open()
    yield storage
    await storage.close()


class _UnderKeyringGuard:
    @pytest.fixture
    def ledger(self, storage: Storage) -> Ledger:
        return storage.ledger

    @pytest.fixture
    def vault(self, storage: Storage) -> Vault:
        return storage.vault

    @pytest.fixture
    def unlock(self, storage: Storage) -> Unlock:
        return storage.vault.open


class TestLedgerUnderSecretService(_UnderKeyringGuard, LedgerContract):
    pass


class TestVaultUnderSecretService(_UnderKeyringGuard, VaultContract):
    pass


async def test_the_keyring_holds_one_short_entry_and_the_store_no_key(storage: Storage, store_home: Path) -> None:
    await storage.vault.put(make_connection(), {"clientSecret": Secret("a" * 5000)})

    found = entries()

    assert storage.vault.state == VaultOpen(Guard.KEYRING, "Secret Service")
    [text] = found.values()
    key = base64.urlsafe_b64decode(text)
    assert len(key) == 32
    for file in store_home.rglob("*"):
        if file.is_file():
            assert key not in file.read_bytes()
            assert text.encode() not in file.read_bytes()


@pytest.mark.usefixtures("storage")
async def test_a_second_start_reads_the_same_key(store_home: Path) -> None:
    before = entries()

    state = await reopened(store_home)

    assert isinstance(state, VaultOpen)
    assert entries() == before


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_locked_keyring_is_shown_as_locked_and_nothing_changes(
    secret_service: SecretService, store_home: Path
) -> None:
    before = entries()
    secret_service.lock()

    state = await reopened(store_home)

    assert type(why(state)) is KeyringLocked
    secret_service.unlock()
    assert entries() == before
    assert isinstance(await reopened(store_home), VaultOpen)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_mute_keyring_is_shown_as_mute_within_the_deadline(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.go_mute()

    state = await reopened(store_home, SHORT)

    assert type(why(state)) is KeyringMute
    secret_service.speak()
    assert isinstance(await reopened(store_home), VaultOpen)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_vanished_service_is_shown_as_missing_not_as_never_set_up(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.vanish()

    state = await reopened(store_home)

    assert type(why(state)) is KeyringMissing
    secret_service.unlock()
    assert isinstance(await reopened(store_home), VaultOpen)


@pytest.mark.promise(4)
@pytest.mark.usefixtures("storage")
async def test_a_keyring_that_is_killed_while_it_is_asked_is_missing_at_once(
    secret_service: SecretService, store_home: Path
) -> None:
    before = entries()
    secret_service.go_mute()
    again = open_storage(store_home, guard=KeyringGuard(), deadline=timedelta(minutes=1))
    opening = asyncio.ensure_future(again.vault.open())
    await again.ledger.records()  # what is recorded of the vault has been read by then: the keyring is next

    secret_service.vanish()
    state = await opening
    await again.close()

    assert type(why(state)) is KeyringMissing
    secret_service.unlock()
    assert entries() == before
    assert isinstance(await reopened(store_home), VaultOpen)


async def test_first_start_with_a_locked_keyring_waits_for_it(secret_service: SecretService, store_home: Path) -> None:
    secret_service.lock()

    first = await reopened(store_home)
    secret_service.unlock()
    second = await reopened(store_home)

    assert type(why_not_set_up(first)) is KeyringLocked
    assert isinstance(second, VaultOpen)
    assert len(entries()) == 1


async def test_first_start_with_a_mute_keyring_leaves_a_vault_that_opens_later(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.go_mute()

    first = await reopened(store_home, SHORT)
    secret_service.speak()
    second = await reopened(store_home)

    assert type(why_not_set_up(first)) is KeyringMute
    assert isinstance(second, VaultOpen)


async def test_first_start_without_a_session_bus_asks_for_a_choice(store_home: Path) -> None:
    state = await reopened(store_home)

    assert type(why_not_set_up(state)) is KeyringMissing


async def test_first_start_on_a_bus_without_a_service_asks_for_a_choice(
    secret_service: SecretService, store_home: Path
) -> None:
    secret_service.vanish()

    state = await reopened(store_home)

    assert type(why_not_set_up(state)) is KeyringMissing


@pytest.mark.promise(5)
@pytest.mark.usefixtures("secret_service")
async def test_no_environment_and_no_file_chooses_another_keyring(
    store_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "modules" / "keyrings_plain.py"
    plain.parent.mkdir()
    plain.write_text(PLAINTEXT_BACKEND)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        folder = tmp_path / variable / "python_keyring"
        folder.mkdir(parents=True)
        (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyrings_plain.Keyring\n")
        monkeypatch.setenv(variable, str(folder.parent))
    monkeypatch.syspath_prepend(str(plain.parent))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings_plain.Keyring")
    monkeypatch.setenv("KEYRING_PROPERTY_PREFERRED_COLLECTION", "/org/freedesktop/secrets/collection/session")
    monkeypatch.setenv("KEYRING_PROPERTY_SCHEME", "KeePassXC")

    state = await reopened(store_home)

    assert state == VaultOpen(Guard.KEYRING, "Secret Service")
    assert len(entries()) == 1
    assert "keyrings_plain" not in sys.modules


PLAINTEXT_BACKEND = """
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 99
"""


@pytest.mark.promise(5)
def test_the_keychains_path_is_not_taken_from_the_environment_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEYRING_PROPERTY_KEYCHAIN", "/elsewhere/other.keychain")

    built = KEYCHAIN.build()

    assert vars(built) == {"keychain": None}


@pytest.mark.promise(5)
@pytest.mark.parametrize(
    ("backend", "found"),
    [
        (SECRET_SERVICE, "keyring.backends.SecretService.Keyring"),
        (KEYCHAIN, "keyring.backends.macOS.Keyring"),
        (CREDENTIAL_MANAGER, "keyring.backends.Windows.WinVaultKeyring"),
    ],
)
def test_backends_are_real_and_constructed_by_name_simulated(backend: Backend, found: str) -> None:
    built = type(backend.build())

    assert f"{built.__module__}.{built.__qualname__}" == found


@pytest.mark.promise(4)
@pytest.mark.parametrize("answers", ["nothing", "prompts", "is-new"])
async def test_a_service_that_never_answers_is_mute_and_one_that_waits_for_its_person_is_locked(
    secret_service: SecretService, store_home: Path, answers: str
) -> None:
    secret_service.vanish()
    program = [sys.executable, str(Path(__file__).with_name("patient_service.py")), answers]
    with subprocess.Popen(program, stdout=subprocess.PIPE) as service:  # noqa: ASYNC220 - nothing else runs meanwhile
        assert service.stdout
        assert service.stdout.readline() == b"ready\n"

        state = await reopened(store_home, timedelta(seconds=1.5))

        service.kill()
    assert type(why_not_set_up(state)) is (KeyringMute if answers == "nothing" else KeyringLocked)


OPENER = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from tokendeck.storage.keyrings import KeyringGuard
from tokendeck.storage.storage import open_storage

async def main():
    storage = open_storage(Path(sys.argv[1]), guard=KeyringGuard(), deadline=timedelta(seconds=0.2))
    print(type((await storage.vault.open()).why.why).__name__)
    await storage.close()

asyncio.run(main())
"""


@pytest.mark.promise(35)
def test_a_mute_keyring_keeps_no_process_from_ending(secret_service: SecretService, store_home: Path) -> None:
    secret_service.go_mute()

    done = subprocess.run(
        [sys.executable, "-c", OPENER, str(store_home)], capture_output=True, text=True, timeout=20, check=True
    )

    assert done.stdout == "KeyringMute\n"
    assert done.stderr == ""
