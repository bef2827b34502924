from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME
from tokendeck.core.errors import DescriptorError
from tokendeck.core.provider import Field
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from tests.canary import Canary
    from tests.cli.stage import Stage
    from tokendeck.core.connection import Connection

ADD = ("add", "acme", "My shop")
SECRETS = ("--secrets-from", "-")


def only(stage: Stage) -> tuple[Connection, dict[str, str]]:
    """Give the one connection that was saved, and its secrets in clear."""
    (record,) = stage.engine.records()
    secrets = stage.engine.secrets[record.connection.id]
    return record.connection, {key: secret.reveal() for key, secret in secrets.items()}


def test_a_connection_is_saved_with_the_first_environment_and_the_first_grant_that_needs_no_person(
    stage: Stage,
) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", *SECRETS, stdin="client_secret=hunter2\n")

    connection, secrets = only(stage)
    assert shown.code == 0
    assert (connection.name, connection.provider, connection.environment) == ("My shop", "acme", "production")
    assert connection.grant == "client_credentials"
    assert connection.values == {"client_id": "me"}
    assert secrets == {"client_secret": "hunter2"}
    assert connection.created_at == stage.clock.wall
    assert connection.confirmed_origins == ("https://api.acme.test:443",)


def test_nothing_is_on_stdout_and_the_next_command_is_named(stage: Stage) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", *SECRETS, stdin="client_secret=hunter2")

    assert shown.out == ""
    assert "api.acme.test" in shown.err
    assert "tokendeck test 'My shop'" in shown.err


def test_a_secret_typed_as_a_setting_is_refused_with_the_way_to_do_it(stage: Stage) -> None:
    shown = stage.run(*ADD, "--set", "client-SECRET=hunter2")

    assert shown.code == 2
    assert "--secrets-from" in shown.err
    assert "hunter2" not in shown.err
    assert stage.engine.records() == ()


@pytest.mark.promise(1)
def test_no_secret_is_shown_whatever_is_wrong_beside_it(stage: Stage, canary: Canary) -> None:
    secret = canary.plant_token("client secret")
    stage.environ["TOKENDECK_DEBUG"] = "1"

    shown = [
        stage.run(*ADD, *SECRETS, stdin=f"client_secret={secret}"),
        stage.run(*ADD, *SECRETS, stdin=f"client_secret='{secret}"),
        stage.run(*ADD, *SECRETS, stdin=f'{{"client_secret": "{secret}"'),
        stage.run(*ADD, *SECRETS, stdin=f"{secret}"),
        stage.run(*ADD, *SECRETS, stdin=f"{secret}=="),
        stage.run(*ADD, "--set", f"client_secret={secret}"),
        stage.run(*ADD, "--set", secret),
        stage.run(*ADD, "--set", "client_id=me", *SECRETS, stdin=f"client_secret={secret}"),
    ]

    assert [one.code for one in shown] == [2, 2, 2, 2, 2, 2, 2, 0]
    assert [canary.found_in(one.out + one.err) for one in shown] == [[]] * 8


@pytest.mark.parametrize("typed", ["client_id", "clientId", "CLIENT-ID"])
def test_a_field_is_found_without_regard_to_case_and_joints(stage: Stage, typed: str) -> None:
    stage.run(*ADD, "--set", f"{typed}=me", *SECRETS, stdin="ClientSecret=hunter2")

    connection, secrets = only(stage)
    assert connection.values == {"client_id": "me"}
    assert secrets == {"client_secret": "hunter2"}


def test_a_json_object_fills_fields_of_every_kind_and_settings_win_over_it(stage: Stage) -> None:
    given = json.dumps({"client_id": "from the file", "client_secret": "hunter2", "scope": "read"})

    stage.run(*ADD, "--set", "client_id=typed", *SECRETS, stdin=given)

    connection, secrets = only(stage)
    assert connection.values == {"client_id": "typed", "scope": "read"}
    assert secrets == {"client_secret": "hunter2"}


