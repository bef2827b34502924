from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import HOUR, NOW, answer, grant
from tokendeck.core.answers import (
    LONGEST_LIFETIME,
    LONGEST_WORDS,
    MOST_SCOPES,
    Answer,
    clock_offset,
    plain_words,
    provider_words,
    read_expires_in,
    read_token_answer,
)
from tokendeck.core.errors import (
    UnusableToken,
)
from tokendeck.core.expiry import At, ExpirySource, Never, NotStated
from tokendeck.core.provider import AnswerShape, GrantKind
from tokendeck.core.secret import Secret

if TYPE_CHECKING:
    from tokendeck.core.token import TokenSet

SIGNED_IN = grant(kind=GrantKind.AUTHORIZATION_CODE)
HTML = {"content-type": "text/html; charset=utf-8"}


def read(body: object, status: int = 200, headers: dict[str, str] | None = None, **kept: Secret) -> TokenSet:
    text = body if isinstance(body, bytes) else json.dumps(body)
    return read_token_answer(answer(text, status, headers), grant(), "paysera", **kept)  # type: ignore[arg-type]  # only kept_refresh_token


def jwt(**claims: object) -> str:
    parts = ({"alg": "RS256"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join([*encoded, "c2ln"])


def test_a_plain_answer_gives_its_token_and_counts_from_the_request() -> None:
    tokens = read({"access_token": "abc", "token_type": "Bearer", "expires_in": 3600, "scope": "profile email"})

    assert tokens.access_token == Secret("abc")
    assert tokens.refresh_token is None
    assert tokens.token_type == "Bearer"
    assert tokens.facts.expiry == At(NOW.wall + HOUR, ExpirySource.EXPIRES_IN)
    assert tokens.facts.scope == ("profile", "email")
    assert not tokens.facts.has_refresh_token


def test_a_byte_order_mark_is_no_trouble() -> None:
    tokens = read(b'\xef\xbb\xbf{"access_token": "abc"}')

    assert tokens.access_token == Secret("abc")


def test_fields_are_read_where_the_descriptor_says() -> None:
    shape = AnswerShape(access_token="data.token", expires_in="data.ttl", scope="data.none.scope")
    body = json.dumps({"data": {"token": "abc", "ttl": "60", "none": 1}, "error": None})

    tokens = read_token_answer(answer(body), grant(shape=shape), "paysera")

    assert tokens.access_token == Secret("abc")
    assert tokens.facts.expiry == At(NOW.wall + timedelta(minutes=1), ExpirySource.EXPIRES_IN)
    assert tokens.facts.scope is None


@pytest.mark.promise(42)
def test_an_absent_refresh_token_keeps_the_old_one() -> None:
    tokens = read({"access_token": "abc", "refresh_token": ""}, kept_refresh_token=Secret("old"))

    assert tokens.refresh_token == Secret("old")
    assert tokens.facts.has_refresh_token


@pytest.mark.promise(42)
def test_a_new_refresh_token_replaces_the_old_one() -> None:
    tokens = read({"access_token": "abc", "refresh_token": "new"}, kept_refresh_token=Secret("old"))

    assert tokens.refresh_token == Secret("new")


@pytest.mark.promise(42)
@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        ("a  b", ("a", "b")),
        (["a", "b c", 3, None], ("a", "b c")),
        ("", ()),
        ("a\u202eb", ("ab",)),
        ("\ud800", ()),
        (None, None),
        (7, None),
        ({"a": 1}, None),
    ],
)
def test_granted_scopes_are_kept_as_plain_text(scope: object, kept: tuple[str, ...] | None) -> None:
    tokens = read({"access_token": "abc", "scope": scope, "unknown": {"field": 1}})

    assert tokens.facts.scope == kept


def test_scopes_without_end_are_cut() -> None:
    tokens = read({"access_token": "abc", "scope": "s " * 5000})

    assert tokens.facts.scope is not None
    assert len(tokens.facts.scope) == MOST_SCOPES


@pytest.mark.promise(41)
@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", " bearer ", "", None])
def test_bearer_is_read_in_any_case(token_type: str | None) -> None:
    assert read({"access_token": "abc", "token_type": token_type}).token_type == "Bearer"


