from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.ui import samples
from tokendeck.core.expiry import At, ExpirySource, Never, NotStated
from tokendeck.core.provider import Renewal, RenewalPolicy
from tokendeck.core.wording import Wording
from tokendeck.ui.detail.renewal_words import renewal_words

if TYPE_CHECKING:
    from tokendeck.core.provider import Grant
    from tokendeck.core.token import TokenFacts

AHEAD = samples.PAYSERA.grants[0]
ENDLESS = samples.PAYT.grants[0]
SHORT = At(samples.NOON + timedelta(minutes=4), ExpirySource.EXPIRES_IN)


def facts(expiry: At | Never | NotStated) -> TokenFacts:
    return samples.facts(expiry, age=timedelta(0))


@pytest.mark.parametrize(
    ("grant", "token", "words", "why"),
    [
        (AHEAD, samples.facts(), "in the background, about 5 minutes before it expires", ""),
        (
            AHEAD,
            facts(SHORT),
            "in the background, about 48 seconds before it expires",
            "a fifth of a lifetime of 4 minutes",
        ),
        (
            AHEAD,
            None,
            "in the background, about 5 minutes before it expires",
            "or a fifth of its lifetime, where that is less",
        ),
        (AHEAD, facts(Never("payt")), "not needed", "the token never expires"),
        (ENDLESS, None, "not needed", "the token never expires"),
        (
            AHEAD,
            facts(NotStated()),
            "when a test call is answered 401, or when you ask",
            "no lifetime is stated",
        ),
        (
            replace(AHEAD, renewal=Renewal(RenewalPolicy.AHEAD, timedelta(0), every=timedelta(hours=2))),
            facts(NotStated()),
            "in the background, whenever the token is 2 hours old",
            "no lifetime is stated",
        ),
        (samples.PAYSECUREZ.grants[0], None, "a new token for every copy and every test", ""),
        (replace(AHEAD, renewal=Renewal(RenewalPolicy.MANUAL, timedelta(0))), None, "only when you ask", ""),
    ],
)
def test_renewal_is_told_as_it_applies_to_the_token(
    grant: Grant, token: TokenFacts | None, words: str, why: str
) -> None:
    said = renewal_words(grant, token, Wording())

    assert said == (words, why)
