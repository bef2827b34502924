"""What is remembered where nothing was sent, and how it is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.core.samples import NOW, grant, provider, record
from tokendeck.core.errors import (
    BadUrl,
    ConfigurationRefused,
    FieldError,
    OriginNotConfirmed,
    ProviderBusy,
    VaultDamaged,
)
from tokendeck.core.status import NeedsAttention, status_of
from tokendeck.core.trouble import WITHHELD, Withheld, error_from, is_withheld, next_try_in, trouble_from
from tokendeck.core.wording import Wording

WALL = NOW.wall
MINUTE = timedelta(minutes=1)
ELSEWHERE = OriginNotConfirmed("https://elsewhere.test:443")
FIELD = FieldError("client_secret", "no control characters")
URL = BadUrl("https://api.test/?", "a base URL without a ? part")
ALTERED = VaultDamaged("0" * 32, "settings")


@pytest.mark.promise(10)
@pytest.mark.parametrize("error", [ELSEWHERE, FIELD, URL, ALTERED], ids=repr)
def test_what_was_not_sent_is_remembered_whole_and_waits_for_a_person(error: Withheld) -> None:
    trouble = trouble_from(error, None, WALL, 0.5)

    again = error_from(trouble, "api.test", WALL)
    assert (type(again), vars(again)) == (type(error), vars(error))
    assert is_withheld(trouble)
    assert next_try_in(trouble, WALL) is None
    assert status_of(record(trouble=trouble), grant(), NOW) == NeedsAttention(trouble)


def test_what_was_not_sent_takes_back_no_pause_that_the_provider_asked_for() -> None:
    busy = trouble_from(ProviderBusy(status=429, retry_after=MINUTE), None, WALL, 1.0)

    trouble = trouble_from(ELSEWHERE, busy, WALL, 1.0)

    assert trouble.hold_until == WALL + MINUTE


@pytest.mark.parametrize("code", sorted(WITHHELD))
def test_a_provider_that_uses_one_of_our_codes_has_refused_all_the_same(code: str) -> None:
    trouble = trouble_from(ConfigurationRefused(status=400, code=code), None, WALL, 0.5)

    assert not is_withheld(trouble)
    assert isinstance(error_from(trouble, "api.test", WALL), ConfigurationRefused)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ELSEWHERE,
            (
                "This would take a secret to elsewhere.test, which you have not confirmed. Nothing was sent. "
                "If it belongs there, edit the connection and save it to confirm."
            ),
        ),
        (
            FIELD,
            (
                "Nothing was sent, because it cannot be sent like this. "
                "Client secret: expected no control characters. Edit the connection to correct it."
            ),
        ),
        (
            URL,
            (
                "Nothing was sent, because it cannot be sent like this. “https://api.test/?” is no address that "
                "Tokendeck sends to: expected a base URL without a ? part. Edit the connection to correct it."
            ),
        ),
        (ALTERED, Wording().error(ALTERED)),
    ],
    ids=repr,
)
def test_the_list_says_what_keeps_it_back_and_what_to_do(error: Withheld, said: str) -> None:
    one = record(trouble=trouble_from(error, None, WALL, 0.5))
    status = status_of(one, grant(), NOW)

    assert Wording().status_sentence(one, status, provider(), grant(), NOW) == said
