"""One command line beside a running app, over a real socket."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.fake_door import KEPT_AS, RECOVERY_KEY
from tests.cli.samples import ACME, VAULT, token_set
from tokendeck.cli.errors import AppFailed, LockedInWindow
from tokendeck.core.errors import (
    ConfigurationRefused,
    ConfirmationNeeded,
    KeyLost,
    KeyringLocked,
    KeyringMute,
    NameTaken,
    VaultLocked,
)
from tokendeck.core.secret import Secret
from tokendeck.core.vault import Guard, VaultOpen, VaultOpening, VaultShut
from tokendeck.core.verdict import Step, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.canary import Canary
    from tests.cli.fake_engine import FakeEngine
    from tests.cli.running.open_app import OpenApp
    from tokendeck.core.token import TokenSet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no local socket on Windows")


def comes_to(engine: FakeEngine, error: Exception) -> None:
    async def answer(_: str) -> TokenSet:
        raise error

    engine.answer = answer


async def test_a_token_comes_from_the_running_app(app: OpenApp, canary: Canary) -> None:
    connection = app.engine.keep("shop")
    secret = canary.plant_token("access token")

    async def answer(_: str) -> TokenSet:
        tokens = token_set(app.clock, secret)
        return replace(tokens, refresh_token=Secret("stays where it is"))

    app.engine.answer = answer
    state = await app.shared.unlock()
    tokens = await app.shared.token(connection.id, min_valid=timedelta(seconds=90), fresh=True)

    assert isinstance(state, VaultOpen)
    assert tokens == token_set(app.clock, secret)
    assert tokens.refresh_token is None
    assert app.engine.asked == [("token", connection.id, timedelta(seconds=90), True)]
    assert app.alone.asked == []


async def test_a_refresh_is_the_running_apps_and_brings_no_token_along(app: OpenApp) -> None:
    connection = app.engine.keep("shop")

    await app.shared.unlock()
    tokens = await app.shared.refresh(connection.id)

    assert tokens.facts == token_set(app.clock).facts
    assert not tokens.access_token
    assert app.engine.asked == [("refresh", connection.id)]


async def test_a_verdict_comes_without_the_answers_body(app: OpenApp) -> None:
    connection = app.engine.keep("shop")
    verdict = Verdict(VerdictKind.WORKS, Step.DONE, call="ping", status=200, latency_ms=12.5, body="{}" * 10_000)
    app.engine.verdicts = [verdict]

    await app.shared.unlock()
    told = await app.shared.test(connection.id, "ping", confirmed=True)

    assert told == replace(verdict, body="")
    assert app.engine.asked == [("test", connection.id, "ping", True)]


async def test_a_connection_is_added_by_the_running_app(app: OpenApp) -> None:
    connection = replace(app.engine.keep("shop"), id="new", name="new", tags=("a",))

    await app.shared.unlock()
    await app.shared.add(connection, {"client_secret": Secret("s" * 16384)})

    assert app.engine.kept["new"].connection == connection
    assert app.engine.secrets["new"] == {"client_secret": Secret("s" * 16384)}
    assert app.alone.secrets == {}


async def test_an_origin_is_confirmed_in_the_running_app(app: OpenApp) -> None:
    connection = app.engine.keep("shop")

    await app.shared.unlock()
    await app.shared.confirm(connection.id, ("https://elsewhere.acme.test:443",))

    kept = app.engine.kept[connection.id].connection
    assert kept == replace(connection, confirmed_origins=("https://elsewhere.acme.test:443",))
    assert not app.alone.unlocked


async def test_what_is_read_is_read_here(app: OpenApp) -> None:
    connection = app.alone.keep("shop")

    await app.shared.unlock()

    assert [record.connection for record in app.shared.records()] == [connection]
    assert app.shared.find("shop").connection == connection
    assert app.shared.provider(connection) == ACME
    assert app.shared.grant(connection) == ACME.grants[-1]
    await app.shared.delete(connection.id, revoke=False)
    assert app.alone.records() == ()


@pytest.mark.parametrize(
    "error",
    [
        ConfigurationRefused(status=401, code="invalid_client", words="Invalid client credentials"),
        ConfirmationNeeded("live", "This one pays."),
        NameTaken("shop"),
    ],
)
async def test_the_apps_error_is_the_command_lines(app: OpenApp, error: Exception) -> None:
    connection = app.engine.keep("shop")
    app.engine.verdicts = [error]

    await app.shared.unlock()
    with pytest.raises(type(error)) as raised:
        await app.shared.test(connection.id)

    assert vars(raised.value) == vars(error)


async def test_without_an_app_everything_is_done_here(closed_app: OpenApp) -> None:
    connection = closed_app.alone.keep("shop")

    state = await closed_app.shared.unlock()
    await closed_app.shared.token(connection.id)
    await closed_app.shared.refresh(connection.id)
    await closed_app.shared.test(connection.id)
    await closed_app.shared.add(replace(connection, id="new"), {})
    await closed_app.shared.confirm("new", ())

    assert isinstance(state, VaultOpen)
    assert [asked[0] for asked in closed_app.alone.asked] == ["token", "refresh", "test"]
    assert "new" in closed_app.alone.secrets


async def test_without_an_app_the_passphrase_opens_the_vault_here(closed_app: OpenApp) -> None:
    await closed_app.shared.unlock_with_passphrase(Secret("horse"))

    assert closed_app.alone.passphrase == Secret("horse")


async def test_a_vault_that_the_app_holds_open_needs_no_passphrase(app: OpenApp) -> None:
    state = await app.shared.unlock_with_passphrase(Secret("horse"))

    assert isinstance(state, VaultOpen)
    assert app.engine.passphrase is None
    assert app.alone.passphrase is None


async def test_a_vault_locked_in_the_app_stays_locked_whatever_is_given_here(app: OpenApp) -> None:
    app.engine.vault = VaultShut(VaultLocked())

    states = [await app.shared.unlock(), await app.shared.unlock_with_passphrase(Secret("horse"))]

    for state in states:
        assert isinstance(state, VaultShut)
        assert isinstance(state.why, LockedInWindow)
        assert state.why.exit_code == 4
    assert app.alone.passphrase is None


@pytest.mark.parametrize("ask", ["token", "refresh", "test", "add"])
async def test_an_app_locked_meanwhile_gives_nothing_more(app: OpenApp, ask: str) -> None:
    connection = app.engine.keep("shop")
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "token": lambda: app.shared.token(connection.id),
        "refresh": lambda: app.shared.refresh(connection.id),
        "test": lambda: app.shared.test(connection.id),
        "add": lambda: app.shared.add(connection, {}),
    }
    await app.shared.unlock()
    app.engine.vault = VaultShut(VaultLocked())

    with pytest.raises(LockedInWindow):
        await calls[ask]()

    assert app.engine.asked == []


async def test_a_vault_that_the_app_could_not_open_is_tried_here(app: OpenApp) -> None:
    connection = app.alone.keep("shop")
    app.engine.vault = VaultShut(KeyringLocked("KWallet"))

    state = await app.shared.unlock()
    await app.shared.token(connection.id)

    assert isinstance(state, VaultOpen)
    assert len(app.alone.asked) == 1


async def test_a_recovery_key_is_made_by_the_app_that_has_the_vault_open(app: OpenApp) -> None:
    await app.shared.unlock()

    made = await app.shared.door.make_recovery_key()

    assert made == Secret(RECOVERY_KEY)
    assert app.engine.door.recovery_key == made
    assert app.alone.door.recovery_key is None


async def test_a_passphrase_is_chosen_in_the_app_that_has_the_vault_open(app: OpenApp) -> None:
    await app.shared.unlock()

    state = await app.shared.door.protect_with_passphrase(Secret("horse"))

    assert state == VaultOpen(Guard.PASSPHRASE, "")
    assert app.engine.door.passphrase == Secret("horse")
    assert app.alone.door.passphrase is None


async def test_without_an_app_recovery_key_and_passphrase_are_this_processs_own(closed_app: OpenApp) -> None:
    await closed_app.shared.unlock()

    made = await closed_app.shared.door.make_recovery_key()
    await closed_app.shared.door.protect_with_passphrase(Secret("horse"))

    assert made == Secret(RECOVERY_KEY)
    assert await closed_app.shared.door.has_recovery_key()
    assert closed_app.alone.door.passphrase == Secret("horse")


async def test_a_vault_that_the_app_holds_open_needs_no_recovery_key(app: OpenApp) -> None:
    state = await app.shared.door.open_with_recovery_key(Secret("anything"))

    assert isinstance(state, VaultOpen)
    assert not app.alone.unlocked


async def test_a_recovery_key_opens_the_vault_here_where_no_app_runs(closed_app: OpenApp) -> None:
    closed_app.alone.vault = VaultShut(KeyLost("KWallet"))

    state = await closed_app.shared.door.open_with_recovery_key(Secret(RECOVERY_KEY))

    assert isinstance(state, VaultOpen)
    assert closed_app.alone.unlocked


async def test_a_new_vault_is_started_by_the_app_that_has_the_old_one_open(app: OpenApp) -> None:
    app.engine.keep("shop")
    app.engine.vault = VaultShut(KeyLost("KWallet"))

    kept_as = await app.shared.door.start_anew()

    assert kept_as == KEPT_AS
    assert app.engine.asked == [("start_anew",)]
    assert app.alone.asked == []


async def test_a_new_vault_is_started_here_where_no_app_runs(closed_app: OpenApp) -> None:
    closed_app.alone.vault = VaultShut(KeyLost("KWallet"))

    kept_as = await closed_app.shared.door.start_anew()

    assert kept_as == KEPT_AS


async def test_no_vault_is_set_aside_that_a_person_locked_in_the_app(app: OpenApp) -> None:
    app.engine.vault = VaultShut(VaultLocked())

    with pytest.raises(LockedInWindow):
        await app.shared.door.start_anew()

    assert app.engine.asked == []


async def test_an_app_that_is_starting_is_waited_for(app: OpenApp) -> None:
    app.begun.clear()
    app.engine.vault = VaultShut(VaultLocked())

    asking = asyncio.create_task(app.shared.unlock())
    await app.client.ask("hello", {})
    assert not asking.done()
    app.engine.vault = VAULT
    app.begun.set()

    assert isinstance(await asking, VaultOpen)


async def test_a_vault_that_is_being_opened_is_waited_for(app: OpenApp) -> None:
    app.engine.seen_as = VaultOpening()

    assert await app.shared.unlock() == VAULT


async def test_a_vault_that_stays_mute_is_not_asked_for_tokens(app: OpenApp) -> None:
    connection = app.engine.keep("shop")
    app.engine.vault = VaultOpening()

    with pytest.raises(KeyringMute):
        await app.client.ask("token", {"id": connection.id, "min_valid": None, "fresh": False})
    assert app.engine.asked == []


async def test_an_unforeseen_error_in_the_app_is_its_own_and_its_log_says_so(
    app: OpenApp, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.cli.running.answers", "failed")
    connection = app.engine.keep("shop")
    comes_to(app.engine, ZeroDivisionError("never told"))
    await app.shared.unlock()

    with pytest.raises(AppFailed):
        await app.shared.token(connection.id)
    assert await app.client.ask("hello", {}) is None
