from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME, HOSTLESS, token_set
from tokendeck.cli.errors import AppFailed, AppSilent, LockedInWindow, OtherVersion
from tokendeck.cli.token_forms import example_request, variable_name
from tokendeck.core.errors import (
    ConfigurationRefused,
    GrantDead,
    KeyLost,
    KeyringChanged,
    KeyringLocked,
    KeyringMissing,
    KeyringMute,
    LifetimeTooShort,
    NetworkStep,
    NoSuchConnection,
    ProviderBusy,
    Unreachable,
    VaultLocked,
    VaultNotSetUp,
)
from tokendeck.core.expiry import Never, NotStated
from tokendeck.core.provider import ClientAuth, ClientAuthMethod, TestCall
from tokendeck.core.secret import Text
from tokendeck.core.template import Template
from tokendeck.core.vault import VaultOpening, VaultShut

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.stage import Stage
    from tokendeck.cli.errors import RunningAppTrouble
    from tokendeck.core.errors import TokendeckError, VaultUnavailable
    from tokendeck.core.expiry import Expiry
    from tokendeck.core.token import TokenSet

TOKEN = "token-of-the-hour"


def comes_to(stage: Stage, error: TokendeckError | Exception) -> None:
    async def answer(_: str) -> TokenSet:
        raise error

    stage.engine.answer = answer


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("raw", TOKEN),
        ("header", f"Authorization: Bearer {TOKEN}"),
        ("curl", f"curl --header 'Authorization: Bearer {TOKEN}' https://api.acme.test/ping"),
        ("env", f"export MY_SHOP_ACCESS_TOKEN={TOKEN}"),
    ],
)
def test_a_token_is_printed_as_asked_for_and_nothing_else(stage: Stage, form: str, printed: str) -> None:
    stage.engine.keep("My shop")

    shown = stage.run("token", "my shop", "--as", form)

    assert (shown.code, shown.out, shown.err) == (0, f"{printed}\n", "")


@pytest.mark.parametrize(
    ("expiry", "expires_at", "source"),
    [
        (None, "2026-11-20T13:00:00Z", "expires_in"),
        (Never("acme"), None, "never"),
        (NotStated(), None, "not_stated"),
    ],
)
def test_a_token_as_json_tells_when_it_ends_and_who_says_so(
    stage: Stage, expiry: Expiry | None, expires_at: str | None, source: str
) -> None:
    async def answer(_: str) -> TokenSet:
        return token_set(stage.clock, TOKEN, expiry)

    stage.engine.keep("shop")
    stage.engine.answer = answer

    shown = stage.run("token", "shop", "--as", "json")

    assert shown.out.count("\n") == 1
    assert json.loads(shown.out) == {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_at": expires_at,
        "expiry_source": source,
        "scope": "profile email",
    }


def test_a_scope_that_the_answer_did_not_name_is_null(stage: Stage) -> None:
    async def answer(_: str) -> TokenSet:
        tokens = token_set(stage.clock)
        return replace(tokens, facts=replace(tokens.facts, scope=None))

    stage.engine.keep("shop")
    stage.engine.answer = answer

    assert json.loads(stage.run("token", "shop", "--as", "json").out)["scope"] is None


def test_min_valid_and_fresh_reach_the_engine(stage: Stage) -> None:
    stage.engine.keep("shop")

    stage.run("token", "shop")
    stage.run("token", "shop", "--min-valid", "90", "--fresh")

    assert stage.engine.asked == [
        ("token", "id-of-shop", None, False),
        ("token", "id-of-shop", timedelta(seconds=90), True),
    ]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GrantDead(code="invalid_grant"), 1),
        (ConfigurationRefused(status=401, code="invalid_client", words="Invalid client credentials"), 1),
        (LifetimeTooShort(timedelta(hours=2), timedelta(hours=1)), 1),
        (Unreachable("api.acme.test", NetworkStep.CONNECT), 3),
        (ProviderBusy(status=503), 3),
        (VaultLocked(), 4),
    ],
)
def test_a_token_that_is_not_to_be_had_leaves_stdout_empty(stage: Stage, error: TokendeckError, code: int) -> None:
    stage.engine.keep("shop")
    comes_to(stage, error)

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out) == (code, "")
    assert shown.err.strip()
    assert stage.engine.drained


