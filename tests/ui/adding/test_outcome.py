from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale

from tests.ui import samples
from tokendeck.core.expiry import Expiry, Never, NotStated
from tokendeck.core.wording import Wording
from tokendeck.engine.issue import Issue
from tokendeck.ui.adding.outcome import granted_scopes, minted


@pytest.mark.parametrize(
    ("expiry", "sentence"),
    [
        (None, "It works. 200 in 212 ms, Bearer token good for 1 hour."),
        (Never("payt"), "It works. 200 in 212 ms, Bearer token that never expires."),
        (NotStated(), "It works. 200 in 212 ms, Bearer token; how long it is good for is not stated."),
    ],
)
def test_a_mint_is_told_with_the_truth_about_its_end(expiry: Expiry | None, sentence: str) -> None:
    issue = Issue(samples.tokens(of=samples.facts(expiry)), status=200, latency_ms=212.4)

    assert minted(Wording(), issue) == sentence


def test_a_token_that_another_process_fetched_has_no_figures() -> None:
    assert minted(Wording(), Issue(samples.tokens())) == "It works. Bearer token good for 1 hour."


@pytest.mark.parametrize(
    ("granted", "asked", "sentence"),
    [
        (None, "a", ""),
        (("b", "a"), "a b", ""),
        (("a",), "", "Granted a; none were asked for."),
        ((), "a", "Granted no scope; you asked for a."),
        (("a",), "a b", f"Granted a; you asked for {QLocale().createSeparatedList(['a', 'b'])}."),
    ],
)
def test_scopes_are_compared_where_they_differ(granted: tuple[str, ...] | None, asked: str, sentence: str) -> None:
    facts = replace(samples.facts(), scope=granted)
    connection = samples.connection(samples.PYNG, values={"scope": asked})

    assert granted_scopes(facts, connection) == sentence
