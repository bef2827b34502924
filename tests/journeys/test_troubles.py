"""What commonly stands in the way: each is told in a clear sentence with the right exit code, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.journeys.adding import OWN_PROVIDER
from tests.journeys.shell import Result, Shell, new_passphrase, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.secret_service import SecretService

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux' own tools and the Secret Service")

FULL_AT_BYTES = 60_000
"""Beyond this no file can grow: enough for a small store and its index of the log, too little for the log."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[dict[str, Any]]:
    with sandbox_process() as announced:
        yield announced


def add(shell: Shell, sandbox: dict[str, Any], name: str = "Mine") -> Result:
    return shell.add("paysera", name, sandbox["fields"]["paysera"], sandbox["base_url"])


def run_bound_by_modes(shell: Shell, *words: str) -> Result:
    """Run a command that file modes bind, as they do not bind root."""
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    return run_under(bound, shell, *words)


def run_on_a_full_disk(shell: Shell, *words: str, given: str = "") -> Result:
    # What measures coverage writes its findings to the same disk, and would leave half a file.
    unmeasured = [f"--unset={name}" for name in os.environ if name.startswith("COVERAGE_")]
    return run_under(["env", *unmeasured, "prlimit", f"--fsize={FULL_AT_BYTES}"], shell, *words, given=given)


def run_under(command: list[str], shell: Shell, *words: str, given: str = "") -> Result:
    ended = subprocess.run(
        [*command, *shell.arguments(*words)], input=given, capture_output=True, text=True, timeout=50, check=False
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    ("words", "mode"), [(("list",), 0o555), (("token", "Mine"), 0o555), (("doctor",), 0o555), (("doctor",), 0o000)]
)
def test_a_home_that_cannot_be_made_is_told(home: Path, words: tuple[str, ...], mode: int) -> None:
    (home / "shut").mkdir(mode=mode)

    told = run_bound_by_modes(Shell(home / "shut" / "deck"), *words)

    assert told.code == 4
    assert "/shut" in told.out + told.err
    assert "Traceback" not in told.err


@pytest.mark.promise(38)
def test_a_read_only_home_is_told_and_nothing_in_it_is_lost(shell: Shell, sandbox: dict[str, Any]) -> None:
    add(shell, sandbox)
    first = shell.run("token", "Mine")
    shell.home.chmod(0o500)
    (shell.home / "store.db").chmod(0o400)

    refused = run_bound_by_modes(shell, "token", "Mine", "--fresh")
    listed, read = run_bound_by_modes(shell, "list", "--json"), run_bound_by_modes(shell, "token", "Mine")
    removed = run_bound_by_modes(shell, "remove", "Mine", "--yes")
    examined = run_bound_by_modes(shell, "doctor")
    (shell.home / "store.db").chmod(0o600)
    shell.home.chmod(0o700)
    kept = shell.run("token", "Mine")

    assert (refused.code, refused.out) == (4, "")
    assert (removed.code, removed.out) == (4, "")
    for told in (refused, removed):
        assert f"The store cannot be written. {shell.home}" in told.err
    assert [one["name"] for one in listed.json] == ["Mine"]
    assert (listed.code, read.code, read.out) == (0, 0, first.out)
    assert examined.code == 4
    assert f"~/{shell.home.name} cannot be written." in examined.out
    assert kept.out == first.out


@pytest.mark.promise(38)
def test_a_token_that_a_full_disk_cannot_take_is_not_given_out_and_nothing_is_lost(shell: Shell) -> None:
    with sandbox_process() as sandbox:
        add(shell, sandbox)
        first = shell.run("token", "Mine")
        plan = {
            "provider": "paysera",
            "endpoint": "token",
            "times": 1,
            "faults": [{"kind": "odd_token", "text": "n" * FULL_AT_BYTES}],
        }
        httpx.post(f"{sandbox['base_url']}/_sandbox/faults", json=plan, trust_env=False).raise_for_status()

        refused = run_on_a_full_disk(shell, "token", "Mine", "--fresh")
        kept = run_on_a_full_disk(shell, "token", "Mine")
        fresh = shell.run("token", "Mine", "--fresh")

    assert (refused.code, refused.out) == (4, "")
    assert f"The store cannot be written. {shell.home}" in refused.err
    assert (kept.code, kept.out) == (0, first.out)
    assert fresh.code == 0, fresh.err