def test_the_providers_own_words_are_passed_on(stage: Stage) -> None:
    stage.engine.keep("shop")
    comes_to(stage, ConfigurationRefused(status=401, code="invalid_client", words="Invalid client credentials"))

    assert "Invalid client credentials" in stage.run("token", "shop").err


@pytest.mark.parametrize("state", [VaultShut(VaultLocked()), VaultShut(KeyringMute("Secret Service")), VaultOpening()])
@pytest.mark.parametrize("argv", [["token", "shop"], ["test", "shop"], ["refresh", "shop"], ["refresh", "--all"]])
def test_a_vault_that_stays_shut_is_exit_code_4(stage: Stage, argv: list[str], state: VaultShut | VaultOpening) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = state

    shown = stage.run(*argv)

    assert (shown.code, shown.out) == (4, "")
    assert stage.engine.asked == []


@pytest.mark.parametrize(
    "why",
    [VaultLocked(), VaultNotSetUp(KeyringMissing()), VaultNotSetUp(KeyringLocked()), VaultNotSetUp(KeyringMute())],
)
def test_where_a_passphrase_would_help_its_option_is_named(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(why)

    assert "--passphrase-file" in stage.run("token", "shop").err


@pytest.mark.parametrize(
    "why", [KeyringMissing(), KeyringLocked(), KeyringMute(), KeyringChanged("Keychain", "KWallet"), KeyLost()]
)
def test_no_passphrase_is_spoken_of_where_a_vault_is_kept_by_a_keyring(stage: Stage, why: VaultUnavailable) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(why)

    assert "passphrase" not in stage.run("token", "shop").err


@pytest.mark.parametrize("argv", [["token", "ship"], ["test", "ship"], ["refresh", "ship"], ["remove", "ship"]])
def test_an_unknown_name_is_exit_code_5_and_near_ones_are_named(stage: Stage, argv: list[str]) -> None:
    stage.engine.keep("shop")

    shown = stage.run(*argv)

    assert (shown.code, shown.out) == (5, "")
    assert "shop" in shown.err


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("paysera", "PAYSERA_ACCESS_TOKEN"),
        ("Paysera (live)", "PAYSERA_LIVE_ACCESS_TOKEN"),
        ("café-3", "CAFE_3_ACCESS_TOKEN"),
        ("3rd party", "_3RD_PARTY_ACCESS_TOKEN"),
        ("商店", "TOKENDECK_ACCESS_TOKEN"),
    ],
)
def test_a_variable_is_named_after_its_connection(name: str, variable: str) -> None:
    assert variable_name(name) == variable


def test_a_token_that_a_shell_would_read_is_quoted(stage: Stage) -> None:
    async def answer(_: str) -> TokenSet:
        return token_set(stage.clock, "a'b$(c)`d`;e")

    stage.engine.keep("shop")
    stage.engine.answer = answer

    env, curl = stage.run("token", "shop", "--as", "env").out, stage.run("token", "shop", "--as", "curl").out

    assert shlex.split(env) == ["export", "SHOP_ACCESS_TOKEN=a'b$(c)`d`;e"]
    assert shlex.split(curl)[2] == "Authorization: Bearer a'b$(c)`d`;e"


def test_curl_leaves_room_for_the_certificate_that_a_token_is_bound_to(stage: Stage) -> None:
    auth = ClientAuth(
        ClientAuthMethod.TLS, certificate=Template.parse("{certificate}"), password=Template.parse("{key}")
    )
    grant = replace(ACME.grants[-1], mint=replace(ACME.grants[-1].mint, client_auth=auth))
    bound = replace(ACME, grants=(grant,))
    stage.shelf.shelved = (bound,)
    stage.engine.keep("shop", bound)

    shown = stage.run("token", "shop", "--as", "curl")

    assert shlex.split(shown.out)[:5] == ["curl", "--cert", "CERTIFICATE.pem", "--key", "KEY.pem"]


