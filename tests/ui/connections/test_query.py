from __future__ import annotations

from typing import NoReturn

import pytest

from tokendeck.ui.connections.query import Facets, Query

SHOP = "web shop\nshop\npaysera checkout\napi.paysera.com"
ITS_FACETS = Facets("production production", ("shop", "vilnius"), "paysera paysera checkout")


def matches(text: str, state: str = "live") -> bool:
    return Query.parse(text).matches(SHOP, lambda: ITS_FACETS, lambda: state)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "WEB",
        "shop web",
        "api.paysera",
        "state:live",
        "state:due,live",
        "env:prod",
        "tag:vil",
        "tag:#shop",
        "provider:checkout",
        "web state:li env:production",
        "state:",
    ],
)
def test_connection_is_found(text: str) -> None:
    assert matches(text)


@pytest.mark.parametrize("text", ["payt", "web payt", "state:due", "env:sandbox", "tag:oslo", "provider:payt"])
def test_connection_is_not_found(text: str) -> None:
    assert not matches(text)


@pytest.mark.parametrize("text", ["state:needs", "state:needs_attention", "state:needs-attention"])
def test_state_of_two_words_is_found_however_it_is_joined(text: str) -> None:
    assert matches(text, state="needs_attention")


def test_colon_after_any_other_word_is_searched_as_it_stands() -> None:
    assert Query.parse("https://api").words == ("https://api",)


def forbidden() -> NoReturn:
    raise AssertionError


def test_nothing_is_asked_for_without_need() -> None:
    assert Query.parse("web env:prod").matches(SHOP, lambda: ITS_FACETS, forbidden)
    assert Query.parse("web api").matches(SHOP, forbidden, forbidden)


def test_query_without_anything_to_look_for_is_empty() -> None:
    assert Query.parse("  state: ").is_empty
    assert not Query.parse("a").is_empty
