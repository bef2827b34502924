from __future__ import annotations

import pytest

from tests.core.samples import METHODS, grant, provider
from tokendeck.core.provider import Field, GrantKind, Hazard, TestCall
from tokendeck.core.template import Template

EVERYWHERE = Field("a", "A")
ELSEWHERE = Field("b", "B", grants=("another",))
HERE = Field("c", "C", grants=("main", "another"))


def test_grants_calls_and_environments_are_found_by_id() -> None:
    described = provider(test_calls=(METHODS,))

    assert described.grant("main") is described.grants[0]
    assert described.test_call("methods") is METHODS
    assert described.environment("own") is described.environments[1]
    assert described.environment("staging") is None


def test_what_is_not_described_is_a_key_error() -> None:
    described = provider(test_calls=(METHODS,))

    with pytest.raises(KeyError):
        described.grant("none")
    with pytest.raises(KeyError):
        described.test_call("none")


def test_a_connection_fills_in_the_fields_of_its_grant() -> None:
    assert provider(fields=(EVERYWHERE, ELSEWHERE, HERE)).fields_of("main") == (EVERYWHERE, HERE)


def test_a_hazard_threatens_its_grants_or_all() -> None:
    hazards = (Hazard("all", "!"), Hazard("some", "!", ("another",)))

    assert provider(hazards=hazards).hazards_of("main") == hazards[:1]
    assert provider(hazards=hazards).hazards_of("another") == hazards


@pytest.mark.parametrize(("method", "safe"), [("GET", True), ("HEAD", True), ("POST", False), ("DELETE", False)])
def test_only_reading_is_safe(method: str, *, safe: bool) -> None:
    assert TestCall("c", "Call", method, Template.parse("https://api.test/")).is_safe is safe


@pytest.mark.parametrize("kind", list(GrantKind))
def test_all_grants_but_client_credentials_need_a_person(kind: GrantKind) -> None:
    assert grant(kind=kind).needs_person is (kind is not GrantKind.CLIENT_CREDENTIALS)
