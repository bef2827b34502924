"""What connections are found by."""

from __future__ import annotations

import pytest

from tests.ui.samples import PAYSERA, connection, record
from tokendeck.core.provider import Provider
from tokendeck.ui.connections.search_index import SearchIndex

SHOP = record(connection(PAYSERA))


@pytest.fixture
def index() -> SearchIndex:
    return SearchIndex(lambda _: PAYSERA)


def test_texts_are_made_a_few_at_a_time_until_none_is_missing(index: SearchIndex) -> None:
    records = {str(number): record(connection(PAYSERA, f"Shop {number}", id=str(number))) for number in range(5)}

    assert [index.take_in(records, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert all(f"shop {key}" in text for key, text in index.texts.items())


def test_what_is_found_by_follows_the_descriptor_that_comes_later() -> None:
    known = list[Provider]()
    index = SearchIndex(lambda _: known[0] if known else None)
    before = index.text(SHOP), index.facets(SHOP).provider

    known.append(PAYSERA)
    index.forget(SHOP.connection.id)

    name = PAYSERA.name.casefold()
    assert [name in part for part in before] == [False, False]
    assert name in index.text(SHOP)
    assert name in index.facets(SHOP).provider


def test_connections_that_have_them_in_common_share_facets_unless_they_differ_by_overrides(index: SearchIndex) -> None:
    alike = record(connection(PAYSERA, "Another"))
    other = record(connection(PAYSERA, "Other", overrides={"base_url": "https://other.example"}))

    assert index.facets(alike) is index.facets(SHOP)
    assert index.facets(other) is not index.facets(SHOP)
