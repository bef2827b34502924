from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.jwt import LARGEST_JWT, numeric_date, read_jwt


def encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_header_and_claims_are_read() -> None:
    jwt = read_jwt(f"{encoded({'alg': 'RS256'})}.{encoded({'sub': 'grün', 'exp': 1795176000})}.c2ln")

    assert jwt is not None
    assert jwt.header == {"alg": "RS256"}
    assert jwt.claims["sub"] == "grün"
    assert jwt.time_claim("exp") == datetime.fromtimestamp(1795176000, UTC)
    assert jwt.time_claim("nbf") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "opaque",
        "a.b",
        "..",
        "a.b.c.d.e",
        f"{encoded({})}.{encoded([])}.x",
        f"{encoded(1)}.{encoded({})}.x",
        f"{encoded({})}.{encoded(b'{')}.x",
        f"{encoded({})}.{encoded(b'[' * 40_000)}.x",
        f"{encoded({})}.{encoded(bytes([0xFF, 0xFE, 0xFF]))}.x",
        f"{encoded({})}.!!!!.x",
        f"{encoded({})}.grün.x",
        f"{encoded({})}.{encoded({'a': 'b' * LARGEST_JWT})}.x",
    ],
)
def test_what_is_no_signed_token_is_none(text: str) -> None:
    assert read_jwt(text) is None


@given(st.text() | st.lists(st.binary(), min_size=3, max_size=3).map(lambda parts: ".".join(map(encoded, parts))))
def test_garbage_raises_nothing(text: str) -> None:
    jwt = read_jwt(text)

    assert jwt is None or isinstance(jwt.claims, dict)


@pytest.mark.parametrize("value", [None, True, "1795176000", [1], float("nan"), float("inf"), 1e18, -1e18, 10**400])
def test_what_is_no_date_is_none(value: object) -> None:
    assert numeric_date(value) is None


@pytest.mark.parametrize("value", [0, 1795176000, 1795176000.5, -1])
def test_seconds_since_1970_are_a_date(value: float) -> None:
    date = numeric_date(value)

    assert date is not None
    assert date.timestamp() == value
