from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.samples import answer, grant
from tokendeck.core.answers import LONGEST_WORDS, read_token_answer
from tokendeck.core.errors import (
    ConfigurationRefused,
    GrantDead,
    ProviderBusy,
    TokendeckError,
    UnreadableAnswer,
)
from tokendeck.core.provider import Grant, GrantKind, RateBudget
from tokendeck.core.secret import Secret

SIGNED_IN = grant(kind=GrantKind.AUTHORIZATION_CODE)
HTML = {"content-type": "text/html; charset=utf-8"}
ERROR = '{"error": "%s", "error_description": "the words"}'


@pytest.mark.promise(40)
@pytest.mark.parametrize(
    ("status", "body", "headers", "expected", "said"),
    [
        # A code that says whose turn it is
        (400, ERROR % "invalid_client", {}, ConfigurationRefused, "invalid_client"),
        (401, ERROR % "invalid_client", {}, ConfigurationRefused, "invalid_client"),
        (400, ERROR % "unauthorized_client", {}, ConfigurationRefused, "unauthorized_client"),
        (400, ERROR % "invalid_scope", {}, ConfigurationRefused, "invalid_scope"),
        (400, ERROR % "invalid_request", {}, ConfigurationRefused, "invalid_request"),
        (400, ERROR % "bad_request", {}, ConfigurationRefused, "bad_request"),
        (403, ERROR % "", {}, ConfigurationRefused, ""),
        (200, ERROR % "invalid_client", {}, ConfigurationRefused, "invalid_client"),
        (200, '{"error": {"code": 7}, "access_token": "abc"}', {}, ConfigurationRefused, ""),
        (200, '{"error": 7, "access_token": "abc"}', {}, ConfigurationRefused, "7"),
        (200, '{"error": true, "access_token": "abc"}', {}, ConfigurationRefused, ""),
        (400, ERROR % "temporarily_unavailable", {}, ProviderBusy, "temporarily_unavailable"),
        (200, ERROR % "server_error", {}, ProviderBusy, "server_error"),
        # A status that says it
        (408, "", {}, ProviderBusy, ""),
        (425, "", {}, ProviderBusy, ""),
        (429, ERROR % "invalid_client", {}, ProviderBusy, "invalid_client"),
        (500, "<html>", HTML, ProviderBusy, ""),
        (503, "", {}, ProviderBusy, ""),
        (599, ERROR % "invalid_grant", {}, ProviderBusy, "invalid_grant"),
        (302, "", {}, UnreadableAnswer, "redirect"),
        (307, ERROR % "invalid_client", {}, UnreadableAnswer, "redirect"),
        (407, ERROR % "invalid_client", {}, UnreadableAnswer, "not_json"),
        (407, "<html>", HTML, UnreadableAnswer, "web_page"),
        (401, "", {}, ConfigurationRefused, ""),
        (404, "not here", {}, ConfigurationRefused, ""),
        # Bodies that are something else
        (200, "<html>", HTML, UnreadableAnswer, "web_page"),
        (200, "  <!doctype html>", {}, UnreadableAnswer, "web_page"),
        (401, "<html>", HTML, UnreadableAnswer, "web_page"),
        (200, "", {}, UnreadableAnswer, "not_json"),
        (204, "", {}, UnreadableAnswer, "not_json"),
        (200, "[]", {}, UnreadableAnswer, "not_json"),
        (200, "null", {}, UnreadableAnswer, "not_json"),
        (200, "{", {}, UnreadableAnswer, "not_json"),
        (200, "[" * 100_000, {}, UnreadableAnswer, "not_json"),
        (200, "{}", {}, UnreadableAnswer, "no_token"),
        (200, '{"access_token": null}', {}, UnreadableAnswer, "no_token"),
        (200, '{"access_token": ""}', {}, UnreadableAnswer, "no_token"),
        (200, '{"access_token": 5}', {}, UnreadableAnswer, "no_token"),
        (200, '{"access_token": ["abc"], "error": null}', {}, UnreadableAnswer, "no_token"),
        (400, '[{"message": "no"}]', {}, ConfigurationRefused, ""),
    ],
)
def test_an_answer_without_a_token_says_who_can_mend_it(
    status: int, body: str, headers: dict[str, str], expected: type[TokendeckError], said: str
) -> None:
    with pytest.raises(expected) as caught:
        read_token_answer(answer(body, status, headers), grant(), "paysera")

    error = caught.value
    assert (error.what if isinstance(error, UnreadableAnswer) else error.code) == said  # type: ignore[attr-defined]  # all others have one
    assert error.status == status  # type: ignore[attr-defined]  # each holds what the provider said


