from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokendeck.core.errors import FieldError
from tokendeck.core.secret import MASK, Secret
from tokendeck.core.template import Template


def test_placeholders_are_filled() -> None:
    template = Template.parse("{base_url}/oauth/{realm}/token")

    text = template.fill({"base_url": "https://api.example.test", "realm": "x", "unused": "y"})

    assert template.names == {"base_url", "realm"}
    assert text.reveal() == "https://api.example.test/oauth/x/token"


def test_double_braces_are_braces() -> None:
    template = Template.parse('{{"a": {b}}}')

    assert template.names == {"b"}
    assert template.fill({"b": "1"}).reveal() == '{"a": 1}'


@pytest.mark.parametrize("source", ["{", "}", "{}", "{a b}", "{1a}", "a}b", "{{a}", "{ä}", "{a.b}", "{a!r}"])
def test_a_lone_brace_is_an_error(source: str) -> None:
    with pytest.raises(ValueError, match="lone"):
        Template.parse(source)


def test_a_secret_stays_one_inside_the_text() -> None:
    text = Template.parse("id:{secret}").fill({"secret": Secret("s3cret")})

    assert text.is_secret
    assert text.reveal() == "id:s3cret"
    assert text.masked() == f"id:{MASK}"


def test_a_missing_field_is_named() -> None:
    with pytest.raises(FieldError) as caught:
        Template.parse("{b}{a}{c}").fill({"b": "x"})

    assert caught.value.key == "a"


@given(st.text())
def test_filling_never_reads_again_what_was_filled_in(value: str) -> None:
    assert Template.parse("<{a}>").fill({"a": value}).reveal() == f"<{value}>"


@given(st.text())
def test_any_text_is_a_template_once_its_braces_are_doubled(text: str) -> None:
    template = Template.parse(text.replace("{", "{{").replace("}", "}}"))

    assert template.fill({}).reveal() == text
    assert not template.names