@pytest.mark.promise(38)
def test_a_connection_that_a_full_disk_cannot_take_is_told(shell: Shell, sandbox: dict[str, Any]) -> None:
    add(shell, sandbox)

    refused = run_on_a_full_disk(
        shell,
        *("add", "paysera", "Other", "--set=client_id=other", "--secrets-from", "-"),
        given=f"client_secret={'s' * FULL_AT_BYTES}\n",
    )
    listed = shell.run("list", "--json")

    assert refused.code == 4
    assert f"The store cannot be written. {shell.home}" in refused.err
    assert [one["name"] for one in listed.json] == ["Mine"]


@pytest.mark.promise(4)
def test_a_keyring_that_is_locked_or_gone_is_told_and_nothing_is_lost(
    secret_service: SecretService, home: Path, sandbox: dict[str, Any]
) -> None:
    shell = Shell(home / "deck")
    add(shell, sandbox)
    first = shell.run("token", "Mine")

    secret_service.lock()
    locked, listed, examined = shell.run("token", "Mine"), shell.run("list"), shell.run("doctor")
    secret_service.vanish()
    gone = shell.run("token", "Mine")
    secret_service.unlock()
    kept = shell.run("token", "Mine")

    assert (locked.code, locked.out) == (4, "")
    assert locked.err.startswith("Your keyring is locked. ")
    assert listed.code == 0
    assert "Mine" in listed.out
    assert examined.code == 4
    assert "Your keyring is locked." in examined.out
    assert (gone.code, gone.out) == (4, "")
    assert gone.err.startswith("No keyring works here. ")
    assert (kept.code, kept.out) == (0, first.out)


@pytest.mark.promise(4)
def test_a_keyring_that_is_locked_for_good_gives_way_to_a_passphrase_where_there_is_no_vault(
    secret_service: SecretService, home: Path, sandbox: dict[str, Any]
) -> None:
    shell = Shell(home / "deck", new_passphrase(home / "deck"))
    secret_service.lock()

    refused = add(Shell(home / "deck"), sandbox)
    added = add(shell, sandbox)
    token = shell.run("token", "Mine")

    assert (refused.code, refused.out) == (4, "")
    assert refused.err.startswith("Your keyring is locked. ")
    assert "--passphrase-file FILE chooses it" in refused.err
    assert added.code == 0, added.err
    assert token.code == 0, token.err


@pytest.mark.promise(4)
def test_doctor_finds_a_keyring_that_would_not_take_the_first_key_and_makes_nothing(
    secret_service: SecretService, home: Path
) -> None:
    shell = Shell(home / "deck")
    ready = shell.run("doctor")
    secret_service.lock()

    locked = shell.run("doctor")
    secret_service.vanish()
    missing = shell.run("doctor")

    assert ready.code == 0, ready.out
    assert [one.code for one in (locked, missing)] == [4, 4]
    assert "no connection can be added. Your keyring is locked. " in locked.out
    assert "No keyring works here: Tokendeck looked for Secret Service. " in missing.out
    assert "--passphrase-file FILE" in missing.out
    assert not (shell.home / "store.db").exists()


@pytest.mark.promise(4)
def test_a_mute_keyring_is_told_and_nothing_is_lost(
    secret_service: SecretService, home: Path, sandbox: dict[str, Any]
) -> None:
    shell = Shell(home / "deck")
    add(shell, sandbox)
    first = shell.run("token", "Mine")

    secret_service.go_mute()
    told, listed = shell.run("token", "Mine"), shell.run("list")
    secret_service.speak()
    kept = shell.run("token", "Mine")

    assert (told.code, told.out) == (4, "")
    assert told.err.startswith("Your keyring did not answer. ")
    assert listed.code == 0
    assert (kept.code, kept.out) == (0, first.out)


def test_a_file_that_breaks_costs_its_own_connections_only(shell: Shell, sandbox: dict[str, Any]) -> None:
    file = shell.home / "providers" / "acme.toml"
    file.parent.mkdir(parents=True)
    file.write_text(OWN_PROVIDER, encoding="utf-8")
    fields = sandbox["fields"]["paysera"]
    shell.add("acme", "Own", fields, sandbox["base_url"])
    add(shell, sandbox)
    first = shell.run("token", "Own")

    file.write_text(OWN_PROVIDER.replace('body = "form"', "body = 7"), encoding="utf-8")
    broken, listed, other = shell.run("token", "Own"), shell.run("list"), shell.run("token", "Mine")
    file.write_text(OWN_PROVIDER, encoding="utf-8")
    mended = shell.run("token", "Own")

    assert first.code == 0, first.err
    assert (broken.code, broken.out) == (2, "")
    assert "acme.toml cannot be used: at grants.client_credentials.body, expected" in broken.err
    assert listed.code == 0
    assert "acme.toml cannot be used" in listed.err
    assert other.code == 0
    assert mended.out == first.out
