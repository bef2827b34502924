"""Ten thousand answers that no provider should give, and whatever else a server may say."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.samples import answer, grant
from tokendeck.core.answers import LONGEST_WORDS, provider_words, read_token_answer
from tokendeck.core.errors import ConfigurationRefused, GrantDead, ProviderBusy, UnreadableAnswer, UnusableToken
from tokendeck.core.expiry import At, Never, NotStated
from tokendeck.core.masking import mask_body
from tokendeck.core.provider import AnswerShape, GrantKind, RateBudget
from tokendeck.core.secret import Secret
from tokendeck.core.token import TokenSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokendeck.core.answers import Answer
    from tokendeck.core.errors.root import ProviderSaid
    from tokendeck.core.provider import Grant

ANSWERS, BYTES_EACH, AT_ONCE = 10_000, 16, 40
"""A generated answer is spelled out of a few bytes, many from one draw: drawn piece by piece they took minutes."""

NAMES = ("access_token", "token_type", "expires_in", "refresh_token", "scope", "error", "error_description", "data", "")
VALUES: tuple[object, ...] = (
    *(
        "abc",
        "",
        " ",
        "Bearer",
        "mac",
        "a b",
        "a\r\nX: 1",
        "\x00",
        "\ud800",
        "\u202egnp.exe",
        "\ufeff",
        "gr\u00fcn",
        "x" * 5000,
    ),
    *("invalid_client", "invalid_grant", "temporarily_unavailable", "<b>no</b>", "3600", "-1", "NaN", "1e999", "٣"),
    *(0, -1, 3600, 3599.5, 10**400, float("nan"), float("inf"), -0.0, 1e18, None, True, False),
    *([], [None], ["abc", "b c", 3], {}, {"access_token": "abc"}, {"error": {"error": {}}}, [[[[[["deep"]]]]]]),
)
PIECES = (
    *(b"{", b"}", b"[", b"]", b":", b",", b'"', b" ", b"\n", b"\\", b"\\u", b"\\ud800", b"d800"),
    *(b'"access_token"', b'"error"', b'"expires_in"', b'"abc"', b"null", b"true", b"-", b"0", b"1e999", b"NaN"),
    *(b"<html>", b"<!--", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xc3", b"\x1f\x8b", b"[" * 2000, b'{"a":' * 500),
)
STATUSES = (200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 407, 408, 429, 500, 503, 599, 100, 999)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"content-type": "text/html"},
    {"content-type": "\ud800", "date": "yesterday"},
    {"retry-after": "soon", "date": "Fri, 31 Dec 9999 23:59:59 GMT"},
    {"retry-after": "9" * 400, "x-reset": "-1"},
    {"x-reset": "1" * 13, "date": "Mon, 01 Jan 0001 00:00:00 +2359"},
)
PEOPLES = grant(kind=GrantKind.AUTHORIZATION_CODE, shape=AnswerShape(access_token="data.access_token"))
GRANTS = (grant(), grant(never_expires=True), grant(declared_lifetime=timedelta(hours=2)), PEOPLES)
RATE = RateBudget(1, timedelta(seconds=1), reset_header="X-Reset")


def spelled(entropy: bytes) -> bytes:
    """Give a body: the bytes themselves, pieces of JSON in any order, or an object of odd values, perhaps broken."""
    kind, *rest = entropy
    if kind % 5 == 0:
        return entropy
    if kind % 5 == 1:
        return b"".join(PIECES[one % len(PIECES)] for one in rest)
    pairs = zip(rest[::2], rest[1::2], strict=False)
    text = json.dumps({NAMES[name % len(NAMES)]: VALUES[value % len(VALUES)] for name, value in pairs})
    if kind % 5 == 2:
        return text.encode("utf-16")[: rest[0] * 8]
    return text.encode("utf-8-sig" if kind % 5 == 3 else "utf-8")


def answers_of(entropy: bytes) -> Iterator[tuple[bytes, bytes]]:
    for start in range(0, len(entropy), BYTES_EACH):
        yield entropy[start : start + 3], spelled(entropy[start + 3 : start + BYTES_EACH])


def outcome(came: Answer, by: Grant) -> TokenSet | ProviderSaid:
    try:
        return read_token_answer(came, by, "any", rate=RATE)
    except (GrantDead, ConfigurationRefused, UnusableToken, ProviderBusy, UnreadableAnswer) as error:
        return error


@pytest.mark.promise(39)
@pytest.mark.promise(40)
@settings(max_examples=ANSWERS // AT_ONCE)
@given(st.binary(min_size=AT_ONCE * BYTES_EACH, max_size=AT_ONCE * BYTES_EACH))
def test_whatever_a_server_answers_is_a_token_or_says_who_can_mend_it(entropy: bytes) -> None:
    for (status, header, by), body in answers_of(entropy):
        came = answer(body, STATUSES[status % len(STATUSES)], HEADERS[header % len(HEADERS)])

        read = outcome(came, GRANTS[by % len(GRANTS)])

        if isinstance(read, TokenSet):
            assert read.access_token
            assert isinstance(read.facts.expiry, At | Never | NotStated)
        else:
            assert len(read.words) <= LONGEST_WORDS
            assert (read.words + read.code).isprintable()
        assert isinstance(mask_body(body, ()), str)
        assert all(said.isprintable() for said in provider_words(came, AnswerShape(), [Secret("s3cret")]))


def test_what_is_spelled_is_of_every_kind() -> None:
    """Else the ten thousand would say little."""
    chance = random.Random(40)  # noqa: S311 - a sample

    read = {
        type(outcome(answer(body, STATUSES[status % len(STATUSES)]), GRANTS[by % len(GRANTS)]))
        for (status, _, by), body in answers_of(chance.randbytes(5000 * BYTES_EACH))
    }

    assert read == {TokenSet, GrantDead, ConfigurationRefused, UnusableToken, ProviderBusy, UnreadableAnswer}
