from __future__ import annotations

import pytest

from tokendeck.cli.table import cells, table


def test_columns_are_as_wide_as_their_widest_text() -> None:
    text = table([("NAME", "STATE"), ("a shop", "Live"), ("b", "Expired")], width=None, shrinking=())

    assert text.splitlines() == ["NAME    STATE", "a shop  Live", "b       Expired"]


def test_the_widest_columns_are_cut_first_where_the_terminal_is_narrow() -> None:
    rows = [("NAME", "PROVIDER", "STATE"), ("x" * 30, "Acme", "Live")]

    lines = table(rows, width=30, shrinking=(0, 1)).splitlines()

    assert lines == [f"{'NAME':13}  PROVIDER  STATE", "x" * 12 + "…" + "  Acme      Live"]


def test_no_column_is_cut_beyond_reading() -> None:
    lines = table([("x" * 30, "y" * 30, "Live")], width=10, shrinking=(0, 1)).splitlines()

    assert lines == ["xxxxxxx…  yyyyyyy…  Live"]


@pytest.mark.parametrize(("text", "width"), [("shop", 4), ("商店", 4), ("cafe\u0301", 4), ("", 0)])
def test_cells_are_counted_as_a_terminal_shows_them(text: str, width: int) -> None:
    assert cells(text) == width


def test_wide_characters_are_cut_to_whole_ones() -> None:
    lines = table([("商" * 10, "x")], width=12, shrinking=(0,)).splitlines()

    assert lines == ["商商商商…  x"]
