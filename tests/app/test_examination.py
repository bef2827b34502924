from __future__ import annotations

import platform
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from tokendeck import __version__
from tokendeck.app.examination import Examination
from tokendeck.app.logbook import COMMANDS_LOG, WINDOW_LOG
from tokendeck.app.parts import running_parts
from tokendeck.app.places import find_places, resources
from tokendeck.app.surroundings import system, versions
from tokendeck.core.connection import Connection
from tokendeck.core.errors import KeyringLocked, KeyringMissing, KeyringTrouble
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultShut
from tokendeck.core.wording import Wording
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.schema import STORE_NAME
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from tokendeck.core.diagnosis import Diagnosis
    from tokendeck.storage.guards import KeyGuard

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)


async def a_home_under_a_passphrase(home: Path) -> None:
    storage = open_storage(home, guard=MemoryGuard(), cost=CHEAP)
    await storage.vault.open_with_passphrase(Secret("correct horse"))
    now = SystemClock().now().wall
    await storage.vault.put(Connection(uuid.uuid4().hex, "Shop", "payos", "production", "main", now), {})
    await storage.close()


async def examined(home: Path, guard: KeyGuard | None = None, passphrase_file: Path | None = None) -> Diagnosis:
    examination = Examination(
        find_places(home), catalog=Catalog(resources() / "providers"), clock=SystemClock(), wording=Wording()
    )
    return await examination.of_home(guard or MemoryGuard(), passphrase_file)


@pytest.mark.parametrize(
    ("content", "ok", "said"),
    [
        (b"correct horse\n", True, "It opens"),
        (b"wrong horse\n", False, "passphrase"),
        (b"", False, "is empty"),
        (None, False, "cannot be read"),
    ],
    ids=["right", "wrong", "empty", "missing"],
)
async def test_what_the_passphrase_file_is_good_for_is_told_of_the_vault(
    tmp_path: Path,
    content: bytes | None,
    ok: bool,  # noqa: FBT001 - a table
    said: str,
) -> None:
    home, file = tmp_path / "home", tmp_path / "passphrase"
    await a_home_under_a_passphrase(home)
    if content is not None:
        file.write_bytes(content)
    examination = Examination(
        find_places(home),
        catalog=Catalog(resources() / "providers"),
        clock=SystemClock(),
        wording=Wording(),
    )

    found = await examination.of_home(MemoryGuard(), file)

    findings = {one.check: one for one in found.findings}

    assert findings["Store"].ok
    assert findings["Vault"].ok is ok
    assert said in findings["Vault"].detail


async def test_looking_at_a_home_that_is_new_sets_no_vault_up(tmp_path: Path) -> None:
    guard = MemoryGuard()
    examination = Examination(
        find_places(tmp_path),
        catalog=Catalog(resources() / "providers"),
        clock=SystemClock(),
        wording=Wording(),
    )

    found = await examination.of_home(guard, None)

    findings = {one.check: one for one in found.findings}

    assert findings["Store"].detail.startswith("Connections that can be read: 0.")
    assert "not set up yet" in findings["Vault"].detail
    storage = open_storage(tmp_path, guard=guard)
    assert (await storage.facts()).guard is None
    await storage.close()


class Refusing:
    """A guard whose keyring does not serve."""

    kind = Guard.KEYRING
    backend = "Secret Service"

    def __init__(self, trouble: KeyringTrouble) -> None:
        self._trouble = trouble

    async def read(self, vault_id: str, fits: Callable[[bytes], bool]) -> bytes | None:
        del vault_id, fits
        raise self._trouble

    async def create(self, vault_id: str) -> bytes:
        raise AssertionError(vault_id)

    async def keep(self, vault_id: str, key: bytes) -> None:
        raise AssertionError(vault_id, len(key))

    async def forget(self, vault_id: str) -> None:
        raise AssertionError(vault_id)

    def silence(self, waited: timedelta) -> KeyringTrouble:
        raise AssertionError(waited)


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("trouble", [KeyringMissing("Secret Service"), KeyringLocked("Secret Service")])
async def test_a_keyring_that_would_not_take_the_key_of_a_new_vault_is_told_with_what_to_do(
    tmp_path: Path,
    is_there: bool,  # noqa: FBT001 - a table
    trouble: KeyringTrouble,
) -> None:
    home = tmp_path / "home"
    if is_there:
        home.mkdir(mode=0o700)

    found = await examined(home, Refusing(trouble))

    [wrong] = [one for one in found.findings if not one.ok]
    assert (wrong.check, found.exit_code) == ("Vault", 4)
    assert wrong.detail.startswith("It is not set up yet, and no connection can be added. ")
    assert "Secret Service" in wrong.detail
    assert "--passphrase-file FILE" in wrong.advice
    assert home.exists() is is_there