def test_secrets_are_read_from_a_file(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "acme.env"
    file.write_text("export client_secret='hunter 2'\n")

    shown = stage.run(*ADD, "--set", "client_id=me", "--secrets-from", str(file))

    assert shown.code == 0
    assert only(stage)[1] == {"client_secret": "hunter 2"}


@pytest.mark.parametrize("argv", [(), SECRETS])
def test_a_person_is_asked_for_a_missing_secret_unseen(stage: Stage, argv: tuple[str, ...]) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", *argv, person=True, hidden=(" hunter2 ",))

    assert shown.code == 0
    assert stage.asked_for == ["Client secret: "]
    assert only(stage)[1] == {"client_secret": "hunter2"}


def test_an_empty_answer_saves_nothing(stage: Stage) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", person=True, hidden=("",))

    assert shown.code == 2
    assert "client_secret" in shown.err
    assert stage.engine.records() == ()


def test_a_person_is_not_asked_for_secrets_while_something_else_is_wrong(stage: Stage) -> None:
    shown = stage.run(*ADD, person=True)

    assert shown.code == 2
    assert "client_id" in shown.err
    assert "--set" in shown.err
    assert stage.asked_for == []


def test_without_a_person_everything_missing_is_named_at_once(stage: Stage) -> None:
    shown = stage.run(*ADD)

    assert shown.code == 2
    assert "client_id" in shown.err
    assert "client_secret" in shown.err
    assert "--secrets-from" in shown.err
    assert not stage.engine.unlocked


@pytest.mark.parametrize("given", ["client_secret=caf\xe9".encode("latin-1"), "client_secret=caf\udce9"])
def test_input_in_another_encoding_is_a_usage_error(stage: Stage, given: str | bytes) -> None:
    shown = stage.run(*ADD, *SECRETS, stdin=given)

    assert shown.code == 2
    assert "encoding" in shown.err


@pytest.mark.parametrize(("name", "typed"), [("-dash", "-- -dash"), ("My shop", "'My shop'")])
def test_the_command_to_go_on_with_can_be_pasted(stage: Stage, name: str, typed: str) -> None:
    shown = stage.run("add", "acme", "--set", "client_id=me", *SECRETS, "--", name, stdin="client_secret=hunter2")

    assert shown.err.endswith(f"tokendeck test {typed}\n")


@pytest.mark.parametrize("given", ["client_secret=hunter2", '{"client_secret": "hunter2"}'])
def test_the_mark_that_windows_editors_put_first_is_no_part_of_the_input(stage: Stage, given: str) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", *SECRETS, stdin=f"\ufeff{given}\r\n")

    assert shown.code == 0
    assert only(stage)[1] == {"client_secret": "hunter2"}


def test_base_url_moves_every_url_and_is_what_its_user_confirmed(stage: Stage) -> None:
    moved = ("--set", "base_url=http://127.0.0.1:8080")

    stage.run(*ADD, "--set", "client_id=me", *moved, *SECRETS, stdin="client_secret=hunter2")

    connection, _ = only(stage)
    assert connection.overrides == {"base_url": "http://127.0.0.1:8080"}
    assert connection.confirmed_origins == ("http://127.0.0.1:8080",)


@pytest.mark.parametrize("value", ["", " ", "https://test.acme.test/?tenant=1"])
def test_a_base_url_that_moves_nothing_is_refused_instead_of_meaning_production(stage: Stage, value: str) -> None:
    refused = stage.run(*ADD, "--set", "client_id=me", "--set", f"base_url={value}", *SECRETS, stdin="client_secret=x")

    assert refused.code == 2
    assert "base" in refused.err.lower()
    assert stage.engine.records() == ()


def test_base_url_is_a_field_where_the_provider_has_such_a_field(stage: Stage) -> None:
    typed = ("--set", "base-url=https://shop.example.test", "--set", "merchant_id=7")

    shown = stage.run("add", "Hostless", "h", *typed, *SECRETS, stdin="client_secret=hunter2")

    connection, _ = only(stage)
    assert shown.code == 0
    assert connection.values == {"base_url": "https://shop.example.test", "merchantId": "7"}
    assert connection.overrides == {}
    assert connection.confirmed_origins == ("https://shop.example.test:443",)


@pytest.mark.parametrize("url", ["http://api.example.test", "ftp://127.0.0.1", "https://user@host.test", "nonsense"])
def test_a_url_that_nothing_is_sent_to_is_refused(stage: Stage, url: str) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", "--set", f"base_url={url}", *SECRETS, stdin="client_secret=x")

    assert shown.code == 2
    assert stage.engine.records() == ()


def test_a_dotted_key_overrides_the_descriptor(stage: Stage) -> None:
    stage.run(*ADD, "--set", "client_id=me", "--set", "renewal.lead=60", *SECRETS, stdin="client_secret=hunter2")

    assert only(stage)[0].overrides == {"renewal.lead": "60"}


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "key",
    [
        "grants.client_credentials.parameters.client_secret",
        "parameters.api-key",
        "headers.Authorization",
        "test_calls.ping.headers.X-Api-Token",
        "client_auth.password",
    ],
)
def test_an_override_that_would_hold_a_secret_is_refused_with_the_way_to_do_it(stage: Stage, key: str) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", "--set", f"{key}=hunter2", *SECRETS, stdin="client_secret=x")

    assert shown.code == 2
    assert f"--set {key}={{client_secret}}" in shown.err
    assert "--secrets-from" in shown.err
    assert "hunter2" not in shown.err
    assert stage.engine.records() == ()


