from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.cli.samples import ACME, EVERY_USE, HOSTLESS, token_set
from tokendeck.core.connection import ConnectionRecord, Trouble, TroubleKind
from tokendeck.core.diagnosis import Finding, Inspected
from tokendeck.core.errors import DescriptorError, StoreDamaged, VaultLocked
from tokendeck.core.expiry import At, Expiry, ExpirySource, Never, NotStated
from tokendeck.core.vault import VaultShut

if TYPE_CHECKING:
    from tests.cli.stage import Stage


def test_connections_are_listed_by_name_whatever_the_case_and_without_unlocking(stage: Stage) -> None:
    for name in ("beta", "Alpha", "gamma"):
        stage.engine.keep(name)
    stage.engine.vault = VaultShut(VaultLocked())

    shown = stage.run("list")

    lines = shown.out.splitlines()
    assert shown.code == 0
    assert lines[0].split() == ["NAME", "PROVIDER", "ENVIRONMENT", "STATE", "TOKEN"]
    assert [line.split()[0] for line in lines[1:]] == ["Alpha", "beta", "gamma"]
    assert "Acme Pay" in lines[1]
    assert not stage.engine.unlocked


def test_an_empty_list_says_what_to_do(stage: Stage) -> None:
    shown, for_programs = stage.run("list"), stage.run("list", "--json")

    assert (shown.code, shown.out) == (0, "")
    assert "tokendeck providers" in shown.err
    assert json.loads(for_programs.out) == []


@pytest.mark.parametrize(
    ("expiry", "expires_at", "source"),
    [
        (None, "2026-11-20T13:00:00Z", "expires_in"),
        (Never("acme"), None, "never"),
        (NotStated(), None, "not_stated"),
    ],
)
def test_programs_read_when_a_token_ends_and_who_says_so(
    stage: Stage, expiry: Expiry | None, expires_at: str | None, source: str
) -> None:
    stage.engine.keep("shop", token=token_set(stage.clock, expiry=expiry).facts)

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row == {
        "name": "shop",
        "provider": "acme",
        "environment": "production",
        "status": "live",
        "expires_at": expires_at,
        "expiry_source": source,
        "last_error": None,
        "tags": [],
    }


def test_a_moment_between_seconds_is_never_given_later_than_it_is(stage: Stage) -> None:
    ends = At(stage.clock.wall + timedelta(seconds=59.9), ExpirySource.JWT)
    stage.engine.keep("shop", token=token_set(stage.clock, expiry=ends).facts)

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row["expires_at"] == "2026-11-20T12:00:59Z"


def test_without_a_token_nobody_has_stated_an_expiry(stage: Stage) -> None:
    stage.engine.keep("shop")
    stage.engine.keep("each", EVERY_USE)

    each, shop = json.loads(stage.run("list", "--json").out)

    assert (each["status"], shop["status"]) == ("on_demand", "no_token")
    assert (shop["expires_at"], shop["expiry_source"]) == (None, "not_stated")


def test_what_stands_in_the_way_is_a_sentence_with_the_providers_own_words(stage: Stage) -> None:
    trouble = Trouble(
        TroubleKind.NEEDS_ATTENTION, stage.clock.wall, "invalid_client", "Invalid client credentials", 401
    )
    stage.engine.keep("shop", trouble=trouble)
    stage.engine.kept["id-of-shop"] = replace(
        stage.engine.kept["id-of-shop"],
        connection=replace(stage.engine.kept["id-of-shop"].connection, confirmed_origins=()),
    )

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row["status"] == "needs_attention"
    assert "Invalid client credentials" in row["last_error"]


def test_people_read_what_stands_in_the_way_beside_the_table(stage: Stage) -> None:
    stage.engine.keep("shop", trouble=Trouble(TroubleKind.SIGN_IN, stage.clock.wall, "invalid_grant"))

    shown = stage.run("list")

    assert "Sign in" in shown.out
    assert "invalid_grant" not in shown.out
    assert shown.err.startswith("shop: ")
    assert "invalid_grant" in shown.err


def test_a_request_that_another_process_waits_for_is_no_cut_off_one(stage: Stage) -> None:
    connection = stage.engine.keep("shop", token=token_set(stage.clock).facts)
    stage.engine.kept[connection.id] = replace(stage.engine.kept[connection.id], cut_off_at=stage.clock.wall)
    stage.engine.renewing.add(connection.id)

    (row,) = json.loads(stage.run("list", "--json").out)

    assert (row["status"], row["last_error"]) == ("renewing", None)


