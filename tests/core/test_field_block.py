from __future__ import annotations

import pytest

from tokendeck.core.field_block import Fault, Problem, read_field_block


def values(text: str) -> dict[str, str]:
    block = read_field_block(text)
    assert block.problems == []
    return {key: secret.reveal() for key, secret in block.fields.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("key=value", "value"),
        ("  key = value  ", "value"),
        ("export key=value", "value"),
        ("key='a value'", "a value"),
        ("key='it is #1' # the first", "it is #1"),
        ('key="a \\"quoted\\" \\$value\\\\ with \\n"', 'a "quoted" $value\\ with \\n'),
        ("key=no # comment, a secret may hold this", "no # comment, a secret may hold this"),
        ("key=a=b=", "a=b="),
        ("key=", ""),
        ("key=''", ""),
        ("key=value\r\n", "value"),
        ("# a comment\n\n   \nkey=value\n", "value"),
        ("key=first\nkey=last", "last"),
        ('{"key": "va\\"lue"}', 'va"lue'),
        ('\n {"key": 12345}', "12345"),
    ],
)
def test_a_value_is_read_as_a_shell_or_json_would_read_it(text: str, value: str) -> None:
    assert values(text) == {"key": value}


@pytest.mark.parametrize("text", ["", "\n # nothing \n", "{}"])
def test_an_empty_block_holds_nothing(text: str) -> None:
    assert values(text) == {}


@pytest.mark.parametrize(
    ("text", "fault", "where"),
    [
        ("key=fine\nhunter2-and-nothing-else", Fault.NO_PAIR, "2"),
        ("1key=hunter2", Fault.NO_PAIR, "1"),
        ("key='hunter2", Fault.OPEN_QUOTE, "1"),
        ('key="hunter2', Fault.OPEN_QUOTE, "1"),
        ("key='hunter2'hunter2", Fault.OPEN_QUOTE, "1"),
        ('{"key": "hunter2"', Fault.NO_OBJECT, ""),
        ('{"key": ' * 100_000, Fault.NO_OBJECT, ""),
        ('{"key": ["hunter2"]}', Fault.NO_TEXT, "key"),
        ('{"key": true}', Fault.NO_TEXT, "key"),
        ('{"key": 1.50}', Fault.NO_TEXT, "key"),
        ('{"key": null}', Fault.NO_TEXT, "key"),
    ],
)
def test_what_cannot_be_read_is_placed_and_never_repeated(text: str, fault: Fault, where: str) -> None:
    block = read_field_block(text)

    assert block.problems == [Problem(fault, where)]
    assert "hunter2" not in repr(block)


def test_what_can_be_read_beside_it_is_given() -> None:
    block = read_field_block("first=1\n???\nsecond='2\nthird=3")

    assert {key: secret.reveal() for key, secret in block.fields.items()} == {
        "first": "1",
        "second": "'2",
        "third": "3",
    }