@pytest.mark.promise(41)
@pytest.mark.parametrize(("token_type", "words"), [("mac", "mac"), ("DPoP", "DPoP"), (5, "5"), (True, ""), ({}, "")])
def test_another_token_type_is_refused(token_type: object, words: str) -> None:
    with pytest.raises(UnusableToken) as caught:
        read({"access_token": "abc", "token_type": token_type})

    assert (caught.value.code, caught.value.words) == ("token_type", words)


@pytest.mark.promise(41)
@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("token", ["a\r\nX: y", "gr\u00fcn", "a\x00", "\ud800", "\u202e"])
def test_a_token_that_no_request_can_carry_is_refused(name: str, token: str) -> None:
    with pytest.raises(UnusableToken) as caught:
        read({"access_token": "abc", name: token})

    assert caught.value.code == "token_characters"


@pytest.mark.promise(41)
def test_an_access_token_with_a_blank_is_refused() -> None:
    with pytest.raises(UnusableToken):
        read({"access_token": "a b"})


@pytest.mark.promise(44)
def test_a_token_of_64_kib_is_read() -> None:
    token = "t" * 64 * 1024

    assert read({"access_token": token}).access_token == Secret(token)


@pytest.mark.promise(39)
@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        (3600, 3600),
        ("3600", 3600),
        (" 3600 ", 3600),
        (3599.5, 3599.5),
        ("1e3", 1000),
        (0, 0),
        ("0", 0),
        (-1, None),
        ("-1", None),
        (None, None),
        (True, None),
        (False, None),
        (float("nan"), None),
        ("NaN", None),
        (float("inf"), None),
        (1e18, None),
        (10**400, None),
        ("soon", None),
        ("", None),
        ([3600], None),
        ({"seconds": 3600}, None),
        (LONGEST_LIFETIME.total_seconds(), LONGEST_LIFETIME.total_seconds()),
        (LONGEST_LIFETIME.total_seconds() + 1, None),
    ],
)
def test_every_form_of_expires_in_is_read_or_states_nothing(stated: object, seconds: float | None) -> None:
    assert read_expires_in(stated) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.promise(39)
@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_whatever_expires_in_is_the_token_is_read(stated: object) -> None:
    tokens = read({"access_token": "abc", "expires_in": stated})

    assert isinstance(tokens.facts.expiry, At | NotStated)


@pytest.mark.promise(39)
def test_an_absent_lifetime_is_not_stated_rather_than_never() -> None:
    assert read({"access_token": "abc"}).facts.expiry == NotStated()


def test_never_is_only_what_the_page_declares() -> None:
    tokens = read_token_answer(answer('{"access_token": "abc"}'), grant(never_expires=True), "payt")

    assert tokens.facts.expiry == Never("payt")


def test_the_declared_lifetime_comes_after_what_the_token_says() -> None:
    declared = grant(declared_lifetime=timedelta(hours=2))
    until = NOW.wall + timedelta(minutes=7)

    plain = read_token_answer(answer('{"access_token": "abc"}'), declared, "payt")
    signed = read_token_answer(answer(json.dumps({"access_token": jwt(exp=until.timestamp())})), declared, "payt")

    assert plain.facts.expiry == At(NOW.wall + 2 * HOUR, ExpirySource.DECLARED)
    assert signed.facts.expiry == At(until, ExpirySource.JWT)


def test_expires_in_comes_before_what_the_token_says() -> None:
    token = jwt(exp=(NOW.wall + 9 * HOUR).timestamp())

    assert read({"access_token": token, "expires_in": 3600}).facts.expiry == At(
        NOW.wall + HOUR, ExpirySource.EXPIRES_IN
    )


def test_a_jwt_that_has_ended_is_dead_on_arrival() -> None:
    tokens = read({"access_token": jwt(exp=(NOW.wall - HOUR).timestamp())})

    assert tokens.facts.remaining(NOW) == -HOUR


@pytest.mark.parametrize("exp", [None, "soon", True, 1e18, -1e18, datetime(9999, 12, 31, tzinfo=UTC).timestamp()])
def test_a_jwt_whose_end_is_no_date_states_nothing(exp: object) -> None:
    assert read({"access_token": jwt(exp=exp)}).facts.expiry == NotStated()


