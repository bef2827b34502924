"""Finding a connection by its name, and names that are like a mistyped one."""

from __future__ import annotations

import pytest

from tokendeck.engine.names import Names


def test_a_name_is_found_without_regard_to_case_and_blanks_around_it() -> None:
    names = Names()
    names.put("a", "Straße")

    assert names.find(" STRASSE ") == "a"


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    names = Names()
    names.put("a", "Shop")

    names.put("a", "Desk")

    assert (names.find("shop"), names.find("desk")) == (None, "a")


def test_names_that_two_exchange_are_each_found_whichever_is_heard_of_first() -> None:
    names = Names()
    names.put("a", "Shop")
    names.put("b", "Desk")

    names.put("a", "Desk")
    names.put("b", "Shop")

    assert (names.find("desk"), names.find("shop")) == ("a", "b")


def test_a_dropped_name_is_found_no_more_and_dropping_it_again_is_no_error() -> None:
    names = Names()
    names.put("a", "Shop")

    names.drop("a")
    names.drop("a")

    assert names.find("shop") is None


@pytest.mark.parametrize(
    "mistyped", ["Shop 4711 in Bernn", "Shp 4711 in Bern", "Zhop 4711 in Bern", "shop 471 in bern"]
)
def test_a_name_like_it_is_found_among_ten_thousand(mistyped: str) -> None:
    names = Names()
    for number in range(10_000):
        names.put(f"{number}", f"Desk {number:05} at home")
    names.put("bern", "Shop 4711 in Bern")

    assert names.near(mistyped) == ("Shop 4711 in Bern",)
