from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict, dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.secret import MASK, Secret, Text

PLANTED = "planted-s3cret"


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        lambda secret: f"{secret}",
        "{}".format,
        "{:>20}".format,
        "".join,
        str.encode,
        lambda secret: asdict(Holder(secret)),
        lambda secret: "text " + secret,
        lambda secret: pickle.dumps(Text("a", secret)),
        lambda secret: json.dumps({"token": Text(secret)}),
    ],
)
def test_a_secret_refuses(leak: object) -> None:
    with pytest.raises(TypeError):
        leak(Secret(PLANTED))  # type: ignore[operator]  # every parameter is a function


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "show",
    [str, repr, "%s".__mod__, "%r".__mod__, lambda secret: f"{secret!r}", lambda secret: repr(Holder(secret))],
)
def test_a_secret_shows_that_it_is_one_and_nothing_else(show: object) -> None:
    text = show(Secret(PLANTED))  # type: ignore[operator]  # every parameter is a function

    assert "Secret(…)" in text
    assert PLANTED not in text


def test_a_secret_keeps_no_attributes() -> None:
    assert not hasattr(Secret(PLANTED), "__dict__")


@pytest.mark.promise(44)
def test_a_secret_of_16_kib_is_revealed_whole() -> None:
    text = "s" * 16 * 1024

    assert Secret(text).reveal() == text


def test_secrets_compare_with_secrets_only() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2


def test_only_an_empty_secret_is_false() -> None:
    assert Secret("a")
    assert not Secret("")


def test_a_fingerprint_is_the_first_four_bytes_of_sha_256() -> None:
    assert Secret("abc").fingerprint() == "BA·78·16·BF"


def test_a_fingerprint_takes_any_text() -> None:
    assert Secret("\ud800").fingerprint() != Secret("\ud801").fingerprint()


@pytest.mark.parametrize("length", [0, 1, 10, 30])
def test_the_outline_of_a_short_secret_is_a_mask(length: int) -> None:
    assert Secret("x" * length).outline() == MASK


@given(st.text(min_size=31))
def test_an_outline_shows_less_than_a_third(text: str) -> None:
    outline = Secret(text).outline()

    assert outline == f"{text[:6]} {MASK * 3} {text[-4:]}"


def test_text_reveals_everything_and_masks_its_secrets_alike() -> None:
    short, long = Text("Bearer ", Secret("a")), Text("Bearer ", Secret("a" * 99))

    assert short.reveal() == "Bearer a"
    assert short.masked() == long.masked() == f"Bearer {MASK}"
    assert repr(short) == f"Text('Bearer {MASK}')"
    assert f"{short}" == repr(short)


def test_an_empty_secret_is_masked_as_nothing() -> None:
    assert Text("a", Secret("")).masked() == "a"


def test_text_knows_whether_it_is_secret_or_empty() -> None:
    assert Text("a", Secret("b")).is_secret
    assert not Text("a").is_secret
    assert Text(Secret("b"))
    assert not Text("", Secret(""))


def test_texts_compare_piece_by_piece() -> None:
    assert Text("a", Secret("b")) == Text("a", Secret("b"))
    assert Text("a", "b") != Text("a", Secret("b"))
    assert Text("a") != "a"
    assert len({Text("a"), Text("a")}) == 1