async def test_a_vault_that_was_set_aside_is_named_for_as_long_as_it_is_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await a_home_under_a_passphrase(home)
    storage = open_storage(home, guard=MemoryGuard())
    kept_as = Path(await storage.vault.set_aside())
    await storage.vault.open()
    await storage.close()

    named = [one for one in (await examined(home, MemoryGuard())).findings if one.check == "Old vault"]
    kept_as.unlink()
    gone = [one for one in (await examined(home, MemoryGuard())).findings if one.check == "Old vault"]

    assert [(one.ok, str(kept_as) in one.detail) for one in named] == [(True, True)]
    assert gone == []


@pytest.mark.parametrize(("content", "exit_code"), [("correct horse\n", 0), ("", 4)])
async def test_a_passphrase_stands_in_for_a_keyring_that_is_not_there(
    tmp_path: Path, content: str, exit_code: int
) -> None:
    file = tmp_path / "passphrase"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)

    found = await examined(tmp_path / "home", Refusing(KeyringMissing()), file)

    assert found.exit_code == exit_code
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
@pytest.mark.parametrize("place", ["file", "program", "file/deeper", "program/deeper", "file/much/deeper"])
async def test_a_home_that_is_no_folder_or_would_be_in_none_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch(0o600)
    (tmp_path / "program").touch(0o700)

    found = await examined(tmp_path / place)

    (folder,) = [one for one in found.findings if one.check == "Data folder"]
    assert (folder.ok, folder.detail) == (False, f"{tmp_path / place.partition('/')[0]} cannot be written.")
    assert found.exit_code == 4


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
async def test_what_is_wrong_with_a_home_is_told_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await a_home_under_a_passphrase(home)
    home.chmod(0o755)
    (home / "providers").mkdir()
    (home / "providers" / "odd.toml").write_text("no TOML", encoding="utf-8")
    (home / "certificates").mkdir()
    trustme.CA().cert_pem.write_to_path(str(home / "certificates" / "good.pem"))
    (home / "certificates" / "odd.pem").write_text("no PEM", encoding="utf-8")
    places = find_places(home)
    examination = Examination(
        places,
        catalog=Catalog(resources() / "providers", places.providers),
        clock=SystemClock(),
        wording=Wording(),
    )

    found = await examination.of_home(MemoryGuard(), None)

    wrong = {one.check: one for one in found.findings if not one.ok}

    assert f"chmod go-rwx {home}" in wrong["File modes"].advice
    assert "locked" in wrong["Vault"].detail
    assert wrong["Vault"].exit_code == 4
    assert "odd.toml cannot be used" in wrong["Provider file"].detail
    assert f"{home / 'certificates' / 'odd.pem'} cannot be used" in wrong["Certificate file"].detail
    assert "take it away" in wrong["Certificate file"].advice
    (trusted,) = [one.detail for one in found.findings if one.check == "Certificates"]
    assert f"your own files in {home / 'certificates'}: 1." in trusted


