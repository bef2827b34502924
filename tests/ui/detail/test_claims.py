from __future__ import annotations

import pytest

from tests.ui import samples
from tokendeck.core.jwt import Jwt
from tokendeck.core.wording import Wording
from tokendeck.ui.detail import claims


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"sub": "shop", "iss": "https://id.test/realms/a/"}, "issued for shop by id.test/realms/a"),
        ({"client_id": "app", "sub": "person"}, "issued for app"),
        ({"iss": "the issuer"}, "issued by the issuer"),
        ({"iss": "https://[broken"}, "issued by https://[broken"),
        ({"sub": None}, "names neither issuer nor subject"),
    ],
)
def test_the_summary_says_for_whom_and_by_whom(said: dict[str, object], sentence: str) -> None:
    assert claims.summary(Jwt({}, said)) == sentence


def test_times_are_in_words_and_everything_else_as_it_is() -> None:
    jwt = Jwt({"alg": "none", "x5t": 1}, {"exp": samples.NOON.timestamp(), "nbf": "soon", "roles": ["a"], "n": None})

    rows = dict(claims.rows(jwt, Wording(), samples.NOW))

    assert rows["alg · algorithm"] == "none"
    assert rows["x5t · header"] == "1"
    assert rows["exp · expires"].startswith("today at ")
    assert rows["nbf · not before"] == "soon"
    assert rows["roles"] == '["a"]'
    assert rows["n"] == ""


@pytest.mark.promise(19)
def test_what_a_token_says_is_plain_and_not_too_long() -> None:
    jwt = Jwt({}, {"\u202ename": "x" * 1000, "bell": "a\x07b"})

    rows = dict(claims.rows(jwt, Wording(), samples.NOW))

    assert len(rows["name"]) == 300
    assert rows["bell"] == "ab"
