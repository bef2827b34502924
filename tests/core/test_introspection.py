"""What a provider says of a token."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.core.samples import NOW, answer, grant
from tokendeck.core.errors import ConfigurationRefused, UnreadableAnswer
from tokendeck.core.introspection import Introspection, read_introspection
from tokendeck.core.secret import Secret


def read(fields: object, *secrets: str) -> Introspection:
    return read_introspection(answer(json.dumps(fields)), grant(), secrets=[Secret(one) for one in secrets])


def test_the_example_of_the_rfc_is_read() -> None:
    told = read({"active": True, "client_id": "l238j323ds-23ij4", "scope": "read write", "exp": 1419356238})

    assert told == Introspection(
        active=True,
        asked_at=NOW.wall,
        claims={
            "client_id": "l238j323ds-23ij4",
            "scope": "read write",
            "exp": datetime(2014, 12, 23, 17, 37, 18, tzinfo=UTC),
        },
    )


def test_a_token_that_is_not_active_needs_no_more_words() -> None:
    assert read({"active": False}).claims == {}


@pytest.mark.promise(19)
def test_claims_are_plain_text_and_what_cannot_be_shown_is_left_out() -> None:
    told = read(
        {
            "active": True,
            "aud": ["a", "b"],
            "mfa": True,
            "level": 3,
            "exp": 1e18,
            "na\u202eme": "<b>x\n</b>",
            "token": "s3cret-token",
            "nested": {"a": 1},
            "mixed": ["a", 1],
            "nothing": None,
        },
        "s3cret-token",
    )

    assert told.claims.pop("token") != "s3cret-token"  # type: ignore[attr-defined]  # a dict behind the Mapping
    assert told.claims == {
        "aud": "a b",
        "mfa": "true",
        "level": "3",
        "exp": "1e+18",
        "name": "<b>x </b>",
    }


@pytest.mark.parametrize("active", ["true", 1, None])
def test_an_answer_that_does_not_say_is_unreadable(active: object) -> None:
    with pytest.raises(UnreadableAnswer):
        read({"active": active})


def test_a_refusal_says_who_can_mend_it() -> None:
    with pytest.raises(ConfigurationRefused):
        read_introspection(answer('{"error": "invalid_client"}', 401), grant())
