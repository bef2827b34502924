"""
Whole sessions at DEBUG, with secrets planted wherever one is taken, and a witness who searches all that they leave.

What a test logs and prints itself is searched for the same secrets when it ends: see the fixture `canary`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.journeys.adding import fill_in
from tests.journeys.deck import ended, running_deck
from tests.journeys.person import pasted
from tests.journeys.rooms_on_fire import FIRES
from tests.journeys.shell import Result
from tests.journeys.stage import in_the_windows_loop
from tests.journeys.witness import Witness
from tests.sandbox.person import decide
from tokendeck.app.logbook import COMMANDS_LOG, WINDOW_LOG
from tokendeck.core.secret import MASK
from tokendeck.sandbox import CannedAnswer, OddToken, Sandbox
from tokendeck.storage.keyrings import KeyringGuard

if TYPE_CHECKING:
    from tests.canary import Canary
    from tests.journeys.deck import Deck
    from tests.journeys.person import Person
    from tests.journeys.stage import Stage
    from tokendeck.sandbox import ProviderId

pytestmark = [
    pytest.mark.promise(1),
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows what is to be known of a process in /proc"),
]

ROOT = Path(__file__).resolve().parents[2]
CLIENT_ID = "kaunas-20417"


@pytest.fixture
def everything_is_told(home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Have every process tell all it can, and keep its temporary files where they are searched."""
    (home / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    monkeypatch.setenv("TOKENDECK_DEBUG", "1")
    for name in ("httpx", "httpcore"):  # the test's own client, which plays the browser
        caplog.set_level("WARNING", name)


def repeated(what: str, *, status: int = 401) -> CannedAnswer:
    """Give the answer of a provider that repeats in its words what it was sent."""
    said = {"error": "invalid_client", "error_description": f"wrong: {what}", "echo": {"client_secret": what}}
    return CannedAnswer(status, (("Content-Type", "application/json"),), json.dumps(said).encode())


@pytest.mark.usefixtures("everything_is_told")
async def test_commands_leave_no_trace_of_a_secret(home: Path, canary: Canary) -> None:
    planted: dict[ProviderId, dict[str, str]] = {
        "paysera": {"client_id": CLIENT_ID, "client_secret": canary.plant("a secret for a form")},
        "payos": {"clientSecret": canary.plant("a secret for JSON")},
    }
    async with running_deck(home / "deck", passphrase=canary.plant("the passphrase"), fields=planted) as deck:
        assert deck.shell.passphrase_file is not None
        witness = Witness(canary, home, handed_over=[deck.shell.passphrase_file])

        await add_and_use(deck, witness, canary)
        await meet_refusals(deck, witness, canary)
        await sign_in(deck, witness, canary)
        await refresh_in_front_of_a_witness(deck, witness)
        witness.search_files()

    assert witness.leaks == set()
    assert {"the file deck/store.db", "/proc/…/cmdline", "/proc/…/environ"} <= witness.looked_at.keys()
    assert witness.looked_at["stderr"] > 1000
    assert (home / "deck" / "state" / COMMANDS_LOG).stat().st_size > 0


@pytest.mark.usefixtures("everything_is_told")
async def test_an_open_window_that_is_killed_leaves_no_trace_of_a_secret(home: Path, canary: Canary) -> None:
    planted: dict[ProviderId, dict[str, str]] = {"paysera": {"client_secret": canary.plant("a secret for the socket")}}
    async with running_deck(home / "deck", passphrase=canary.plant("the passphrase"), fields=planted) as deck:
        assert deck.shell.passphrase_file is not None
        witness = Witness(canary, home, handed_over=[deck.shell.passphrase_file])

        await use_beside_a_window_that_is_killed(deck, witness)

    assert witness.leaks == set()
    assert {"the file deck/store.db-wal", "/proc/…/environ"} <= witness.looked_at.keys()
    assert (home / "deck" / "state" / WINDOW_LOG).stat().st_size > 0


async def add_and_use(deck: Deck, witness: Witness, canary: Canary) -> None:
    """Add connections with secrets from stdin, and have tokens printed in every form."""
    fields, base_url = deck.sandbox.fields, deck.sandbox.base_url
    for provider in ("paysera", "payos"):
        assert witness.hear(deck.shell.add(provider, f"At {provider}", fields[provider], base_url)).code == 0
    token = canary.plant_token("a token of our choice")
    deck.sandbox.inject("paysera", "token", OddToken(token), times=1)
    for form in ("raw", "curl"):
        told = witness.hear(await deck.run("token", "At paysera", "--as", form), but=token)
        assert (told.code, token in told.out) == (0, True), told.err
    told = await deck.run("token", "At payos")
    witness.learn(deck.sandbox)
    assert witness.hear(told, but=told.out.strip()).code == 0
    told = await deck.run("recovery-key")
    key = canary.watch(told.out.strip(), "the recovery key")
    assert witness.hear(told, but=key).code == 0
    deck.sandbox.inject("paysera", "api", repeated(f"Bearer {token}", status=404), times=1)
    assert witness.hear(await deck.run("test", "At paysera", "--json")).code == 1


async def meet_refusals(deck: Deck, witness: Witness, canary: Canary) -> None:
    """Meet providers that repeat the wrong secret that they got, and a vault that does not open."""
    wrong = canary.plant("a wrong secret")
    fields = {"client_id": CLIENT_ID, "client_secret": wrong}
    witness.hear(deck.shell.add("paysera", "Wrong", fields, deck.sandbox.base_url))
    deck.sandbox.inject("paysera", "token", repeated(wrong), times=1)
    assert witness.hear(await deck.run("refresh", "Wrong")).code == 1
    other = deck.shell.home.with_suffix(".other")
    other.write_text(canary.plant("another passphrase"), "utf-8")
    told = await deck.run("--passphrase-file", str(other), "token", "Mine")
    other.unlink()
    assert witness.hear(told).code == 4
    witness.hear(await deck.run("doctor", "--with-names"))


async def sign_in(deck: Deck, witness: Witness, canary: Canary) -> None:
    """Sign in with a browser that is played; what it brings back is as good as a secret until it is redeemed."""
    process = await deck.start("login", "Mine", "--no-browser")
    assert process.stdout is not None
    link = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(trust_env=False) as http:
        address = await decide(http, link)
        canary.watch(parse_qs(urlsplit(address).query)["code"][0], "the code")
        witness.search_processes(process.pid)
        await http.get(address)
    told = await ended(process)
    redeemed = parse_qs(deck.sandbox.received[-1].body.decode())
    canary.watch(redeemed["code_verifier"][0], "the code verifier")
    witness.learn(deck.sandbox)
    assert witness.hear(told).code == 0


async def refresh_in_front_of_a_witness(deck: Deck, witness: Witness) -> None:
    """Spend a rotating refresh token while somebody looks at the process."""
    process, hold = await deck.start_held("token", "Mine", "--fresh", processed=True)
    witness.learn(deck.sandbox)
    witness.search_processes(process.pid)
    witness.search_files()
    hold.release()
    told = await ended(process)
    assert witness.hear(told, but=told.out.strip()).code == 0


async def use_beside_a_window_that_is_killed(deck: Deck, witness: Witness) -> None:
    """Use an open window from shells, add through it, and kill it while it refreshes."""
    window = await deck.open_window()
    fields, base_url = deck.sandbox.fields["paysera"], deck.sandbox.base_url
    assert witness.hear(await asyncio.to_thread(deck.shell.add, "paysera", "Web shop", fields, base_url)).code == 0
    told = await deck.run("token", "Web shop")
    assert witness.hear(told, but=told.out.strip()).code == 0
    shell, _ = await deck.start_held("refresh", "Mine", processed=True)
    witness.learn(deck.sandbox)
    witness.search_processes(window.pid, shell.pid)
    witness.search_files()
    window.kill()
    witness.hear(await ended(shell))
    witness.hear(await ended(window))
    witness.search_files()


@pytest.mark.usefixtures("everything_is_told")
@in_the_windows_loop
async def test_a_person_at_the_window_leaves_no_trace_of_a_secret(stage: Stage, home: Path, canary: Canary) -> None:
    passphrase, right, wrong = (canary.plant(name) for name in ("the passphrase", "the right secret", "a wrong secret"))
    stage.guard = KeyringGuard()  # which finds none, so that a passphrase takes its place
    stage.sandbox = Sandbox(fields={"paysera": {"client_secret": right}})
    async with stage.sandbox, stage.window() as person:
        await choose_passphrase(person, passphrase)
        stage.sandbox.inject("paysera", "token", repeated(wrong), times=1)
        await fill_in(person, stage, "paysera", "Mine", secret="typed by hand")
        person.paste("Client secret", wrong)
        person.press("Test and save")
        await person.until_reading("Paysera Checkout refused the client secret (invalid_client).")
        person.paste("Client secret", right)
        person.press("Test and save")
        await person.until_reading("It works. 200 in ")
        person.press("Close")
        await person.until(lambda: person.row("Mine"))
        await person.until(lambda: person.fact("fingerprint"))
        await person.key("Ctrl+C")
        await person.until_reading("Token copied.")
        person.press("Show the token")
        stage.sandbox.inject("paysera", "api", repeated(f"Bearer {pasted()}", status=404), times=1)
        person.turn_to("Test calls")
        await person.key("Ctrl+Return")
        await person.until_reading("404")
        told = person.reads()
        person.turn_to("Settings")
        await person.key("Ctrl+L")
        await person.until(lambda: person.offers("Unlock"))
        witness = Witness(canary, home)
        witness.learn(stage.sandbox)
        witness.search_files()
    witness.search_files()

    assert canary.found_in(told) == []
    assert witness.leaks == set()
    assert "the file deck/store.db-wal" in witness.looked_at


async def choose_passphrase(person: Person, passphrase: str) -> None:
    """Set the vault up."""
    await person.until_reading("Choose how your secrets are protected")
    person.press("Use a passphrase")
    await person.until(lambda: person.dialog)
    person.paste("Passphrase", passphrase)
    person.paste("Once more", passphrase)
    person.press("I know that nobody can recover it")
    person.press("Protect with this passphrase")
    await person.until_reading("Vault: passphrase")


@pytest.mark.usefixtures("everything_is_told")
def test_a_crash_in_each_room_leaves_no_trace_of_a_secret(home: Path, canary: Canary) -> None:
    given = {"client_secret": canary.plant("the client secret"), "token": canary.plant_token("the token")}
    witness = Witness(canary, home)

    ended = subprocess.run(
        [sys.executable, "-m", "tests.journeys.rooms_on_fire", str(home / "deck")],
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    witness.hear(Result(ended.returncode, ended.stdout, ended.stderr))
    witness.search_files()

    log = (home / "deck" / "state" / WINDOW_LOG).read_text("utf-8")
    assert witness.leaks == set()
    assert (ended.returncode, ended.stdout) == (0, '{"failed": "crash"}\n'), ended.stderr
    assert [name for name in FIRES if f"{name}Fire: cannot make sense of" not in log] == []
    assert "Traceback" in ended.stderr
    assert f"Qt: cannot draw {MASK}" in log