@pytest.mark.promise(24)
def test_a_dead_grant_asks_for_a_person_where_one_signed_in() -> None:
    refused = answer(ERROR % "invalid_grant", 400)

    with pytest.raises(GrantDead) as caught:
        read_token_answer(refused, SIGNED_IN, "payt")

    assert (caught.value.status, caught.value.code, caught.value.words) == (400, "invalid_grant", "the words")


def test_nobody_is_sent_to_sign_in_where_the_grant_needs_no_person() -> None:
    with pytest.raises(ConfigurationRefused) as caught:
        read_token_answer(answer(ERROR % "invalid_grant", 400), grant(), "paysera")

    assert caught.value.code == "invalid_grant"


@pytest.mark.promise(40)
@pytest.mark.parametrize(
    ("cut_off", "too_long", "body", "what"),
    [
        (True, False, '{"access_token": "abc"', "cut_off"),
        (False, True, '{"access_token": "abc", "padding": "', "too_long"),
        (True, True, "{", "cut_off"),
        (False, True, "<html>", "web_page"),
        (True, False, "<html>", "web_page"),
    ],
)
def test_half_an_answer_is_passing_trouble(*, cut_off: bool, too_long: bool, body: str, what: str) -> None:
    half = replace(answer(body), cut_off=cut_off, too_long=too_long)

    with pytest.raises(UnreadableAnswer) as caught:
        read_token_answer(half, grant(), "paysera")

    assert caught.value.what == what


@pytest.mark.promise(40)
def test_half_an_answer_is_not_taken_for_a_whole_one() -> None:
    complete_by_chance = replace(answer('{"access_token": "abc"}'), cut_off=True)

    with pytest.raises(UnreadableAnswer):
        read_token_answer(complete_by_chance, grant(), "paysera")


@pytest.mark.promise(27)
def test_busy_answers_say_when_to_come_back() -> None:
    rate = RateBudget(50, timedelta(minutes=1), reset_header="X-RateLimit-Reset")

    with pytest.raises(ProviderBusy) as caught:
        read_token_answer(answer("", 429, {"x-ratelimit-reset": "42"}), grant(), "paysera", rate=rate)

    assert caught.value.retry_after == timedelta(seconds=42)


def test_an_error_that_nobody_mapped_is_quoted_whole_with_secrets_masked() -> None:
    body = json.dumps({"message": "no such client s3cret/1", "client_secret": "guess", "retry": 5})

    with pytest.raises(ConfigurationRefused) as caught:
        read_token_answer(answer(body, 400), grant(), "paysera", secrets=[Secret("s3cret/1")])

    assert "no such client" in caught.value.words
    assert "s3cret" not in caught.value.words
    assert "guess" not in caught.value.words


@pytest.mark.promise(1)
@pytest.mark.parametrize("spelled", ["s3cret/1", "s3cret%2F1", "czNjcmV0LzE="])
def test_a_secret_that_the_provider_repeats_is_masked(spelled: str) -> None:
    body = json.dumps({"error": f"bad {spelled}", "error_description": f"not {spelled}"})

    with pytest.raises(ConfigurationRefused) as caught:
        read_token_answer(answer(body, 400), grant(), "paysera", secrets=[Secret("s3cret/1")])

    assert spelled not in caught.value.code + caught.value.words


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)
FIELD_NAMES = st.sampled_from(
    ["access_token", "token_type", "expires_in", "refresh_token", "scope", "error", "error_description"]
)
BODIES = st.one_of(
    st.binary(),
    JSON_VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELD_NAMES, JSON_VALUES).map(lambda value: json.dumps(value).encode()),
)
HEADERS = st.dictionaries(st.sampled_from(["content-type", "date", "retry-after", "x-reset"]), st.text())


@pytest.mark.promise(40)
@given(BODIES, st.integers(100, 999), HEADERS, st.sampled_from([grant(), SIGNED_IN, grant(never_expires=True)]))
def test_arbitrary_answers_are_read_or_classified(
    body: bytes, status: int, headers: dict[str, str], one: Grant
) -> None:
    rate = RateBudget(1, timedelta(seconds=1), reset_header="X-Reset")

    try:
        tokens = read_token_answer(answer(body, status, headers), one, "any", rate=rate, secrets=[Secret("s")])
    except TokendeckError as error:
        words = getattr(error, "words", "")
        assert len(words) <= LONGEST_WORDS
        assert words.isprintable()
    else:
        assert tokens.access_token
