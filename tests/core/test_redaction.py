from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote_plus

import pytest

from tokendeck.core.redaction import redact
from tokendeck.core.secret import MASK, Secret, live_secrets

AWKWARD = "s3 %c'r\"et/\\ü"


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "spelled",
    [
        AWKWARD,
        json.dumps(AWKWARD)[1:-1],
        quote_plus(AWKWARD),
        base64.b64encode(AWKWARD.encode()).decode(),
        repr(AWKWARD)[1:-1],
        repr(AWKWARD.encode())[2:-1],
    ],
    ids=["raw", "json", "url", "base64", "repr", "bytes"],
)
def test_a_secret_that_somebody_holds_is_masked_however_it_is_spelled(spelled: str) -> None:
    held = Secret(AWKWARD)

    redacted = redact(f"the library says {spelled} here")

    assert redacted == f"the library says {MASK} here"
    assert held


def test_a_secret_that_is_too_short_to_be_told_from_other_text_garbles_none() -> None:
    held = Secret("plain")

    assert redact("a plain sentence") == "a plain sentence"
    assert held


def test_nothing_is_kept_in_memory_to_be_masked_later() -> None:
    once, again = Secret("held by two"), Secret("held by two")

    del once
    left_one = [one.reveal() for one in live_secrets()].count("held by two")
    del again
    left_none = [one.reveal() for one in live_secrets()].count("held by two")

    assert (left_one, left_none) == (1, 0)


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Authorization: Basic bWU6c2VjcmV0", f"Authorization: {MASK}"),
        ("curl -H 'authorization: Bearer 0123456789'", f"curl -H 'authorization: {MASK}"),
        ("sent Bearer 0123456789 away", f"sent Bearer {MASK} away"),
        ("{'Cookie': 'id=1; key=2'}\nnext", f"{{'Cookie': {MASK}\nnext"),
        ("client_id=me&client_secret=two%20words&scope=a", f"client_id=me&client_secret={MASK}&scope=a"),
        (
            '{"renewal_secret_of_shop": "a\\"b", "expires_in": 3600}',
            f'{{"renewal_secret_of_shop": {MASK}, "expires_in": 3600}}',
        ),
        ("Draft(name='shop', password='hunter two')", f"Draft(name='shop', password={MASK})"),
        ("?code=SplxlOBeZQ&state=af0ifjsld HTTP", f"?code={MASK}&state={MASK} HTTP"),
        (
            "could not read -----BEGIN EC PRIVATE KEY-----\\nMHcC\\n-----END EC PRIVATE KEY-----\\n",
            f"could not read -----BEGIN EC PRIVATE KEY-----{MASK} EC PRIVATE KEY-----\\n",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMHcC\nQAB\nand no end", f"-----BEGIN PRIVATE KEY-----{MASK}"),
        ("it got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln back", f"it got {MASK} back"),
    ],
)
def test_what_stands_where_secrets_stand_is_masked(text: str, redacted: str) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "renewal of 0f3a stopped: ConfigurationRefused",
        "no token: status_code=401, the bearer of bad news",
        "asking for a token: Unreachable (connect)",
        "/home/me/.local/share/tokendeck/store.db",
    ],
)
def test_what_helps_is_left_as_it_is(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", ["a" * 300_000, "secret." * 40_000, "'token': '" + "\\" * 300_000])
def test_long_text_takes_no_longer_than_its_length(text: str) -> None:
    begun = time.process_time()

    redact(text)

    assert time.process_time() - begun < 5
