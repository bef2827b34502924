from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QLocale

from tokendeck.ui.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 connections"), (1, "1 connection"), (10_000, "10.000 connections")]
)
def test_a_count_is_written_as_the_locale_writes_it(count: int, words: str) -> None:
    assert plural("Footer", "%Ln connection", "%Ln connections", count) == words
