"""From `add` to a token and a verdict, for each provider, as a shell sees it: processes, streams, exit codes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.shell import COMMAND, Shell, new_passphrase, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROVIDERS = ("payos", "paysera", "pyng", "payt", "paysecurez")
SOURCES = {
    "payos": "not_stated",
    "paysera": "expires_in",
    "pyng": "expires_in",
    "payt": "never",
    "paysecurez": "not_stated",
}
VERDICTS = {"payos": "works", "paysera": "works", "pyng": "minted", "payt": "minted", "paysecurez": "minted"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[dict[str, Any]]:
    with sandbox_process() as announced:
        yield announced


@pytest.mark.parametrize("provider", PROVIDERS)
def test_from_add_to_token_to_verdict(shell: Shell, sandbox: dict[str, Any], provider: str) -> None:
    from_add_to_verdict(shell, sandbox, provider)


def test_in_a_new_home_each_command_finds_what_it_needs_by_itself(home: Path, sandbox: dict[str, Any]) -> None:
    from_add_to_verdict(Shell(home / "deck", new_passphrase(home / "deck"), is_cold=True), sandbox, "paysera")


def from_add_to_verdict(shell: Shell, sandbox: dict[str, Any], provider: str) -> None:
    added = shell.add(provider, "Mine", sandbox["fields"][provider], sandbox["base_url"])
    first = shell.run("token", "Mine")
    second = shell.run("token", "mine")
    tested = shell.run("test", "Mine", "--json")
    listed = shell.run("list", "--json")

    assert added.code == 0, added.err
    assert first.code == 0, first.err
    assert first.out.strip()
    assert (second.out == first.out) is (provider != "paysecurez")
    assert tested.code == 0, tested.err
    assert tested.json["verdict"] == VERDICTS[provider]
    assert tested.json["status"] == 200
    (record,) = listed.json
    assert (record["name"], record["provider"], record["environment"]) == ("Mine", provider, "Sandbox")
    assert record["expiry_source"] == SOURCES[provider]
    assert (record["expires_at"] is None) is (provider not in {"paysera", "pyng"})
    assert record["status"] == ("on_demand" if provider == "paysecurez" else "live")
    assert record["last_error"] is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_secret_is_refused_in_the_providers_own_words(
    shell: Shell, sandbox: dict[str, Any], provider: str
) -> None:
    fields = {
        key: "wrong" if key in {"clientSecret", "client_secret", "password"} else value
        for key, value in sandbox["fields"][provider].items()
    }
    shell.add(provider, "Mine", fields, sandbox["base_url"])

    refused = shell.run("token", "Mine")
    tested = shell.run("test", "Mine", "--json")

    assert refused.code == 1
    assert refused.out == ""
    if provider == "paysera":
        assert "Invalid client credentials" in refused.err
    if provider == "pyng":
        assert "Client authentication failed" in refused.err
    assert tested.code == 1
    assert tested.json["verdict"] == "refused"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_that_is_down_is_passing_trouble_and_loses_nothing(shell: Shell, provider: str) -> None:
    with sandbox_process() as announced:
        shell.add(provider, "Mine", announced["fields"][provider], announced["base_url"])
        before = shell.run("token", "Mine")
        assert before.code == 0, before.err

    fresh = shell.run("token", "Mine", "--fresh")
    kept = shell.run("token", "Mine")

    assert fresh.code == 3
    assert fresh.out == ""
    if provider == "paysecurez":
        assert kept.code == 3
    else:
        assert kept.out == before.out


def test_the_command_line_imports_no_qt(shell: Shell, sandbox: dict[str, Any]) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    program = (
        "import sys; from tokendeck.__main__ import main; sys.argv[0] = 'tokendeck'; code = main(); "
        "print(code, sorted(m for m in sys.modules if m.split('.')[0] in {'PySide6', 'shiboken6', 'qasync'}))"
    )
    python = [COMMAND[0], "-c", program, *shell.arguments("list")[len(COMMAND) :]]

    ended = subprocess.run(python, capture_output=True, text=True, timeout=50, check=True)

    assert ended.stdout.splitlines()[-1] == "0 []"


def test_an_unknown_name_is_told_with_names_like_it(shell: Shell, sandbox: dict[str, Any]) -> None:
    shell.add("paysera", "Web shop", sandbox["fields"]["paysera"], sandbox["base_url"])

    unknown = shell.run("token", "Web shp")

    assert unknown.code == 5
    assert "Web shop" in unknown.err


def test_a_wrong_passphrase_is_told_and_nothing_is_lost(shell: Shell, sandbox: dict[str, Any], home: Path) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    wrong = home / "wrong"
    wrong.write_text("something else\n", encoding="utf-8")

    refused = Shell(shell.home, wrong).run("token", "Mine")
    served = shell.run("token", "Mine")

    assert refused.code == 4
    assert "passphrase" in refused.err.lower()
    assert served.code == 0


def test_without_a_keyring_a_passphrase_is_asked_for_knowingly(shell: Shell, sandbox: dict[str, Any]) -> None:
    alone = Shell(shell.home)

    refused = alone.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])

    assert refused.code == 4
    assert "passphrase" in refused.err.lower()


def test_a_port_in_use_is_told(sandbox: dict[str, Any]) -> None:
    port = sandbox["base_url"].rsplit(":", 1)[1]

    ended = subprocess.run(
        [*COMMAND, "sandbox", "--port", port], capture_output=True, text=True, timeout=50, check=False
    )

    assert ended.returncode == 2
    assert port in ended.stderr


def test_a_removed_connection_is_gone(shell: Shell, sandbox: dict[str, Any]) -> None:
    shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])

    removed = shell.run("remove", "Mine", "--yes")
    listed = shell.run("list", "--json")

    assert removed.code == 0, removed.err
    assert listed.json == []


def test_a_wrong_descriptor_costs_only_itself(shell: Shell) -> None:
    own = shell.home / "providers"
    own.mkdir()
    (own / "broken.toml").write_text('id = "broken"\nname = 7\n', encoding="utf-8")

    listed = shell.run("providers", "--json")

    assert listed.code == 0
    assert {one["id"] for one in listed.json} == set(PROVIDERS)
    assert "broken.toml" in listed.err


def test_the_doctor_finds_nothing_wrong_with_a_good_home(shell: Shell, sandbox: dict[str, Any]) -> None:
    examined = shell.run("doctor", "--json")

    assert examined.code == 0, examined.out
    assert json.loads(examined.out)["checks"]
    assert sandbox


@pytest.mark.usefixtures("secret_service")
def test_with_a_real_keyring_no_passphrase_is_needed(home: Path, sandbox: dict[str, Any]) -> None:
    shell = Shell(home / "deck")

    added = shell.add("paysera", "Mine", sandbox["fields"]["paysera"], sandbox["base_url"])
    first, second = shell.run("token", "Mine"), shell.run("token", "Mine")

    assert added.code == 0, added.err
    assert first.code == 0, first.err
    assert first.out == second.out
