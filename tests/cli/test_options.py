"""A command line that only opens the window is read without the whole grammar, and no other."""

from __future__ import annotations

import io
from itertools import permutations

import pytest

from tokendeck.cli.options import read_options
from tokendeck.cli.parser import parse

PLAIN = (
    ["--home", "a b"],
    ["--home=c=d"],
    ["--passphrase-file", "e"],
    ["--passphrase-file=f"],
    ["--demo"],
    ["--debug"],
)


@pytest.mark.parametrize("count", range(4))
def test_what_is_read_is_what_the_whole_grammar_reads(count: int) -> None:
    for chosen in permutations(PLAIN, count):
        argv = [word for words in chosen for word in words]

        assert read_options(argv) == parse(argv, stdout=io.StringIO(), stderr=io.StringIO()).options


@pytest.mark.parametrize(
    "argv",
    [
        *(["list"], ["--debug", "list"], ["--help"], ["--version"], ["--odd"], ["--hom", "a"], ["-h"], ["--"], [""]),
        *(["--home"], ["--home="], ["--home", ""], ["--home", "--debug"], ["--home", "-a"], ["--home=-a"]),
        *(["--debug=1"], ["--demo="], ["--recovery-key-file", "a"]),
    ],
    ids=" ".join,
)
def test_anything_else_is_left_to_the_whole_grammar(argv: list[str]) -> None:
    assert read_options(argv) is None