def test_curl_goes_to_the_base_url_where_no_call_is_documented(stage: Stage) -> None:
    stage.engine.keep("shop", HOSTLESS, values={"base_url": "https://shop.example.test/", "merchantId": "7"})

    shown = stage.run("token", "shop", "--as", "curl")

    assert shlex.split(shown.out)[-1] == "https://shop.example.test"


def test_curl_names_another_method_than_get_and_passes_over_calls_that_need_a_secret(stage: Stage) -> None:
    calls = (
        TestCall(
            "signed", "Signed", "GET", Template.parse("{base_url}/ping"), {"X": Template.parse("{client_secret}")}
        ),
        TestCall("post", "Post", "POST", Template.parse("{base_url}/ping"), {"Accept": Template.parse("text/plain")}),
    )
    stage.shelf.shelved = (replace(ACME, test_calls=calls),)
    stage.engine.keep("shop")

    shown = stage.run("token", "shop", "--as", "curl")

    assert shlex.split(shown.out) == [
        *("curl", "--request", "POST", "--header", "Accept: text/plain"),
        *("--header", f"Authorization: Bearer {TOKEN}", "https://api.acme.test/ping"),
    ]


def test_curl_goes_to_the_token_endpoints_origin_where_there_is_no_base_url_at_all(stage: Stage) -> None:
    grant = replace(ACME.grants[-1], mint=replace(ACME.grants[-1].mint, url=Template.parse("https://auth.acme.test/t")))
    fixed = replace(ACME, environments=(replace(ACME.environments[0], base_urls={}),), grants=(grant,), test_calls=())
    connection = replace(stage.engine.keep("shop", fixed), environment="elsewhere")

    request = example_request(fixed, connection, token_set(stage.clock))

    assert request.url == "https://auth.acme.test:443"
    assert isinstance(request.headers["Authorization"], Text)


@pytest.mark.parametrize("command", ["token", "refresh", "test"])
def test_a_connection_that_was_removed_meanwhile_is_told_by_its_name(stage: Stage, command: str) -> None:
    stage.engine.keep("Shop")
    comes_to(stage, NoSuchConnection("id-of-shop"))
    stage.engine.verdicts.append(NoSuchConnection("id-of-shop"))

    shown = stage.run(command, "SHOP")

    assert (shown.code, shown.out) == (5, "")
    assert shown.err.endswith("There is no connection called “Shop”.\n")


def test_an_unforeseen_error_is_a_sentence_and_no_traceback(
    stage: Stage, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("tokendeck.cli.session", "ended by an error")
    stage.engine.keep("shop")
    comes_to(stage, ZeroDivisionError("never shown"))

    plain, debugged = stage.run("token", "shop"), stage.run("token", "shop", "--debug")

    assert (plain.code, plain.out) == (1, "")
    assert "--debug" in plain.err
    assert "Traceback" not in plain.err
    assert "ZeroDivisionError" not in plain.err
    assert "Traceback" in debugged.err
    assert "ZeroDivisionError: never shown" in debugged.err


def test_a_window_that_is_locked_is_told_without_advice_that_would_not_help(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.vault = VaultShut(LockedInWindow())

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out) == (4, "")
    assert shown.err == "Tokendeck is locked. Unlock it in its window, then repeat the command.\n"


@pytest.mark.parametrize(("error", "code"), [(AppSilent(), 3), (OtherVersion(), 1), (AppFailed(), 1)])
def test_what_is_wrong_with_a_running_app_is_told_in_a_sentence(
    stage: Stage, error: RunningAppTrouble, code: int
) -> None:
    stage.engine.keep("shop")
    comes_to(stage, error)

    shown = stage.run("token", "shop")

    assert (shown.code, shown.out, shown.err) == (code, "", f"{error.sentence}\n")
