from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.desk import Desk, desk
from tokendeck.ui.signing_in.attempt import SigningIn

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["desk"]


class Browser:
    """Opens nothing; remembers what it was asked to open."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.is_there = True

    def __call__(self, address: str) -> bool:
        self.opened.append(address)
        return self.is_there


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def signing_in(desk: Desk, browser: Browser) -> Iterator[SigningIn]:
    made = SigningIn(desk.context, open_address=browser)
    made.heard = []  # type: ignore[attr-defined]  # for the tests alone
    made.told.connect(lambda words, tone, _: made.heard.append((words, tone)))  # type: ignore[attr-defined]  # as above
    yield made
    made.deleteLater()