def test_a_refresh_that_was_cut_off_is_told_of(stage: Stage) -> None:
    connection = stage.engine.keep("shop", token=token_set(stage.clock).facts)
    stage.engine.kept[connection.id] = replace(stage.engine.kept[connection.id], cut_off_at=stage.clock.wall)

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row["status"] == "live"
    assert "cut off" in row["last_error"]


@pytest.mark.parametrize(
    ("passed", "said"), [(timedelta(0), "1 h 00 min"), (timedelta(minutes=50), "10:00"), (timedelta(hours=2), "ago")]
)
def test_people_read_what_is_left_of_a_token_but_not_when_the_window_would_renew_it(
    stage: Stage, passed: timedelta, said: str
) -> None:
    stage.engine.keep("shop", token=token_set(stage.clock).facts)
    stage.clock.advance(passed.total_seconds())

    shown = stage.run("list")

    assert said in shown.out
    assert "renew" not in shown.out


def test_passing_trouble_is_told_with_its_host(stage: Stage) -> None:
    trouble = Trouble(
        TroubleKind.WAITING, stage.clock.wall, "connect", retry_at=stage.clock.wall + timedelta(seconds=9)
    )
    stage.engine.keep("shop", trouble=trouble)

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row["status"] == "waiting"
    assert "api.acme.test" in row["last_error"]


def test_a_connection_whose_descriptor_is_gone_is_still_listed(stage: Stage) -> None:
    stage.engine.keep("orphan", replace(ACME, id="gone"))
    stage.engine.keep("shop")

    people, programs = stage.run("list"), json.loads(stage.run("list", "--json").out)

    assert people.code == 0
    assert "Needs attention" in people.out
    assert people.err.startswith("orphan: ")
    assert programs[0]["status"] == "needs_attention"
    assert "gone" in programs[0]["last_error"]
    assert programs[1]["status"] == "no_token"


def test_a_connection_whose_grant_is_gone_from_its_file_is_still_listed(stage: Stage) -> None:
    connection = stage.engine.keep("shop")
    stage.engine.kept[connection.id] = ConnectionRecord(replace(connection, grant="gone"))

    (row,) = json.loads(stage.run("list", "--json").out)

    assert row["status"] == "needs_attention"
    assert "grants.gone" in row["last_error"]


def test_a_name_that_the_locale_cannot_spell_is_shown_as_far_as_it_can(stage: Stage) -> None:
    stage.engine.keep("café")
    content = io.BytesIO()
    stdout = io.TextIOWrapper(content, encoding="ascii")

    shown = stage.run("list", stdout=stdout)

    assert shown.code == 0
    assert b"caf?" in content.getvalue()


def test_programs_read_ascii_only(stage: Stage) -> None:
    stage.engine.keep("café")

    shown = stage.run("list", "--json")

    assert shown.out.isascii()
    assert json.loads(shown.out)[0]["name"] == "café"


@pytest.mark.promise(38)
@pytest.mark.parametrize("words", [("list",), ("list", "--json")])
def test_an_empty_list_names_the_damaged_stores_that_were_set_aside(stage: Stage, words: tuple[str, ...]) -> None:
    stage.program.damaged = ("/home/ona/store.db.damaged-1", "/home/ona/store.db.damaged-2")

    empty = stage.run(*words)
    stage.engine.keep("shop")
    filled = stage.run(*words)

    assert empty.code == 0
    for path in stage.program.damaged:
        assert f"A damaged store was set aside as {path}." in empty.err
        assert path not in filled.err


def test_a_store_that_does_not_serve_is_exit_code_4(stage: Stage) -> None:
    stage.program.store = StoreDamaged("/kept/as/store.damaged", "file is not a database")

    shown = stage.run("list", "--json")

    assert (shown.code, shown.out) == (4, "")
    assert "/kept/as/store.damaged" in shown.err