@pytest.mark.promise(32)
@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_wrong_clock_here_does_not_move_the_end_of_a_jwt(ahead: timedelta) -> None:
    theirs = NOW.wall + ahead
    token = jwt(exp=(theirs + HOUR).timestamp())

    tokens = read({"access_token": token}, headers={"date": format_datetime(theirs, usegmt=True)})

    left = tokens.facts.remaining(NOW)
    assert left is not None
    assert abs(left - HOUR) < timedelta(seconds=2)


def test_the_seconds_that_a_date_header_is_late_are_no_wrong_clock() -> None:
    date = format_datetime(NOW.wall - timedelta(seconds=20), usegmt=True)
    until = NOW.wall + HOUR

    tokens = read({"access_token": jwt(exp=until.timestamp())}, headers={"date": date})

    assert tokens.facts.expiry == At(until, ExpirySource.JWT)


def test_a_clock_too_wrong_to_reckon_with_leaves_the_end_as_it_is() -> None:
    until = datetime(1, 1, 2, tzinfo=UTC)

    tokens = read({"access_token": jwt(exp=until.timestamp())}, headers={"date": "Fri, 31 Dec 9999 00:00:00 GMT"})

    assert tokens.facts.expiry == At(until, ExpirySource.JWT)


def test_the_clock_offset_is_measured_at_half_the_latency() -> None:
    late = replace(answer(headers={"date": "Fri, 20 Nov 2026 12:05:00 GMT"}), latency=timedelta(seconds=2))

    assert clock_offset(late) == timedelta(minutes=5) - timedelta(seconds=1)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Fri, 20 Nov 99999999999999999999 12:05:00 GMT", " "])
def test_without_a_date_there_is_no_clock_offset(date: str | None) -> None:
    assert clock_offset(answer(headers={} if date is None else {"date": date})) is None


@pytest.mark.promise(19)
@given(st.text(st.characters(codec=None), max_size=2000))
def test_a_servers_text_becomes_one_plain_line(text: str) -> None:
    plain = plain_words(text)

    assert len(plain) <= LONGEST_WORDS
    assert plain == plain.strip()
    assert not any(character in plain for character in "\n\r\t\x1b\u202a\u202e\u2066\u200f\ud800")


@pytest.mark.promise(19)
def test_a_long_text_ends_in_an_ellipsis() -> None:
    plain = plain_words("no " * 1000)

    assert len(plain) == LONGEST_WORDS
    assert plain.endswith("…")


@pytest.mark.promise(19)
def test_direction_marks_and_line_breaks_go() -> None:
    assert plain_words("  pay\u202e to\n\x1b[31m\u2066me\u00a0now ") == "pay to [31mme now"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": "invalid_token", "error_description": "Token is expired"}', ("invalid_token", "Token is expired")),
        ('{"error": 17, "error_description": 1.5}', ("17", "1.5")),
        ('{"error": {"code": 1}, "error_description": ["x"]}', ("", "")),
        ('{"error": false}', ("", "")),
        ("<html>", ("", "")),
        ("[1]", ("", "")),
    ],
)
def test_the_providers_words_are_found_in_any_answer(body: str, said: tuple[str, str]) -> None:
    assert provider_words(answer(body, 401), AnswerShape()) == said


@pytest.mark.promise(19)
def test_a_number_is_cut_and_masked_like_any_text() -> None:
    body = json.dumps({"error": 482915, "error_description": 10**400})

    code, words = provider_words(answer(body, 401), AnswerShape(), [Secret("482915")])

    assert "482915" not in code
    assert len(words) == LONGEST_WORDS


@pytest.mark.promise(1)
def test_words_that_are_cut_in_the_middle_of_a_secret_show_no_half_of_it() -> None:
    body = {"error": "no", "error_description": "x" * 290 + "correct horse battery"}

    _, words = provider_words(answer(json.dumps(body), 401), AnswerShape(), [Secret("correct horse battery")])

    assert "correct" not in words


def test_an_answer_says_nothing_of_steps_it_did_not_take() -> None:
    plain = Answer(200, {}, b"", NOW, timedelta(0))

    assert (plain.too_long, plain.cut_off, plain.timings_ms) == (False, False, {})
