from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tokendeck.core.masking import _spellings, mask_body, mask_text
from tokendeck.core.secret import MASK, Secret

AWKWARD = 's3 "cret"/\\ü'


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "spelled",
    [
        AWKWARD,
        json.dumps(AWKWARD)[1:-1],
        json.dumps(AWKWARD, ensure_ascii=False)[1:-1],
        quote(AWKWARD, safe=""),
        quote(AWKWARD, safe="").replace("%20", "+"),
        quote(AWKWARD, safe="").lower(),
        base64.b64encode(AWKWARD.encode()).decode(),
        base64.urlsafe_b64encode(AWKWARD.encode()).decode(),
    ],
)
def test_a_known_secret_is_masked_however_it_is_spelled(spelled: str) -> None:
    assert mask_text(f"before {spelled} after", [Secret(AWKWARD)]) == f"before {MASK} after"


@pytest.mark.promise(1)
@pytest.mark.parametrize("user", ["a", "ab", "abc", "merchant-20417"])
@pytest.mark.parametrize("after", ["", "!", "!!"])
def test_a_secret_inside_a_repeated_basic_header_is_masked(user: str, after: str) -> None:
    header = base64.b64encode(f"{user}:correct horse battery{after}".encode()).decode()

    shown = mask_text(f"Authorization: Basic {header}", [Secret("correct horse battery")])

    before, mask, rest = shown.removeprefix("Authorization: Basic ").partition(MASK)
    assert mask
    assert b"correct" not in base64.b64decode(before + "A" * (-len(before) % 4))
    assert len(rest) <= 6  # what stands after it, and the letter that it shares with it


@pytest.mark.promise(1)
@pytest.mark.parametrize("user", ["a", "ab", "abc"])
def test_a_secret_that_was_form_encoded_for_its_basic_header_is_masked(user: str) -> None:
    header = base64.b64encode(f"{user}:{quote(AWKWARD, safe='')}".encode()).decode()

    assert MASK in mask_text(f"Authorization: Basic {header}", [Secret(AWKWARD)])


@pytest.mark.promise(1)
@pytest.mark.parametrize("body", [b'{"echo": 482915, "of": [482915]}', b'{"token": {"482915": 1}}'])
def test_a_secret_of_digits_is_masked_as_a_number_and_as_a_key(body: bytes) -> None:
    assert "482915" not in mask_body(body, [Secret("482915")])


@pytest.mark.promise(1)
@given(secret=st.text(min_size=1, max_size=40), before=st.text(max_size=9), after=st.text(max_size=9), data=st.data())
def test_no_spelling_of_any_secret_is_passed_over(secret: str, before: str, after: str, data: st.DataObject) -> None:
    spelling = data.draw(st.sampled_from(sorted(_spellings(secret))))

    assert MASK in mask_text(before + spelling + after, [Secret(secret)])


@pytest.mark.promise(1)
@given(secret=st.binary(min_size=6, max_size=40).map(lambda raw: raw.hex()), around=st.binary(max_size=9))
def test_no_secret_inside_base64_is_passed_over(secret: str, around: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(around + secret.encode() + around).decode()

        assert MASK in mask_text(f"sent {text} away", [Secret(secret)])


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert mask_text("abcdef", [Secret("abc"), Secret("abcdef")]) == MASK


def test_an_empty_secret_masks_nothing() -> None:
    assert mask_text("abc", [Secret("")]) == "abc"


def test_json_is_indented_and_what_sounds_secret_is_masked_at_any_depth() -> None:
    body = {
        "access_token": "a",
        "clientSecret": {"value": "b", "parts": ["c", 1, None]},
        "items": [{"api-key": "d", "name": "grün"}],
        "count": 3,
    }

    shown = json.loads(mask_body(json.dumps(body).encode(), []))

    assert shown == {
        "access_token": MASK,
        "clientSecret": {"value": MASK, "parts": [MASK, 1, None]},
        "items": [{"api-key": MASK, "name": "grün"}],
        "count": 3,
    }


def test_json_keeps_its_letters_and_is_laid_out() -> None:
    assert mask_body('\ufeff{"name":"grün"}'.encode(), []) == '{\n  "name": "grün"\n}'


@pytest.mark.parametrize("body", [b"plain", b"\xff\xfe", b"[" * 100_000, b""])
def test_other_bodies_are_shown_as_they_are(body: bytes) -> None:
    assert mask_body(body, []) == body.decode("utf-8", "replace")


AROUND = st.recursive(st.text(max_size=3), lambda one: st.lists(one) | st.dictionaries(st.text(max_size=3), one))


@pytest.mark.promise(1)
@given(secret=st.text(st.characters(exclude_characters=MASK), min_size=6), around=AROUND, as_json=st.booleans())
def test_no_body_shows_a_known_secret(secret: str, around: object, *, as_json: bool) -> None:
    assume(secret not in _shown("", around, as_json=as_json))

    shown = _shown(secret, around, as_json=as_json)

    assert secret not in shown
    assert json.dumps(secret)[1:-1] not in shown


def _shown(secret: str, around: object, *, as_json: bool) -> str:
    value = {"note": f"x{secret}y", secret: [secret], "around": around}
    body = json.dumps(value).encode() if as_json else f"x{secret}y {around}".encode("utf-8", "replace")
    return mask_body(body, [Secret(secret)])