def test_an_override_that_only_names_a_secret_is_no_secret(stage: Stage) -> None:
    stage.run(*ADD, "--set", "client_id=me", "--set", "renewal.lead=60", *SECRETS, stdin="client_secret=x")
    for key, value in (
        ("parameters.client_secret", "{client_secret}"),
        ("headers.Authorization", "Bearer {client_secret}"),
        ("answer.access_token", "data.token"),
        ("parameters.grant_type", "password"),
    ):
        shown = stage.run(*ADD, "--set", "client_id=me", "--set", f"{key}={value}", *SECRETS, stdin="client_secret=x")

        assert f"at {key}, expected" in shown.err  # the test's catalog knows one override; it was asked


def test_a_dotted_key_that_descriptors_do_not_have_is_refused(stage: Stage) -> None:
    shown = stage.run(*ADD, "--set", "client_id=me", "--set", "renewal.led=60", *SECRETS, stdin="client_secret=x")

    assert shown.code == 2
    assert "renewal.led" in shown.err


@pytest.mark.parametrize(
    ("argv", "stdin"), [(("--set", "client_idd=me"), "client_secret=x"), ((), "client_idd=me\nclient_secret=x")]
)
def test_an_unknown_field_is_refused_with_the_fields_there_are(stage: Stage, argv: tuple[str, ...], stdin: str) -> None:
    shown = stage.run(*ADD, *argv, *SECRETS, stdin=stdin)

    assert shown.code == 2
    assert "client_id, client_secret, scope" in shown.err


def test_an_environment_is_chosen_in_any_case_of_letters(stage: Stage) -> None:
    stage.run(*ADD, "--environment", "Sandbox", "--set", "client_id=me", *SECRETS, stdin="client_secret=x")

    connection, _ = only(stage)
    assert connection.environment == "sandbox"
    assert connection.confirmed_origins == ("https://sandbox.acme.test:443",)


def test_an_environment_of_ones_own_needs_a_base_url(stage: Stage) -> None:
    argv = (*ADD, "--environment", "Our test", "--set", "client_id=me", *SECRETS)

    without = stage.run(*argv, stdin="client_secret=x")
    with_one = stage.run(*argv, "--set", "base_url=https://test.acme.test", stdin="client_secret=x")

    assert without.code == 2
    assert "production, sandbox" in without.err
    assert "--set base_url=" in without.err
    assert with_one.code == 0
    assert only(stage)[0].environment == "Our test"


