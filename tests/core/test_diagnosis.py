from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core import samples
from tokendeck.core.connection import Trouble, TroubleKind
from tokendeck.core.diagnosis import Diagnosis, Finding, inspected, private_texts
from tokendeck.core.expiry import Never
from tokendeck.core.secret import MASK, Secret
from tokendeck.core.wording import Wording

SHOP = samples.record()
OWN = samples.record(
    connection=samples.connection(
        id="1" * 32,
        name="Web shop, staging",
        environment="Kaunas lab",
        values={"client_id": "kaunas-20417", "merchant": "abc"},
        overrides={"base_url": "https://pay.kaunas.test"},
        tags=("payroll",),
    ),
    token=None,
)


def diagnosis(*said: str) -> Diagnosis:
    records = (SHOP, OWN)
    connections = tuple(
        inspected(one, samples.provider(), status=status, renewal="ahead")
        for one, status in zip(records, ("live", "no_token"), strict=True)
    )
    return Diagnosis(
        at=samples.NOW.wall,
        parts={"Tokendeck": "0.1.0", "Python": "3.11.7"},
        system="Linux",
        findings=(Finding("Store", ok=True, detail="It opens."),),
        connections=connections,
        log=said,
        private=private_texts(records, connections),
        home="/home/ona",
    )


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("client kaunas-20417 is unknown", f"client {MASK} is unknown"),
        ("no route to https://pay.kaunas.test", f"no route to {MASK}"),
        ("in Kaunas lab", f"in {MASK}"),
        ("tagged payroll", f"tagged {MASK}"),
        ("Web shop, staging waits", "connection 2 waits"),
        ("Web shop waits", "connection 1 waits"),
        ("/home/ona/deck and '/home/ona' but /home/onaz", "~/deck and '~' but /home/onaz"),
        ("payrolls abc production", "payrolls abc production"),
    ],
)
def test_what_people_typed_is_told_to_nobody(said: str, told: str) -> None:
    found = replace(diagnosis(said), findings=(Finding("Store", ok=False, detail=said, advice=said),))

    shown = found.told(names=False)

    assert shown.log == (told,)
    assert (shown.findings[0].detail, shown.findings[0].advice) == (told, told)
    assert (shown.private, found.private) == (frozenset(), diagnosis().private)


def test_names_are_told_where_they_are_wanted() -> None:
    shown = diagnosis("Web shop, staging waits for kaunas-20417").told(names=True)

    assert [one.name for one in shown.connections] == ["Web shop", "Web shop, staging"]
    assert shown.log == (f"Web shop, staging waits for {MASK}",)


@pytest.mark.promise(1)
def test_a_secret_is_told_to_nobody() -> None:
    held = Secret("correct horse battery")

    shown = diagnosis("it said correct horse battery", "Authorization: Basic abcdefgh").told(names=True)

    assert shown.log == (f"it said {MASK}", f"Authorization: {MASK}")
    assert held


def test_a_home_without_connections_is_told_as_it_is() -> None:
    empty = replace(diagnosis("all quiet"), connections=(), private=frozenset(), home="")

    assert empty.told(names=False) == empty


def test_an_environment_of_ones_own_is_not_named() -> None:
    shop, own = diagnosis().connections

    assert (shop.environment, own.environment) == ("production", None)
    assert inspected(SHOP, None, status="needs_attention", renewal="").environment is None


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("invalid_client", 401, "invalid_client 401"),
        ("unknown-client-kaunas-20417", 400, "400"),
        ("token_type", None, "token_type"),
    ],
)
def test_only_codes_that_are_written_down_somewhere_are_told(code: str, status: int | None, told: str) -> None:
    trouble = Trouble(TroubleKind.NEEDS_ATTENTION, samples.NOW.wall, code=code, words="of Kaunas", status=status)

    shown = inspected(samples.record(trouble=trouble), samples.provider(), status="needs_attention", renewal="ahead")

    assert shown.trouble == told


def test_trouble_that_the_status_does_not_tell_is_told_beside_it() -> None:
    trouble = Trouble(TroubleKind.SIGN_IN, samples.NOW.wall, code="invalid_grant")

    shown = inspected(samples.record(trouble=trouble), samples.provider(), status="paused", renewal="ahead")

    assert shown.trouble == "sign_in invalid_grant"


def test_the_gravest_finding_decides() -> None:
    fine, bad, grave = (
        Finding("A", ok=True, detail="", exit_code=4),
        Finding("B", ok=False, detail=""),
        Finding("C", ok=False, detail="", exit_code=4),
    )

    assert [replace(diagnosis(), findings=some).exit_code for some in ((fine,), (fine, bad), (bad, grave))] == [0, 1, 4]


def test_one_text_says_everything() -> None:
    shut = replace(diagnosis().connections[0], trouble="waiting connect", expiry=None)
    found = replace(
        diagnosis("2026-11-20 12:00:00 INFO it began"),
        findings=(
            Finding("Store", ok=True, detail="It opens."),
            Finding("Keyring", ok=False, detail="It is mute.", advice="Start it."),
        ),
        connections=(
            *diagnosis().connections,
            replace(shut, name="Third"),
            replace(shut, name="Fourth", expiry=Never("x")),
        ),
    )

    text = Wording().report(found.told(names=False))

    assert text.splitlines() == [
        "ok       Store    It opens.",
        "PROBLEM  Keyring  It is mute.",
        "         → Start it.",
        "",
        "Versions",
        "  Tokendeck 0.1.0, Python 3.11.7",
        "  Linux",
        "  2026-11-20 12:00:00+00:00",
        "",
        "Connections: 4 (live 3, no_token 1)",
        f"  connection 1 ({'0' * 32}): paysera, production, main, ahead, live, expires_in 2026-11-20 13:00:00+00:00",
        f"  connection 2 ({'1' * 32}): paysera, an environment of its own, main, ahead, no_token, overrides base_url",
        f"  connection 3 ({'0' * 32}): paysera, production, main, ahead, live, waiting connect",
        f"  connection 4 ({'0' * 32}): paysera, production, main, ahead, live, never, waiting connect",
        "",
        "Log",
        "  2026-11-20 12:00:00 INFO it began",
    ]


def test_of_very_many_connections_the_counts_say_enough() -> None:
    one = replace(diagnosis().connections[0], expiry=None)
    found = replace(diagnosis(), connections=tuple(replace(one, name=f"shop {number}") for number in range(10_000)))

    lines = Wording().report(found.told(names=False)).splitlines()

    assert "Connections: 10000 (live 10000)" in lines
    assert lines[-1] == "  and 9800 more"
    assert len(lines) < 250
