from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING

import pytest

from tokendeck.app.examination import Examination
from tokendeck.app.places import find_places, resources
from tokendeck.core.connection import Connection
from tokendeck.core.secret import Secret
from tokendeck.engine.clock import SystemClock
from tokendeck.providers.catalog import Catalog
from tokendeck.storage.guards import MemoryGuard
from tokendeck.storage.passphrase import Cost
from tokendeck.storage.storage import open_storage

if TYPE_CHECKING:
    from pathlib import Path

CHEAP = Cost(passes=1, lanes=1, memory_kib=8)


async def a_home_under_a_passphrase(home: Path) -> None:
    storage = open_storage(home, guard=MemoryGuard(), cost=CHEAP)
    await storage.vault.open_with_passphrase(Secret("correct horse"))
    now = SystemClock().now().wall
    await storage.vault.put(Connection(uuid.uuid4().hex, "Shop", "payos", "production", "main", now), {})
    await storage.close()


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
        guard=MemoryGuard(),
        passphrase_file=file,
    )

    findings = {one.check: one for one in await examination.findings()}

    assert findings["Store"].ok
    assert findings["Vault"].ok is ok
    assert said in findings["Vault"].detail


async def test_looking_at_a_home_that_is_new_sets_no_vault_up(tmp_path: Path) -> None:
    guard = MemoryGuard()
    examination = Examination(
        find_places(tmp_path),
        catalog=Catalog(resources() / "providers"),
        clock=SystemClock(),
        guard=guard,
        passphrase_file=None,
    )

    findings = {one.check: one for one in await examination.findings()}

    assert findings["Store"].detail.startswith("Connections that can be read: 0.")
    assert "not set up yet" in findings["Vault"].detail
    storage = open_storage(tmp_path, guard=guard)
    assert (await storage.facts()).guard is None
    await storage.close()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
async def test_what_is_wrong_with_a_home_is_told_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    await a_home_under_a_passphrase(home)
    home.chmod(0o755)
    (home / "providers").mkdir()
    (home / "providers" / "odd.toml").write_text("no TOML", encoding="utf-8")
    places = find_places(home)
    examination = Examination(
        places,
        catalog=Catalog(resources() / "providers", places.providers),
        clock=SystemClock(),
        guard=MemoryGuard(),
        passphrase_file=None,
    )

    wrong = {one.check: one for one in await examination.findings() if not one.ok}

    assert f"chmod go-rwx '{home}'" in wrong["File modes"].advice
    assert "locked" in wrong["Vault"].detail
    assert wrong["Vault"].exit_code == 4
    assert "odd.toml cannot be used" in wrong["Provider file"].detail


async def test_missing_provider_files_are_told(tmp_path: Path) -> None:
    examination = Examination(
        find_places(tmp_path / "home"),
        catalog=Catalog(tmp_path / "no resources"),
        clock=SystemClock(),
        guard=MemoryGuard(),
        passphrase_file=None,
    )

    findings = [one for one in await examination.findings() if not one.ok]

    assert [one.check for one in findings] == ["Provider file"]
    assert "a folder of provider files" in findings[0].detail