def test_a_grant_that_is_not_there_is_refused_with_those_that_are(stage: Stage) -> None:
    shown = stage.run("add", "acme", "shop", "--grant", "password")

    assert shown.code == 2
    assert "authorization_code, client_credentials" in shown.err


@pytest.mark.parametrize(
    ("provider", "argv"), [("personal", ()), ("acme", ("--grant", "authorization_code"))], ids=["only one", "chosen"]
)
def test_a_connection_that_a_person_signs_in_to_is_saved_with_the_way_on(
    stage: Stage, provider: str, argv: tuple[str, ...]
) -> None:
    shown = stage.run("add", provider, *argv, "--set", "client_id=me", *SECRETS, "--", "-shop", stdin="client_secret=x")

    assert shown.code == 0
    assert only(stage)[0].grant == "authorization_code"
    assert "To sign in: tokendeck login -- -shop" in shown.err


def test_a_grant_is_chosen_in_any_case_of_letters(stage: Stage) -> None:
    argv = (*ADD, "--grant", "Client_Credentials", "--set", "client_id=me", *SECRETS)

    assert stage.run(*argv, stdin="client_secret=x").code == 0


def test_an_unknown_provider_is_told_with_the_files_that_could_not_be_read(stage: Stage) -> None:
    stage.program.problems = (DescriptorError("mine.toml", "grants", "a table"),)

    shown = stage.run("add", "mine", "shop")

    assert shown.code == 2
    assert "acme" in shown.err
    assert "mine.toml" in shown.err


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 301, "caf\udce9", "\u202egnp"])
def test_a_name_that_no_list_could_show_is_refused(stage: Stage, name: str) -> None:
    shown = stage.run("add", "acme", name, "--set", "client_id=me", *SECRETS, stdin="client_secret=x")

    assert shown.code == 2
    assert "one line of plain text" in shown.err


def test_two_spellings_of_one_name_are_one_name(stage: Stage) -> None:
    composed, decomposed = "Caf\u00e9", "Cafe\u0301"
    kept = stage.run("add", "acme", decomposed, "--set", "client_id=me", *SECRETS, stdin="client_secret=x")

    again = stage.run("add", "acme", composed, "--set", "client_id=me", *SECRETS, stdin="client_secret=x")

    assert (kept.code, again.code) == (0, 2)
    assert [record.connection.name for record in stage.engine.records()] == [composed]


def test_a_name_that_is_taken_is_refused_before_a_secret_is_asked_for(stage: Stage) -> None:
    stage.engine.keep("my SHOP")

    shown = stage.run(*ADD, "--set", "client_id=me", person=True)

    assert shown.code == 2
    assert "My shop" in shown.err
    assert stage.asked_for == []


def test_tags_are_kept_once_each_in_the_order_typed(stage: Stage) -> None:
    tags = ("--tag", "live", "--tag", " eu ", "--tag", "live")

    stage.run(*ADD, "--set", "client_id=me", *tags, *SECRETS, stdin="client_secret=x")

    assert only(stage)[0].tags == ("live", "eu")


def test_a_passphrase_file_opens_the_vault(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")

    shown = stage.run(*ADD, "--set", "client_id=me", *SECRETS, "--passphrase-file", str(file), stdin="client_secret=x")

    assert shown.code == 0
    assert stage.engine.passphrase == Secret("correct horse")


def test_fields_that_fold_to_one_key_must_be_spelled_exactly(stage: Stage) -> None:
    twins = (*ACME.fields, Field("clientId", "Other id", required=False))
    stage.shelf.shelved = (replace(ACME, fields=twins),)

    exact = stage.run(*ADD, "--set", "clientId=a", "--set", "client_id=b", *SECRETS, stdin="client_secret=x")
    folded = stage.run("add", "acme", "other", "--set", "CLIENTID=a")

    assert exact.code == 0
    assert only(stage)[0].values == {"clientId": "a", "client_id": "b"}
    assert folded.code == 2