@pytest.mark.promise(38)
async def test_a_damaged_store_is_named_until_it_is_removed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    damaged = home / "store.db.damaged-20261121T030405.678901Z"
    for name in ("", "-wal"):
        damaged.with_name(damaged.name + name).touch(0o600)

    found = await examined(home)
    for file in home.glob("*.damaged-*"):
        file.unlink()
    after = await examined(home)

    (told,) = [one for one in found.findings if one.check == "Damaged store"]
    assert (told.ok, told.detail) == (False, f"It was set aside as {damaged}.")
    assert "delete it" in told.advice
    assert "Damaged store" not in {one.check for one in after.findings}


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
async def test_whatever_others_can_reach_is_named(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "passphrase"
    await a_home_under_a_passphrase(home)
    file.write_text("correct horse\n", encoding="utf-8")
    reachable = {home: 0o711, home / "locks": 0o755, home / "store.db": 0o640, file: 0o644}
    for path, mode in reachable.items():
        path.chmod(mode)

    found = await examined(home, passphrase_file=file)

    said = [one.advice for one in found.findings if one.check == "File modes"]
    assert said == [f"Shut them out: chmod go-rwx {path}" for path in (home, home / "store.db", home / "locks", file)]


async def test_missing_provider_files_are_told(tmp_path: Path) -> None:
    examination = Examination(
        find_places(tmp_path / "home"),
        catalog=Catalog(tmp_path / "no resources"),
        clock=SystemClock(),
        wording=Wording(),
    )

    found = await examination.of_home(MemoryGuard(), None)

    findings = [one for one in found.findings if not one.ok]

    assert [one.check for one in findings] == ["Provider file"]
    assert "a folder of provider files" in findings[0].detail


async def test_a_program_that_runs_is_looked_at_as_it_stands(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await a_home_under_a_passphrase(home)
    places, clock, catalog = find_places(home), SystemClock(), Catalog(resources() / "providers")
    examination = Examination(places, catalog=catalog, clock=clock, wording=Wording())

    async with running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts:
        await parts.engine.load()
        found = await examination.of_window(parts)
        still = parts.engine.vault_state

    (vault,) = [one for one in found.findings if one.check == "Vault"]
    assert "locked" in vault.detail
    assert isinstance(still, VaultShut)
    assert [(one.name, one.provider, one.status) for one in found.connections] == [("Shop", "payos", "needs_attention")]


async def test_a_program_whose_store_does_not_serve_is_told(tmp_path: Path) -> None:
    places, clock, catalog = find_places(tmp_path), SystemClock(), Catalog(resources() / "providers")
    (tmp_path / STORE_NAME).mkdir(mode=0o700)
    examination = Examination(places, catalog=catalog, clock=clock, wording=Wording())

    async with running_parts(places, catalog=catalog, clock=clock, guard=MemoryGuard()) as parts:
        found = await examination.of_window(parts)

    assert [(one.check, one.exit_code) for one in found.findings if not one.ok] == [("Store", 4)]


async def test_the_newest_of_each_log_is_told_under_its_name(tmp_path: Path) -> None:
    places = find_places(tmp_path)
    places.state.mkdir()
    (places.state / WINDOW_LOG).write_text("it began\nit ended\n", "utf-8")
    (places.state / COMMANDS_LOG).write_text("a command\n", "utf-8")
    catalog = Catalog(resources() / "providers")
    examination = Examination(places, catalog=catalog, clock=SystemClock(), wording=Wording())

    found = await examination.of_home(MemoryGuard(), None)

    assert found.log == ("tokendeck.log:", "it began", "it ended", "command-line.log:", "a command")
    assert f"{places.state};" in next(one.detail for one in found.findings if one.check == "Log")


def test_the_system_is_told_without_the_name_of_a_machine_or_a_person() -> None:
    told = system({"XDG_SESSION_TYPE": "wayland", "XDG_CURRENT_DESKTOP": "", "USER": "ona", "HOSTNAME": "deck-17"})

    assert told.endswith(", wayland")
    assert "ona" not in told
    assert platform.node() not in told


def test_versions_begin_with_the_programs_own_and_leave_out_what_is_not_there() -> None:
    told = versions(("httpcore", "no-such-library"))

    assert list(told) == ["Tokendeck", "Python", "httpcore", "OpenSSL"]
    assert told["Tokendeck"] == __version__