def test_providers_tell_programs_what_add_needs(stage: Stage) -> None:
    stage.shelf.shelved = (ACME,)

    shown = stage.run("providers", "--json")

    assert json.loads(shown.out) == [
        {
            "id": "acme",
            "name": "Acme Pay",
            "source": {"page": "Authentication", "url": "https://acme.example.test/docs", "read": "2026-11-20"},
            "environments": ["production", "sandbox"],
            "grants": ["authorization_code", "client_credentials"],
            "test_calls": ["ping"],
            "fields": [
                {"key": "client_id", "label": "Client id", "secret": False, "required": True},
                {"key": "client_secret", "label": "Client secret", "secret": True, "required": True},
                {"key": "scope", "label": "Scope", "secret": False, "required": False},
            ],
        }
    ]


def test_providers_tell_people_which_fields_are_secret_and_which_may_stay_empty(stage: Stage) -> None:
    stage.shelf.shelved = (ACME, HOSTLESS)

    shown = stage.run("providers")

    acme, hostless = shown.out.split("\n\n")
    assert acme.startswith("acme: Acme Pay\n")
    assert "client_secret, secret" in acme
    assert "[scope]" in acme
    assert "none documented" in hostless


def test_a_wrong_descriptor_file_is_told_of_and_costs_only_itself(stage: Stage) -> None:
    stage.program.problems = (DescriptorError("mine.toml", "grants.main.url", "an https URL"),)

    shown = stage.run("providers", "--json")

    assert shown.code == 0
    assert len(json.loads(shown.out)) == len(stage.shelf.shelved)
    assert all(part in shown.err for part in ("mine.toml", "grants.main.url", "an https URL"))


FINE = Finding("Python", ok=True, detail="3.11.7")
NO_QT = Finding("Window", ok=False, detail="libEGL.so.1 is missing", advice="Type: apt install libegl1")
NO_KEYRING = Finding("Keyring", ok=False, detail="none works here", advice="Use a passphrase.", exit_code=4)

SHOP = Inspected(
    name="Web shop",
    id="id-of-shop",
    provider="acme",
    environment="production",
    grant="client_credentials",
    renewal="ahead",
    status="live",
    expiry=At(datetime(2026, 11, 20, 13, tzinfo=UTC), ExpirySource.EXPIRES_IN),
    trouble="",
    overrides=(),
)


@pytest.mark.parametrize(
    ("findings", "code"),
    [((), 0), ((FINE,), 0), ((FINE, NO_QT), 1), ((NO_KEYRING, FINE), 4), ((NO_QT, NO_KEYRING), 4)],
)
def test_doctor_answers_with_the_gravest_finding(stage: Stage, findings: tuple[Finding, ...], code: int) -> None:
    stage.program.findings = findings

    assert stage.run("doctor", "--json").code == code


def test_doctor_tells_people_what_to_do(stage: Stage) -> None:
    stage.program.findings = (FINE, NO_QT)

    shown = stage.run("doctor")

    assert shown.out.splitlines() == [
        "ok       Python  3.11.7",
        "PROBLEM  Window  libEGL.so.1 is missing",
        "         → Type: apt install libegl1",
        "",
        "Versions",
        "  Tokendeck 0.1.0, Python 3.11.7",
        "  Linux",
        "  2026-11-20 12:00:00+00:00",
    ]


def test_doctor_tells_programs_the_same(stage: Stage) -> None:
    stage.program.findings = (FINE, NO_QT)
    stage.program.inspected = (SHOP,)

    told = json.loads(stage.run("doctor", "--json").out)

    assert told["versions"] == {"Tokendeck": "0.1.0", "Python": "3.11.7"}
    assert told["checks"] == [
        {"check": "Python", "ok": True, "detail": "3.11.7", "advice": None},
        {"check": "Window", "ok": False, "detail": "libEGL.so.1 is missing", "advice": "Type: apt install libegl1"},
    ]
    assert told["counts"] == {"live": 1}
    assert told["connections"] == [
        {
            "name": "connection 1",
            "id": "id-of-shop",
            "provider": "acme",
            "environment": "production",
            "grant": "client_credentials",
            "renewal": "ahead",
            "status": "live",
            "expires_at": "2026-11-20T13:00:00Z",
            "expiry_source": "expires_in",
            "trouble": None,
            "overrides": [],
        }
    ]


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["people", "programs"])
def test_doctor_names_connections_only_where_that_is_asked_for(stage: Stage, form: tuple[str, ...]) -> None:
    stage.program.inspected = (SHOP,)

    numbered, named = stage.run("doctor", *form), stage.run("doctor", *form, "--with-names")

    assert "Web shop" not in numbered.out
    assert "connection 1" in numbered.out
    assert "Web shop" in named.out
